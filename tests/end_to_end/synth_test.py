"""Synthetic trials: the same seed gives the same files, and an analysis finds the truth they were drawn from."""

import json
import unittest

from harness import FolderTest, cohortium, must
from studies import SITES, site_options, synthesise, trial


class SynthTest(FolderTest):
    def contents(self, folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def test_a_seed_gives_the_same_files(self):
        for name, seed in (("one", 7), ("same", 7), ("other", 8)):
            synthesise(self.folder / name, 500, SITES, "--seed", seed)
        self.assertEqual(self.contents(self.folder / "one"), self.contents(self.folder / "same"))
        self.assertNotEqual(self.contents(self.folder / "one"), self.contents(self.folder / "other"))
        self.assertEqual(len(self.contents(self.folder / "one")), len(SITES) + 1)  # and truth.json

    def test_the_truth_is_found(self):
        records = synthesise(self.folder / "records", 20000, SITES, "--hazard-ratio", 0.6, "--median", 200,
                             "--censoring", 0.25, "--horizon", 1095)
        truth = json.loads((self.folder / "records" / "truth.json").read_text())
        self.assertEqual((truth["hazard_ratio"], truth["median_days_control"]), (0.6, 200))
        study = self.folder / "study.json"
        study.write_text(json.dumps(trial()))
        must(cohortium("run", study, *site_options(records), "--out", self.folder / "out"))
        analyses = json.loads((self.folder / "out" / "result.json").read_text())["analyses"]
        self.check(analyses, truth)

    def check(self, analyses, truth):
        test = analyses["test"]
        (treated_events, treated), (control_events, control) = (
            (test["observed"][i], test["expected"][i]) for i in (1, 0))
        ratio = (treated_events / treated) / (control_events / control)  # observed over expected
        self.assertAlmostEqual(ratio, truth["hazard_ratio"], delta=0.05)
        medians = {stratum["stratum"]: stratum["median"] for stratum in analyses["survival"]["strata"]}
        self.assertAlmostEqual(medians["control"], truth["median_days_control"], delta=10)
        self.assertAlmostEqual(medians["treatment"], truth["median_days_control"] / truth["hazard_ratio"], delta=15)
        people = sum(cell["n"] for cell in analyses["arms"]["cells"])
        self.assertEqual(people, 60000)
        censored = 1 - sum(test["observed"]) / people
        self.assertAlmostEqual(censored, truth["expected_censored_fraction"], delta=0.01)
        for site in truth["sites"]:
            self.assertEqual(site["rows"], 20000)
        self.assertEqual(sum(site["events"] for site in truth["sites"]), sum(test["observed"]))

    def test_what_cannot_be_synthesised(self):
        north = "--site=north=5"
        for options in (["--site=north=many"], ["--site=north"], ["--site=../north=5"], [north, "--site=north=6"],
                        [north, "--censoring=1.5"], [north, "--hazard-ratio=0"], [north, "--horizon=0"],
                        [north, "--censoring=0", "--horizon=10"]):
            with self.subTest(options):
                done = cohortium("synth", *options, "--out", self.folder / "out")
                self.assertEqual(done.status, 1, done)
                self.assertIn(done.code, ("cli.bad_option", "data.bad_synthetic_trial"), done)
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    unittest.main()
