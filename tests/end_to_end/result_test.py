"""What a run hands over: result.json as its schema says, report.html that needs nothing but itself."""

import json
import re
import unittest

import jsonschema
from harness import REPOSITORY, FolderTest, cohortium, must
from studies import site_options, synthesise, trial

HOSTILE = '<script>alert("x")</script> & <img src=http://example.org/x onerror=alert(1)>'


class ResultTest(FolderTest):
    def run_study(self, study, rows=400, *options):
        records = synthesise(self.folder / "records", rows)
        path = self.folder / "study.json"
        path.write_text(json.dumps(study))
        self.done = must(cohortium("run", path, *site_options(records), "--out", self.folder / "out", *options))
        return json.loads((self.folder / "out" / "result.json").read_text())

    def report(self):
        return (self.folder / "out" / "report.html").read_text()

    def validate(self, result):
        schema = json.loads((REPOSITORY / "docs" / "schema" / "result.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        jsonschema.Draft7Validator(schema).validate(result)

    def check_standalone(self, report):
        stripped = re.sub(r'xmlns(:\w+)?="http://www\.w3\.org/[^"]*"', "", report)
        for forbidden in ("http://", "https://", "<script", "javascript:", "@import", "<link", "<iframe"):
            self.assertNotIn(forbidden, stripped.lower())
        self.assertNotRegex(stripped, r"url\(\s*['\"]?(?!#|data:)")
        self.assertNotRegex(stripped, r"(?i)<[^>]+\son\w+\s*=")
        self.assertNotRegex(stripped, r"(?i)\ssrc\s*=\s*['\"](?!data:)")

    def test_merged(self):
        result = self.run_study(trial())
        self.check_standalone(self.report())
        self.validate(result)

    def test_exact(self):
        result = self.run_study(trial(release={"minimum_cell": 1, "curve": "exact"}))
        self.check_standalone(self.report())
        self.validate(result)

    def test_much_withheld(self):
        result = self.run_study(trial(release={"minimum_cell": 30}), 15)
        self.assertTrue(result["withheld"])
        self.check_standalone(self.report())
        self.validate(result)

    def test_everything_withheld(self):
        result = self.run_study(trial(release={"minimum_cell": 1000}), 15)
        self.assertNotRegex(json.dumps(result["analyses"]["arms"]), r'"n": \d')
        self.check_standalone(self.report())
        self.validate(result)

    def test_no_records_at_all(self):
        result = self.run_study(trial(), 0)
        self.check_standalone(self.report())
        self.validate(result)

    def test_labels_are_shown_and_codes_kept(self):
        result = self.run_study(trial())
        analyses = result["analyses"]
        self.assertEqual([s["stratum"] for s in analyses["survival"]["strata"]], ["control", "treatment"])
        self.assertEqual([s["label"] for s in analyses["survival"]["strata"]], ["Control", "Treatment"])
        for label in ("Control", "Treatment"):
            self.assertIn(label, self.report())
            self.assertIn(label, self.done.out)

    def test_texts_of_the_study_stay_texts(self):
        levels = {"control": HOSTILE, "treatment": "b"}
        study = trial(title=HOSTILE, purpose=HOSTILE, data__columns__arm__levels=levels)
        for analysis in study["analyses"]:
            analysis["title"] = HOSTILE
        result = self.run_study(study)
        report = self.report()
        self.assertNotIn("<script", report)
        self.assertNotIn("<img", report)
        self.assertIn("&lt;script&gt;", report)
        self.validate(result)

    def test_the_examples_run_and_agree_with_unprotected_steps(self):
        examples = sorted((REPOSITORY / "examples").glob("*/study.json"))
        self.assertGreaterEqual(len(examples), 2)
        for number, path in enumerate(examples):
            study = json.loads(path.read_text())
            records = synthesise(self.folder / f"example-{number}", 300, study["sites"])
            done = must(cohortium("run", path, *site_options(records), "--out", self.folder / f"out-{number}", "--compare",
                                  "--json"))
            comparison = done.json()["comparison"]["unprotected"]
            self.assertLess(comparison["largest_difference"], 1e-6, path)
            self.assertGreater(comparison["numbers"], 50, path)
            self.validate(json.loads((self.folder / f"out-{number}" / "result.json").read_text()))

    def test_the_run_compares_with_plaintext(self):
        for study in (trial(), trial(release={"minimum_cell": 1, "curve": "exact"}), trial(data__where="age > 60")):
            self.run_study(study, 400, "--compare", "--json")
            comparison = self.done.json()["comparison"]
            self.assertLess(comparison["largest_difference"], 1e-6)
            self.assertGreater(comparison["numbers"], 20)
            self.assertLess(comparison["unprotected"]["largest_difference"], 1e-6)
            self.assertGreaterEqual(comparison["unprotected"]["numbers"], comparison["numbers"])


if __name__ == "__main__":
    unittest.main()
