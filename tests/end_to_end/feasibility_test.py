"""Feasibility on synthetic OMOP records: the examples of the course against plain counts and the truth the records were drawn from."""

import csv
import datetime
import json
import unittest
from collections import defaultdict

from harness import REPOSITORY, FolderTest, cohortium, must
from studies import site_options

EXAMPLES = REPOSITORY / "examples/03_feasibility"
SITES = ("north", "west", "south")


def day(text):
    return datetime.date.fromisoformat(text)


class FeasibilityTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.records = {site: self.folder / "records" / site for site in SITES}
        self.synthesise(self.folder / "records", 1)

    def synthesise(self, folder, seed):
        must(cohortium("synth", "--omop", "--site=north=3000", "--site=west=2000", "--site=south=1500", "--seed", seed, "--out", folder))

    def run_example(self, name, change=lambda study: None):
        study = json.loads((EXAMPLES / f"{name}.json").read_text())
        change(study)
        path, out = self.folder / f"{name}.json", self.folder / f"{name}-out"
        path.write_text(json.dumps(study))
        done = must(cohortium("run", path, *site_options(self.records), "--compare", "--out", out))
        return json.loads((out / "result.json").read_text()), (out / "report.html").read_text(), done.out

    def rows(self, table):
        for folder in self.records.values():
            with open(folder / f"{table}.csv", newline="") as file:
                yield from csv.DictReader(file)

    def test_a_seed_gives_the_same_files(self):
        self.synthesise(self.folder / "same", 1)
        self.synthesise(self.folder / "other", 2)
        for path in (self.folder / "records").rglob("*.csv"):
            name = path.relative_to(self.folder / "records")
            self.assertEqual(path.read_bytes(), (self.folder / "same" / name).read_bytes())
            if path.name != "concept_ancestor.csv":
                self.assertNotEqual(path.read_bytes(), (self.folder / "other" / name).read_bytes())

    def plain_funnel(self):
        """People left after each step of the example's definition, counted without it."""
        born = {row["person_id"]: int(row["year_of_birth"]) for row in self.rows("person")}
        begins = {row["person_id"]: day(row["observation_period_start_date"]) for row in self.rows("observation_period")}
        diagnosed, infarctions, metformin = {}, defaultdict(list), defaultdict(list)
        for row in self.rows("condition_occurrence"):
            when = day(row["condition_start_date"])
            if row["condition_concept_id"] == "201826":
                diagnosed[row["person_id"]] = min(when, diagnosed.get(row["person_id"], when))
            if row["condition_concept_id"] == "4329847":
                infarctions[row["person_id"]].append(when)
        for row in self.rows("drug_exposure"):
            metformin[row["person_id"]].append(day(row["drug_exposure_start_date"]))
        left = [list(diagnosed.items())]
        for holds in (lambda person, index: index.year - born[person] >= 18,
                      lambda person, index: (index - begins[person]).days >= 365,
                      lambda person, index: not any(when < index for when in infarctions[person]),
                      lambda person, index: any(0 <= (when - index).days <= 90 for when in metformin[person])):
            left.append([entry for entry in left[-1] if holds(*entry)])
        return [len(people) for people in left]

    def test_the_funnel_counts_people_and_withholds_few(self):
        plain = self.plain_funnel()
        self.assertLess(plain[-1], plain[0])
        for minimum in (1, 11, plain[2] - plain[3] + 1):
            result, report, text = self.run_example("funnel", lambda study: study["release"].update(minimum_cell=minimum))
            steps = result["analyses"]["attrition"]["steps"]
            self.assertEqual([step["label"] for step in steps], ["entry events", "adults", "a year of observation before",
                                                                 "no earlier infarction", "metformin within 90 days", "final cohort"])
            expected = self.shown([*plain, plain[-1]], minimum)
            self.assertEqual([step["n"] for step in steps], expected)
            for i, step in enumerate(steps):
                both = i > 0 and expected[i] is not None and expected[i - 1] is not None
                self.assertEqual(step["lost"], expected[i - 1] - expected[i] if both else None)
            self.assertIn("metformin within 90 days", report)
            self.assertIn("<figure", report)
            self.assertIn("final cohort", text)
            hidden = expected.count(None)
            self.assertEqual([entry["what"] for entry in result["withheld"]], [f"{hidden} of 6 groups"] if hidden else [])
        self.assertIsNone(expected[2])  # the last minimum hides the step before the one that loses fewer

    @staticmethod
    def shown(left, minimum):
        result, last = [], 0
        for n in reversed(left):
            show = n >= minimum and (n == last or n - last >= minimum)
            result.append(n if show else None)
            last = n if show else last
        return result[::-1]

    def test_the_truth_of_the_incidence_is_found(self):
        truth = json.loads((self.folder / "records/truth.json").read_text())

        def by_age_alone(study):
            del study["data"]["time_at_risk"]["years"]
            study["data"]["time_at_risk"]["ages"] = [0, 65]
            study["data"]["features"] = {name: study["data"]["features"][name] for name in ("age", "days", "infarction")}
            columns = study["data"]["columns"]
            study["data"]["columns"] = {"age": {"type": "category", "levels": ["0", "65"]}, "infarction": columns["infarction"],
                                        "days": {"type": "number", "range": [0, 10000]}}
            study["analyses"] = [{"id": "rate", "kind": "rate", "time": "days", "outcome": "infarction", "by": "age", "per": 365.25}]

        groups = self.run_example("incidence", by_age_alone)[0]["analyses"]["rate"]["groups"]
        for group, rate in zip(groups, (truth["first_infarctions_per_person_year_before_65"],
                                        truth["first_infarctions_per_person_year_from_65"])):
            expected = rate * group["person_time"] / 365.25
            self.assertLess(abs(group["events"] - expected), 4 * expected**0.5)
        self.assertGreater(groups[1]["events"], 100)

    def test_incidence_by_year_adds_up(self):
        by_year = self.run_example("incidence", lambda study: study["release"].update(minimum_cell=1))[0]["analyses"]
        days = {"by_age": 0, "by_sex": 0}
        for name in days:
            for group in by_year[name]["groups"]:
                days[name] += group["person_time"] or 0
        self.assertEqual(days["by_age"], days["by_sex"])
        hidden = self.run_example("incidence")[0]["analyses"]["by_sex"]["groups"]
        self.assertTrue(all(group["events"] is None or group["events"] == 0 or group["events"] >= 11 for group in hidden))

    def test_readmissions(self):
        analyses = self.run_example("readmission")[0]["analyses"]
        truth = json.loads((self.folder / "records/truth.json").read_text())
        share = analyses["readmission"]["groups"][0]["value"]
        self.assertGreater(share, truth["readmitted_within_30_days"] - 0.02)  # cut off where observation ends
        self.assertLess(share, truth["readmitted_within_30_days"] + 0.04)     # and some stays follow by chance


if __name__ == "__main__":
    unittest.main()
