"""Studies under replicated4: four compute parties, one of which may cheat."""

import json
import unittest

from harness import FolderTest, cohortium, must
from studies import MEMBERS, SITES, site_options, synthesise, trial

FOUR = {**MEMBERS, "east": ["site", "compute"]}
UNDER_FOUR = {"protocol": "replicated4"}


class FourPartiesTest(FolderTest):
    def run_study(self, nodes, study):
        study_hash = nodes.submit(study)
        nodes.approve(study_hash)
        must(nodes.study_command("run", study_hash))
        return nodes.result(study_hash)

    def test_four_nodes_give_what_three_give(self):
        records = synthesise(self.folder / "records", 300)
        nodes = self.consortium(FOUR, records)
        nodes.start()
        four = self.run_study(nodes, trial(security=UNDER_FOUR))
        three = self.run_study(nodes, trial())
        self.assertEqual(four["run"]["compute_parties"], ["north", "south", "west", "east"])
        self.assertEqual(three["run"]["compute_parties"], ["north", "south", "west"])
        self.assertEqual(four["study"]["protocol"], "replicated4")
        self.assertEqual(four["analyses"]["arms"], three["analyses"]["arms"])
        self.assertAlike(four["analyses"]["survival"], three["analyses"]["survival"])

    def assertAlike(self, one, other):
        """Equal but for the last digits of what is rounded, which depend on the shares."""
        self.assertEqual(type(one), type(other))
        if isinstance(one, dict):
            self.assertEqual(one.keys(), other.keys())
            for key in one.keys() - {"error_bound"}:
                self.assertAlike(one[key], other[key])
        elif isinstance(one, list):
            self.assertEqual(len(one), len(other))
            for a, b in zip(one, other):
                self.assertAlike(a, b)
        elif isinstance(one, float):
            self.assertAlmostEqual(one, other, delta=1e-9 * max(1, abs(one)))
        else:
            self.assertEqual(one, other)

    def test_a_consortium_of_three_refuses(self):
        records = synthesise(self.folder / "records", 30)
        nodes = self.consortium(MEMBERS, records)
        nodes.start()
        study_hash = nodes.submit(trial(security=UNDER_FOUR))
        nodes.approve(study_hash)
        self.assertFails(nodes.study_command("run", study_hash), "node.too_few_compute_parties", "replicated4")

    def test_on_one_machine(self):
        records = synthesise(self.folder / "records", 200, SITES[:2])
        study = trial(sites=SITES[:2], security=UNDER_FOUR)
        path = self.folder / "study.json"
        path.write_text(json.dumps(study))
        self.assertIn("one of which may cheat", must(cohortium("study", "check", path)).out)
        done = must(cohortium("run", path, *site_options(records), "--out", self.folder / "out", "--compare"))
        self.assertIn("4 nodes", done.out)
        self.assertIn("four parties", (self.folder / "out" / "report.html").read_text())


if __name__ == "__main__":
    unittest.main()
