"""Rules of what a study may show: models of few people, and numbers of people that are rounded."""

import csv
import json
import unittest

import jsonschema
from harness import REPOSITORY, FolderTest, cohortium, must
from studies import MEMBERS, SITES, site_options, synthesise, trial

MODELS = [
    {"id": "line", "kind": "linear", "formula": "age ~ arm"},
    {"id": "open", "kind": "glm", "family": "binomial", "formula": "event ~ age", "strength": "opened"},
    {"id": "hazards", "kind": "cox", "time": "time", "event": "event", "formula": "~ age"},
    {"id": "arms", "kind": "count", "by": "arm"},
]
COUNTS = [
    {"id": "arms", "kind": "table", "by": ["arm"], "proportions": "all"},
    {"id": "died", "kind": "proportion", "outcome": "event", "by": "arm"},
    {"id": "ages", "kind": "histogram", "column": "age", "breaks": [18, 60, 70, 95]},
]


def nearest(count, to):
    return (count + to // 2) // to * to


class DisclosureTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.records = synthesise(self.folder / "records", 60)

    def run_study(self, study, name="study"):
        path, out = self.folder / f"{name}.json", self.folder / f"{name}-out"
        path.write_text(json.dumps(study))
        done = must(cohortium("run", path, *site_options(self.records), "--compare", "--out", out))
        result = json.loads((out / "result.json").read_text())
        schema = json.loads((REPOSITORY / "docs/schema/result.schema.json").read_text())
        jsonschema.Draft7Validator(schema).validate(result)
        return result, done.out, (out / "report.html").read_text()

    def check(self, study):
        path = self.folder / "checked.json"
        path.write_text(json.dumps(study))
        return cohortium("study", "check", path)

    def people(self):
        for folder in self.records.values():
            with open(folder / "trial.csv", newline="") as file:
                yield from csv.DictReader(file)

    def models(self, **release):
        return trial(analyses=MODELS, release={"minimum_cell": 3, **release})

    def test_models_of_few_people_are_withheld_by_name(self):
        people = list(self.people())
        events = sum(person["event"] == "1" for person in people)
        rarer = min(events, len(people) - events)
        # So many per parameter that the linear model (2 of 180 people) passes, and those that go by events do not.
        ratio = rarer // 2 + 1
        self.assertLess(2 * ratio, len(people))
        result, text, report = self.run_study(self.models(rows_per_parameter=ratio))
        rule = f"rows per parameter {ratio} of the study"
        withheld = {entry["analysis"]: entry for entry in result["withheld"]}
        self.assertEqual({name for name, entry in withheld.items() if entry["rule"] == rule}, {"open"})
        self.assertIn("too few people for 2 parameters", withheld["open"]["what"])
        self.assertEqual(result["analyses"]["open"]["terms"], [])
        self.assertIn("too few people for 2 parameters", result["analyses"]["open"]["note"])
        self.assertIn({"rule": rule, "numbers": 1}, result["withheld_by_rule"])
        self.assertEqual(result["study"]["release"]["rows_per_parameter"], ratio)
        for shown in (text, report):
            self.assertIn(rule, shown)
        for name in ("line", "hazards"):
            self.assertTrue(result["analyses"][name]["terms"], name)
        # One person more for each is enough.
        result, *_ = self.run_study(self.models(rows_per_parameter=rarer / 2), "enough")
        self.assertTrue(result["analyses"]["open"]["terms"])
        result, *_ = self.run_study(self.models(rows_per_parameter=events + 1), "hazards")
        self.assertEqual(result["analyses"]["hazards"]["terms"], [])

    def test_what_a_study_says_beforehand(self):
        text = must(self.check(self.models())).out
        self.assertIn("at least 3 people per parameter and 3 more people than parameters", text)
        self.assertIn("fewer than 6 people for its 2 parameters", text)
        text = must(self.check(trial(analyses=COUNTS, release={"minimum_cell": 7, "round_to": 5}))).out
        self.assertIn("nearest multiple of 5, thus off by at most 2, and none below 8", text)
        self.assertIn("minimum cell 8", text)

    def test_numbers_are_rounded_before_they_are_opened(self):
        people = list(self.people())
        result, text, report = self.run_study(trial(analyses=COUNTS, release={"minimum_cell": 7, "round_to": 5}))
        self.assertEqual(result["rounding"], {"to": 5, "off_by_at_most": 2, "least": 8, "totals": "rounded independently"})
        self.assertEqual(result["study"]["release"]["minimum_cell"], 8)
        table, died, ages = (result["analyses"][name] for name in ("arms", "died", "ages"))
        arms = {arm: [person for person in people if person["arm"] == arm] for arm in ("control", "treatment")}
        for cell in table["cells"]:
            self.assertEqual(cell["n"], nearest(len(arms[cell["levels"][0]]), 5))
            self.assertAlmostEqual(cell["proportion"], cell["n"] / nearest(len(people), 5))
        self.assertEqual(table["totals"][0]["n"], nearest(len(people), 5))
        for group in died["groups"]:
            members = arms[group["group"]]
            events = sum(person["event"] == "1" for person in members)
            self.assertEqual((group["events"], group["n"]), (nearest(events, 5), nearest(len(members), 5)))
            self.assertAlmostEqual(group["value"], group["events"] / group["n"])
        for low, high, shown in zip((18, 60, 70), (60, 70, 96), ages["groups"][0]["counts"]):
            count = sum(low <= float(person["age"]) < high for person in people)
            self.assertGreaterEqual(count, 8)
            self.assertEqual(shown, nearest(count, 5))
        for page in (text, report):
            self.assertIn("off by at most 2", page)

    def test_kinds_that_cannot_be_rounded(self):
        for analyses, where in ((trial()["analyses"], "/analyses/0/kind"), (COUNTS[:1] + MODELS[:1], "/analyses/1/kind")):
            self.assertFails(self.check(trial(analyses=analyses, release={"round_to": 5})), "study.no_rounding", where)
        both = trial(analyses=COUNTS, release={"round_to": 5, "privacy": {"rho": 0.1}})
        self.assertFails(self.check(both), "study.no_rounding", "/release/round_to")
        self.assertFails(self.check(trial(release={"round_to": 1})), "study.not_as_declared", "/release/round_to")

    def write_sites(self, counts):
        """Records of so many people by arm per site: {"north": (30, 5)}."""
        with open(next(iter(self.records.values())) / "trial.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        for site, numbers in counts.items():
            with open(self.records[site] / "trial.csv", "w", newline="") as file:
                writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
                writer.writeheader()
                for arm, number in zip(("control", "treatment"), numbers):
                    for i in range(number):
                        writer.writerow({**rows[i], "arm": arm, "event": i % 2})

    def test_a_site_learns_nothing_about_few_people_of_the_others(self):
        self.write_sites({"north": (40, 20), "south": (2, 20), "east": (2, 20)})
        kinds = [{"id": "arms", "kind": "count", "by": "arm"},
                 {"id": "died", "kind": "proportion", "outcome": "event", "by": "arm"},
                 {"id": "ages", "kind": "describe", "column": "age", "by": "arm"},
                 {"id": "all", "kind": "count"}]
        release = {"minimum_cell": 5}
        open_to_north, *_ = self.run_study(trial(analyses=kinds, release=release), "open")
        self.assertEqual([cell["n"] for cell in open_to_north["analyses"]["arms"]["cells"]], [44, 60])
        study = trial(analyses=kinds, release={**release, "protect_sites": True})
        self.assertIn("protected: no group of whom all but some, but fewer than 5, are of one site", must(self.check(study)).out)
        result, text, report = self.run_study(study)
        # North has all controls but four. The number of all would tell it theirs.
        self.assertEqual([cell["n"] for cell in result["analyses"]["arms"]["cells"]], [None, 60])
        self.assertEqual([group["n"] for group in result["analyses"]["died"]["groups"]], [None, 60])
        self.assertEqual([group["n"] for group in result["analyses"]["ages"]["groups"]], [None, 60])
        self.assertIsNone(result["analyses"]["ages"]["groups"][0]["mean"])
        self.assertIsNone(result["analyses"]["all"]["cells"][0]["n"])
        rules = {rule["rule"]: rule["numbers"] for rule in result["withheld_by_rule"]}
        self.assertEqual(rules, {"protection of sites": 3, "across analyses": 1})
        self.assertIn("protection of sites 3", text)
        self.assertIn("protection of sites", report)
        self.assertNotIn("withheld (&lt;", report)  # more than a minimum may have closed a cell
        self.assertTrue(result["study"]["release"]["protect_sites"])

    def test_that_nobody_or_everybody_has_the_event_may_be_hidden(self):
        """At every site all treated died, and no control."""
        self.write_sites({site: (20, 30) for site in self.records})
        for site in self.records:
            path = self.records[site] / "trial.csv"
            rows = list(csv.DictReader(path.open(newline="")))
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
                writer.writeheader()
                writer.writerows({**row, "event": int(row["arm"] == "treatment")} for row in rows)
        study = trial(analyses=[{"id": "died", "kind": "proportion", "outcome": "event", "by": "arm"}],
                      release={"minimum_cell": 5})
        shown, *_ = self.run_study(study, "shown")
        self.assertEqual([group["events"] for group in shown["analyses"]["died"]["groups"]], [0, 90])
        study["release"]["zero_and_full"] = False
        self.assertIn("nobody, or everybody", must(self.check(study)).out)
        hidden, _, report = self.run_study(study, "hidden")
        control, treatment = hidden["analyses"]["died"]["groups"]
        self.assertEqual((control["n"], control["events"]), (None, None))
        self.assertEqual((treatment["n"], treatment["events"]), (None, 90))
        self.assertIn("none and all withheld", report)

    def test_a_group_of_which_few_values_are_most_is_not_described(self):
        self.write_sites({"north": (6, 30), "south": (4, 30), "east": (5, 30)})
        study = trial(analyses=[{"id": "ages", "kind": "describe", "column": "age", "by": "arm"}, {"id": "arms", "kind": "count", "by": "arm"}],
                      release={"minimum_cell": 3})
        ages = self.ages("control")
        share = sum(sorted(ages)[-2:]) / sum(ages)
        for limit, shown in ((share + 0.001, True), (share - 0.001, False)):
            study["release"]["dominance"] = {"largest": 2, "share": limit}
            result, text, report = self.run_study(study, f"dominance-{shown}")
            control, treatment = result["analyses"]["ages"]["groups"]
            self.assertEqual(control["mean"] is not None, shown)
            self.assertIsNotNone(treatment["mean"])
            self.assertEqual([cell["n"] for cell in result["analyses"]["arms"]["cells"]], [len(ages), len(self.ages("treatment"))])
            if not shown:
                self.assertEqual([rule["rule"].split(":")[0] for rule in result["withheld_by_rule"]], ["dominance of the study"])
                self.assertIsNone(control["n"])
                for page in (text, report):
                    self.assertIn("dominance of the study: 2 largest", page)
        self.assertIn("the 2 largest values of a group make up at most", must(self.check(study)).out)
        self.assertEqual(result["study"]["release"]["dominance"]["largest"], 2)

    def ages(self, arm):
        return [float(person["age"]) for person in self.people() if person["arm"] == arm]

    def test_kinds_for_which_sites_cannot_be_protected(self):
        study = trial(analyses=[COUNTS[0], MODELS[2]], release={"protect_sites": True})
        self.assertFails(self.check(study), "study.no_site_protection", "/analyses/1/kind")
        study["release"]["privacy"] = {"rho": 0.1}
        study["analyses"] = COUNTS[:1]
        must(self.check(study))

    def test_sites_are_protected_between_nodes(self):
        self.write_sites({"north": (40, 20), "south": (2, 20), "east": (2, 20)})
        nodes = self.consortium(MEMBERS, self.records, rules="protect_sites = true\n", minimum_cell=5)
        nodes.start()
        analyses = [{"id": "arms", "kind": "table", "by": ["arm"]}]
        path = self.folder / "unprotected.json"
        path.write_text(json.dumps(trial(analyses=analyses)))
        self.assertFails(nodes.study_command("submit", path), "node.below_release_floor", "/release/protect_sites")
        for protocol in ("replicated3", "replicated3-malicious"):
            study = nodes.submit(trial(title=protocol, analyses=analyses, security={"protocol": protocol},
                                       release={"minimum_cell": 5, "protect_sites": True}))
            nodes.approve(study)
            must(nodes.study_command("run", study))
            table = nodes.result(study)["analyses"]["arms"]
            self.assertEqual([cell["n"] for cell in table["cells"] + table["totals"]], [None, 60, None])

    def test_what_a_consortium_demands(self):
        nodes = self.consortium(MEMBERS, self.records, rules="rows_per_parameter = 3\nround_to = 5\n")
        nodes.start()
        path = self.folder / "floors.json"
        for release, where in (({"rows_per_parameter": 2, "round_to": 5}, "/release/rows_per_parameter"),
                               ({}, "/release/round_to"), ({"round_to": 4}, "/release/round_to")):
            path.write_text(json.dumps(trial(analyses=COUNTS, release=release)))
            self.assertFails(nodes.study_command("submit", path), "node.below_release_floor", where)
        study = nodes.submit(trial(analyses=COUNTS, release={"round_to": 10}))
        nodes.approve(study)
        must(nodes.study_command("run", study))
        result = nodes.result(study)
        self.assertEqual(result["rounding"]["to"], 10)
        self.assertEqual(result["analyses"]["arms"]["totals"][0]["n"], 60 * len(SITES))


if __name__ == "__main__":
    unittest.main()
