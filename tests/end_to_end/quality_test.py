"""The quality gate: what `cohortium quality` tells a site's operator, and studies that sites refuse because of it."""

import gzip
import re
import shutil
import unittest

from harness import FolderTest, cohortium, must
from need import SHARED, needs_data
from studies import MEMBERS, synthesise, trial

OMOP = SHARED / "data" / "omop"
GATE = "\n[quality]\n"


def checks_by_name(report):
    return {check["check"]: check for check in report["checks"]}


class QualityCommandTest(FolderTest):
    def node(self, records, rules=GATE):
        """node.toml of a site with these records."""
        self.consortium({"north": ["site", "compute"], "south": ["compute"], "west": ["compute"]}, {"north": records},
                        rules=rules)
        return self.folder / "north.toml"

    def quality(self, records, rules=GATE):
        done = cohortium("quality", self.node(records, rules), "--json", timeout=200)
        self.assertIn(done.status, (0, 3), done)
        report = done.json()
        self.assertEqual(done.status, 3 if report["failed"] else 0)
        self.assertEqual(report["passed"] + report["failed"] + report["not_run"], len(report["checks"]))
        return checks_by_name(report)

    def assertCounts(self, check, violating, rows, verdict="failed"):
        self.assertEqual((check["violating"], check["rows"], check["verdict"]), (violating, rows, verdict), check)

    @needs_data("omop/gibleed")
    def test_known_faults_of_gibleed(self):
        checks = self.quality(OMOP / "gibleed")
        self.assertCounts(checks["observation_period.person_id.reference"], 2649, 5343)
        persons = self.column("gibleed", "person", "person_id")
        periods = self.column("gibleed", "observation_period", "person_id")
        self.assertCounts(checks["observation_period.person_id.reference"],
                          sum(person not in set(persons) for person in periods), len(periods))
        gaps = [int(gap) for gap in self.column("gibleed", "drug_era", "gap_days")]
        self.assertCounts(checks["drug_era.gap_days.range"], sum(not 0 <= gap <= 3650 for gap in gaps), len(gaps))
        rows = len(self.column("gibleed", "measurement", "measurement_id"))
        self.assertCounts(checks["measurement.value_as_number.value"], rows, rows)
        self.assertCounts(checks["measurement.unit_concept_id.unit"], 0, 0, "passed")
        self.assertEqual(checks["person.person_id.key"]["verdict"], "passed")

    @needs_data("omop/synthea27nj")
    def test_a_value_in_the_wrong_unit_in_synthea(self):
        """Total protein of up to 79.8 g/dL: grams per litre that were given the wrong unit."""
        checks = self.quality(OMOP / "synthea27nj")
        values = [float(value) for concept, unit, value in
                  zip(*(self.column("synthea27nj", "measurement", column)
                        for column in ("measurement_concept_id", "unit_concept_id", "value_as_number")))
                  if concept == "3020630" and unit == "8713" and value]
        wrong = sum(not 0.5 <= value <= 20 for value in values)
        self.assertGreater(wrong, 0)
        self.assertCounts(checks["measurement.value_as_number.3020630_8713.range"], wrong, len(values))

    @needs_data("omop/mimic_demo")
    def test_ids_beyond_doubles_and_shifted_dates_in_mimic(self):
        checks = self.quality(OMOP / "mimic_demo")
        self.assertCounts(checks["person.person_id.key"], 0, 100, "passed")
        starts = self.column("mimic_demo", "visit_occurrence", "visit_start_date")
        self.assertCounts(checks["visit_occurrence.visit_start_date.future"], len(starts), len(starts))
        self.assertEqual(checks["measurement.table"]["verdict"], "failed")

    def column(self, source, table, name):
        with gzip.open(OMOP / source / f"{table}.csv.gz", "rt") as file:
            header = file.readline().rstrip("\n").split(",")
            place = header.index(name)
            return [self.fields(line)[place] for line in file]

    @staticmethod
    def fields(line):
        return re.sub(r'"[^"]*"', "", line.rstrip("\n")).split(",")

    def test_text_page_and_exit_status(self):
        records = self.folder / "records"
        records.mkdir()
        (records / "person.csv").write_text("person_id,year_of_birth\n1,1950\n1,1050\n")
        page = self.folder / "quality.html"
        done = cohortium("quality", self.node(records), "--report", page)
        self.assertEqual(done.status, 3, done)
        self.assertRegex(done.out, r"person\.person_id\.key +1 of 2 +50\.0% +0\.0%")
        self.assertRegex(done.out, r"person\.year_of_birth\.range +1 of 2")
        self.assertRegex(done.out, r"north: \d+ checks passed, \d+ failed, \d+ not run\n$")
        text = page.read_text()
        self.assertIn("person.person_id.key", text)
        self.assertNotIn("1050", text)
        self.assertIn("default-src 'none'", text)
        self.assertNotRegex(text, r"(?i)https?://|<script|src=")

    def test_thresholds_decide(self):
        records = self.folder / "records"
        records.mkdir()
        lines = [f"{'' if row < 30 else row},{row}" for row in range(40)]
        (records / "lung.csv").write_text("\n".join(["weight,id", *lines]) + "\n")
        checks = self.quality(records)
        self.assertCounts(checks["lung.weight.filled"], 30, 40, "passed")
        self.assertEqual(checks["lung.id.filled"]["verdict"], "passed")

    def test_thresholds_of_the_consortium_decide(self):
        records = self.folder / "records"
        records.mkdir()
        lines = [f"{'' if row < 30 else row},{row}" for row in range(40)]
        (records / "lung.csv").write_text("\n".join(["weight,id", *lines]) + "\n")
        checks = self.quality(records, GATE + "[quality.thresholds]\nfilled = 0.7\n")
        self.assertCounts(checks["lung.weight.filled"], 30, 40)


class GateTest(FolderTest):
    """A study over three sites, one of which has a column that is nearly empty."""

    def setUp(self):
        super().setUp()
        self.records = synthesise(self.folder / "records", 200)
        self.nodes = self.consortium(MEMBERS, self.records, rules=GATE + "[quality.thresholds]\nfilled = 0.5\n")
        self.study = trial(data__columns__age={"type": "number", "unit": "a", "range": [18, 95], "missing": ["", "?"]})

    def empty_ages(self, site, value):
        path = self.records[site] / "trial.csv"
        header, *lines = path.read_text().splitlines()
        place = header.split(",").index("age")
        rows = [line.split(",") for line in lines]
        for row in rows[:150]:
            row[place] = value
        path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n")

    def approved_study(self):
        study_hash = self.nodes.submit(self.study)
        self.nodes.approve(study_hash)
        return study_hash

    def run_study(self, study_hash):
        return self.nodes.study_command("run", study_hash)

    def test_a_site_that_fails_refuses_and_names_the_check_alone(self):
        self.empty_ages("south", "?")
        self.nodes.start()
        study_hash = self.approved_study()
        done = self.run_study(study_hash)
        self.assertEqual(done.status, 3, done)
        self.assertEqual(done.code, "quality.check_failed", done)
        self.assertIn("south", done.err)
        self.assertIn("trial.age.filled", done.err)
        self.assertNotRegex(done.err, r"\b150\b")
        self.assertIn("150 of 200 rows", self.nodes.log("south"))
        self.assertNotIn("150 of 200", self.nodes.log("north") + self.nodes.log("hub"))
        # Mended, it takes part; then it need not look again.
        synthesise(self.folder / "again", 200)
        shutil.copy(self.folder / "again" / "south" / "trial.csv", self.records["south"] / "trial.csv")
        must(self.run_study(study_hash))
        self.assertTrue((self.folder / "state-south" / "quality_passed").exists())
        self.empty_ages("south", "")
        self.study["title"] = "Again"
        self.assertEqual(self.run_study(self.approved_study()).code, "quality.check_failed")

    def test_the_filter_of_a_study_does_not_move_the_gate(self):
        """Otherwise refusals would tell about single people."""
        self.empty_ages("south", "?")
        self.study["data"]["where"] = "age > 30"  # leaves rows with an age alone
        self.nodes.start()
        self.assertEqual(self.run_study(self.approved_study()).code, "quality.check_failed")


if __name__ == "__main__":
    unittest.main()
