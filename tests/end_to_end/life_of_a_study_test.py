"""A study's way through a consortium: submitted, approved by every site, run once, released; and who may do what."""

import hashlib
import json
import unittest

from harness import FolderTest, must
from studies import MEMBERS, SITES, synthesise, trial


class LifeOfAStudyTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.records = synthesise(self.folder / "records", 400)
        self.nodes = self.consortium(MEMBERS, self.records)
        self.nodes.start()

    def test_from_submission_to_result(self):
        nodes = self.nodes
        study_hash = nodes.submit(trial())
        canonical = json.dumps(trial(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        self.assertEqual(study_hash, hashlib.sha256(canonical.encode()).hexdigest())
        self.assertIn(study_hash, nodes.study_command("status").out)
        self.assertEqual(nodes.study_command("status", study_hash, "--json").json()["state"], "submitted")
        self.check_approvals_one_by_one(study_hash)

        ran = must(nodes.study_command("run", study_hash))
        self.assertIn("Treatment against control", ran.out)
        self.assertEqual(nodes.study_command("status", study_hash, "--json").json()["state"], "done")
        self.check_result(study_hash)
        self.check_audit(study_hash)
        self.assertFails(nodes.study_command("run", study_hash), "node.already_run", study_hash)

        for name in MEMBERS:  # whatever is remembered outlives the processes
            self.assertEqual(nodes.stop(name), 0)
        nodes.start()
        self.assertEqual(nodes.study_command("status", study_hash, "--json").json()["state"], "done")
        self.check_result(study_hash)
        self.assertFails(nodes.study_command("run", study_hash), "node.already_run", study_hash)

    def check_approvals_one_by_one(self, study_hash):
        for i, site in enumerate(SITES):
            refused = self.nodes.study_command("run", study_hash)
            self.assertFails(refused, "node.not_approved", SITES[i])
            nothing = self.nodes.study_command("result", study_hash, "--out", self.folder / "none")
            self.assertFails(nothing, "node.no_result")
            self.nodes.approve(study_hash, site)
            status = self.nodes.study_command("status", study_hash, "--json").json()
            approved = [approval["site"] for approval in status["approvals"] if approval["approved"]]
            self.assertEqual(approved, SITES[:i + 1])
        self.assertFalse((self.folder / "none").exists())

    def check_result(self, study_hash):
        result = self.nodes.result(study_hash)
        self.assertEqual(result["study"]["hash"], study_hash)
        self.assertEqual(result["study"]["sites"], SITES)
        self.assertEqual(result["run"]["coordinator"], "hub")
        self.assertEqual(result["run"]["compute_parties"], ["north", "south", "west"])
        self.assertEqual([approval["by"] for approval in result["run"]["approvals"]], [f"approver-{s}" for s in SITES])
        self.assertEqual(sum(cell["n"] for cell in result["analyses"]["arms"]["cells"]), 1200)
        self.assertIn("<html", (self.folder / "out" / "report.html").read_text())

    def check_audit(self, study_hash):
        ran = ["run.joined", "run.completed", "run.released"]
        expected = {"hub": ["study.submitted", "run.started", "run.finished"], "west": ran}
        must(self.nodes.verify_audit())
        for name in MEMBERS:
            events = [entry["event"] for entry in self.nodes.audit(name) if entry["study"] == study_hash]
            self.assertEqual(events, expected.get(name, ["study.approved", *ran]))
        released = {entry["detail"].get("released_sha256") for name in ("north", "south", "west", "east")
                    for entry in self.nodes.audit(name) if entry["event"] == "run.released"}
        self.assertEqual(len(released), 1, "all nodes log the same released values")
        self.assertNotIn(None, released)

    def test_who_may_not(self):
        nodes = self.nodes
        path = self.folder / "other.json"
        path.write_text(json.dumps(trial(title="Another study")))
        study_hash = nodes.submit(trial())
        for attempt in (
                nodes.study_command("approve", study_hash, "--node", "north"),
                nodes.study_command("approve", study_hash, "--node", "south", as_whom="approver-north"),
                nodes.study_command("approve", study_hash, "--node", "north", as_whom="east"),
                nodes.study_command("submit", path, as_whom="approver-north"),
                nodes.study_command("submit", path, as_whom="north"),
                nodes.study_command("run", study_hash, as_whom="approver-north"),
                nodes.study_command("run", study_hash, as_whom="south")):
            self.assertFails(attempt, "node.not_allowed", "consortium file")
        logged = nodes.audit("north")[1:]
        self.assertEqual([(entry["event"], entry["detail"]["by"]) for entry in logged],
                         [("request.refused", "ana"), ("request.refused", "east")])
        self.assertEqual(len(nodes.study_command("status", "--json").json()["studies"]), 1)

    def test_what_the_consortium_forbids(self):
        path = self.folder / "study.json"
        for study, code, mention in (
                (trial(release={"minimum_cell": 10}), "node.below_release_floor", "/release/minimum_cell"),
                (trial(release={"curve": "exact"}), "node.below_release_floor", "/release/curve"),
                (trial(sites=["north", "south", "atlantis"]), "node.unknown_site", "/sites/2"),
                (trial(sites=["north", "west"]), "node.unknown_site", "/sites/1")):
            with self.subTest(mention):
                path.write_text(json.dumps(study))
                self.assertFails(self.nodes.study_command("submit", path), code, mention)
        self.assertEqual(self.nodes.study_command("status", "--json").json()["studies"], [])

    def test_a_study_is_submitted_once_and_unknown_ones_are_refused(self):
        self.nodes.submit(trial())
        again = self.nodes.study_command("submit", self.folder / "study.json")
        self.assertFails(again, "node.already_submitted")
        for nonsense in ("0" * 64, "..", "0" * 63, "A" * 64, "%2e%2e"):
            with self.subTest(nonsense):
                self.assertFails(self.nodes.study_command("run", nonsense), "node.unknown_study")
                refused = self.nodes.study_command("approve", nonsense, "--node", "north", as_whom="approver-north")
                self.assertFails(refused, "node.unknown_study")

    def test_a_study_may_leave_sites_out(self):
        study_hash = self.nodes.submit(trial(sites=["north", "east"]))
        self.nodes.approve(study_hash, "north", "east")
        must(self.nodes.study_command("run", study_hash))
        cells = self.nodes.result(study_hash)["analyses"]["arms"]["cells"]
        self.assertEqual(sum(cell["n"] for cell in cells), 800)

    def test_sites_that_do_not_compute(self):
        """Three compute parties without records, sites beside them, the coordinator being a site."""
        self.nodes.close()
        members = {"north": ["site"], "south": ["site"], "east": ["site"], "one": ["compute"], "two": ["compute"],
                   "three": ["compute"]}
        (self.folder / "apart").mkdir()
        self.folder = self.folder / "apart"
        apart = self.consortium(members, self.records)
        apart.start()
        study_hash = apart.submit(trial())
        apart.approve(study_hash)
        must(apart.study_command("run", study_hash))
        self.assertEqual(sum(cell["n"] for cell in apart.result(study_hash)["analyses"]["arms"]["cells"]), 1200)


if __name__ == "__main__":
    unittest.main()
