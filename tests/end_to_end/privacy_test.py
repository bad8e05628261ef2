"""Studies with noise: counts are off by what was announced, analyses of the same columns agree, and a site pays for each
run from a budget that is kept on disk and refused when spent."""

import json
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
        survival = [{"id": "s", "kind": "kaplan_meier", "time": "time", "event": "event"}]
        for study, code in ((noisy(0.05, analyses=survival), "study.no_noise"),
                            (noisy(0.05, epsilon=1), "study.not_as_declared"),
                            (noisy(-1), "study.not_as_declared")):
            path.write_text(json.dumps(study))
            self.assertFails(cohortium("study", "check", path), code)


if __name__ == "__main__":
    unittest.main()
