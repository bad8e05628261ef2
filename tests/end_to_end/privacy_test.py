"""Studies with noise: counts and sums are off by what was announced, analyses of the same columns agree, and a site pays for
each run from a budget that is kept on disk and refused when spent."""

import csv
import json
import math
import shutil
import statistics
import unittest

from harness import FolderTest, cohortium, must
from studies import MEMBERS, SITES, synthesise, trial

COUNTS = [{"id": "arms", "kind": "count", "by": ["arm"]}, {"id": "again", "kind": "table", "by": ["arm"]}]


def noisy(rho, title="Counts with noise", analyses=COUNTS, **more):
    study = trial(title=title)
    study["analyses"] = analyses
    study["release"] = {"minimum_cell": 11, "privacy": {"rho": rho, **more}}
    return study


class PrivacyTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.records = synthesise(self.folder / "records", 400)

    def test_budget_is_paid_and_kept(self):
        nodes = self.consortium(MEMBERS, self.records)
        nodes.start()
        for number, title in enumerate(["first", "second"]):
            study = nodes.submit(noisy(0.4, title))
            nodes.approve(study)
            must(nodes.study_command("run", study))
            result = nodes.result(study)
            self.check_counts(result, 0.4)
            for site in SITES:
                shown = must(cohortium("privacy", nodes.folder / f"{site}.toml", "--json")).json()
                self.assertAlmostEqual(shown["accounts"][0]["spent"], 0.4 * (number + 1))
        third = nodes.submit(noisy(0.4, "third"))
        nodes.approve(third)
        self.assertFails(nodes.study_command("run", third), "privacy.budget_spent")
        for site in SITES:  # what is spent outlives the processes
            self.assertEqual(nodes.stop(site), 0)
            nodes.start(site)
        self.assertFails(nodes.study_command("run", third), "privacy.budget_spent", "0.2 is left")
        cheaper = nodes.submit(noisy(0.2, "cheaper"))
        nodes.approve(cheaper)
        must(nodes.study_command("run", cheaper))
        shown = must(cohortium("privacy", nodes.folder / f"{SITES[0]}.toml")).out
        self.assertIn("left 0", shown)

    def test_tables_of_the_same_people_have_one_budget(self):
        for folder in self.records.values():
            shutil.copy(folder / "trial.csv", folder / "followup.csv")
        nodes = self.consortium(MEMBERS, self.records)
        config = nodes.folder / "north.toml"
        config.write_text(config.read_text() + '\n[populations]\npatients = ["trial", "followup"]\n')
        nodes.start()
        first = nodes.submit(noisy(0.6))
        nodes.approve(first)
        must(nodes.study_command("run", first))
        study = noisy(0.6, "The same people")
        study["data"]["table"] = "followup"
        second = nodes.submit(study)
        nodes.approve(second)
        self.assertFails(nodes.study_command("run", second), "privacy.budget_spent", "people of patients only 0.4 is left")
        shown = must(cohortium("privacy", config)).out
        self.assertRegex(shown, r"within any 365 days[^$]*patients +spent 0.6 +left 0.4")

    def people(self, arm):
        """What the sites have, pooled, and clamped to the declared range."""
        rows = []
        for folder in self.records.values():
            with open(folder / "trial.csv", newline="") as file:
                rows += [row for row in csv.DictReader(file) if row["arm"] == arm]
        ages = [min(max(float(row["age"]), 18), 95) for row in rows]
        return ages, sum(row["event"] == "1" for row in rows), sum(float(row["time"]) for row in rows)

    def test_means_rates_and_proportions(self):
        # A value outside of the range must not decide whether there is a result.
        file = self.records["north"] / "trial.csv"
        with open(file, newline="") as opened:
            rows = list(csv.DictReader(opened))
        rows[0]["age"] = "900"
        with open(file, "w", newline="") as opened:
            writer = csv.DictWriter(opened, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        nodes = self.consortium(MEMBERS, self.records)
        nodes.start()
        study = nodes.submit(noisy(0.5, analyses=[
            {"id": "age", "kind": "describe", "column": "age", "by": ["arm"]},
            {"id": "deaths", "kind": "rate", "time": "time", "outcome": "event", "by": ["arm"]},
            {"id": "share", "kind": "proportion", "outcome": "event", "by": ["arm"]}]))
        nodes.approve(study)
        must(nodes.study_command("run", study))
        result = nodes.result(study)
        facts = result["privacy"]
        self.assertAlmostEqual(facts["standard_deviation"], math.sqrt(6))  # six vectors share the loss
        self.assertEqual([(each["analysis"], each["of"]) for each in facts["sums"]],
                         [("age", "age"), ("age", "the square of age"), ("deaths", "time")])
        # Three times what holds with 95% probability is 5.9 standard deviations: more in one of 2 x 10^8 numbers.
        for index, arm in enumerate(("control", "treatment")):
            ages, events, time = self.people(arm)
            described, rate, share = (result["analyses"][name]["groups"][index] for name in ("age", "deaths", "share"))
            self.assertLess(abs(described["n"] - len(ages)), 3 * facts["error_95"])
            self.assertLess(abs(described["mean"] - statistics.mean(ages)), 3 * described["mean_error"] + 0.01)
            self.assertLess(abs(described["sd"] - statistics.stdev(ages)), 3 * described["sd_error"] + 0.05)
            self.assertLess(described["mean_error"], 0.5)
            self.assertLess(abs(rate["person_time"] - time), 3 * facts["sums"][2]["error_95"] + len(ages) / 4)
            self.assertLess(abs(rate["events"] - events), 3 * facts["error_95"])
            self.assertLess(abs(share["value"] - events / len(ages)), 3 * facts["error_95"] * 2 / len(ages))
            for group in (rate, share):
                self.assertTrue(group["lower"] < group["value"] < group["upper"])
        self.assertIn("noise moves the mean", (nodes.folder / "out" / "report.html").read_text())

    def check_counts(self, result, rho):
        facts = result["privacy"]
        self.assertEqual(facts["mechanism"], "discrete Gaussian")
        self.assertAlmostEqual(facts["rho"], rho)
        cells = [cell["n"] for cell in result["analyses"]["arms"]["cells"]]
        # Each cell within ten standard deviations: about once in 10^22 honest tests it is not.
        self.assertLess(abs(sum(cells) - 1200), 20 * facts["standard_deviation"])
        self.assertEqual(cells, [cell["n"] for cell in result["analyses"]["again"]["cells"]])
        self.assertEqual(result["analyses"]["again"]["totals"][-1]["n"], sum(cells))

    def test_error_is_announced_and_wrong_wishes_are_refused(self):
        path = self.folder / "study.json"
        path.write_text(json.dumps(noisy(0.05)))
        checked = must(cohortium("study", "check", path))
        self.assertIn("noise     discrete Gaussian noise of standard deviation 3.162", checked.out)
        summary = must(cohortium("study", "check", path, "--json")).json()
        self.assertEqual(summary["privacy"]["error_95"], 6)
        self.assertTrue(any("random noise" in sentence for sentence in summary["leakage"]["analyst"]))
        path.write_text(json.dumps(noisy(0.05, analyses=[{"id": "age", "kind": "describe", "column": "age"}])))
        self.assertRegex(must(cohortium("study", "check", path)).out,
                         r"age: at most [0-9.]+ a on a sum of age, thus [0-9.]+ on a mean of 1,000")
        survival = [{"id": "s", "kind": "kaplan_meier", "time": "time", "event": "event"}]
        for study, code in ((noisy(0.05, analyses=survival), "study.no_noise"),
                            (noisy(0.05, epsilon=1), "study.not_as_declared"),
                            (noisy(-1), "study.not_as_declared"),
                            (noisy(1e-6, rows_per_person=100, analyses=[
                                {"id": "age", "kind": "describe", "column": "age"}]), "study.noise_too_large")):
            path.write_text(json.dumps(study))
            self.assertFails(cohortium("study", "check", path), code)


if __name__ == "__main__":
    unittest.main()
