"""kill -9 at any moment: what was acknowledged is there, what is there is whole, and the nodes start again.

Seeded and bounded; COHORTIUM_CRASH_SEED and COHORTIUM_CRASH_ROUNDS change both for longer hunts.
"""

import json
import os
import random
import time
import unittest

from harness import FolderTest, must
from studies import MEMBERS, SITES, synthesise, trial

SEED = int(os.environ.get("COHORTIUM_CRASH_SEED", "1"))
ROUNDS = int(os.environ.get("COHORTIUM_CRASH_ROUNDS", "3"))


class CrashTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 30))
        self.nodes.start()
        self.studies = []  # hashes that were acknowledged
        self.approved, self.done = set(), set()  # (study, site) and studies that were

    def test_every_step(self):
        for number in range(ROUNDS):
            self.new_study(number)
            for site in SITES:
                self.step("approve", self.studies[-1], "--node", site, as_whom=f"approver-{site}", victims=[site])
            self.step("run", self.studies[-1], victims=list(MEMBERS))
        for study_hash in self.studies:
            self.complete(study_hash)
        self.check()

    def new_study(self, number):
        path = self.folder / "study.json"
        path.write_text(json.dumps(trial(title=f"Study {number}")))
        self.step("submit", path, victims=["hub"])
        if self.last.status != 0:
            again = self.nodes.study_command("submit", path)
            self.last = again if again.status == 0 else self.last
        listed = self.nodes.study_command("status", "--json").json()["studies"]
        found = [study["hash"] for study in listed if study["title"] == f"Study {number}"]
        self.assertEqual(len(found), 1, "submitted, or submitted again")
        self.studies.append(found[0])

    def step(self, action, *arguments, victims, as_whom="ana"):
        """One command; one of the nodes may be killed while it goes on, and is started again."""
        command = self.nodes.start_study_command(action, *arguments, as_whom=as_whom)
        victim = self.random.choice(victims) if self.random.random() < 0.7 else None
        if victim:
            # The command itself takes a moment to open its key.
            time.sleep(self.random.uniform(0.05, 0.5 if action == "run" else 0.25))
            self.nodes.kill(victim)
        self.last = command.wait(60)
        if self.last.status == 0:
            if action == "approve":
                self.approved.add((arguments[0], arguments[2]))
            if action == "run":
                self.done.add(arguments[0])
        if victim:
            self.check_files(victim)
            self.nodes.start(victim)
            left = [path for path in (self.folder / f"state-{victim}" / "studies").rglob("*.new*")]
            self.assertEqual(left, [], "what was half written is gone")
        self.check()

    def complete(self, study_hash):
        """Whatever was interrupted can be done again, and then is."""
        for site in SITES:
            done = self.nodes.study_command("approve", study_hash, "--node", site, as_whom=f"approver-{site}")
            self.assertIn(done.status, (0, 1), done)
        done = self.nodes.study_command("run", study_hash)
        if done.status != 0:
            self.assertFails(done, "node.already_run")
        self.nodes.result(study_hash)  # with its proof, which the command checks

    def check_files(self, name):
        """Of a node that was killed: every JSON file is whole."""
        for path in (self.folder / f"state-{name}").rglob("*.json"):
            json.loads(path.read_text())

    def check(self):
        must(self.nodes.verify_audit())
        for study_hash, site in self.approved:
            entries = [entry for entry in self.nodes.audit(site) if entry["study"] == study_hash]
            self.assertIn("study.approved", [entry["event"] for entry in entries])
        hub = self.nodes.audit("hub")
        for study_hash in self.studies:
            events = [entry["event"] for entry in hub if entry["study"] == study_hash]
            self.assertIn("study.submitted", events)
            kept = (self.folder / "state-hub" / "studies" / study_hash / "result.json").exists()
            self.assertLessEqual(study_hash in self.done, kept, "an acknowledged result is kept")
            self.assertLessEqual(kept, "run.finished" in events, "a kept result is logged")
        for study_hash in self.studies[-1:]:
            status = self.nodes.study_command("status", study_hash, "--json").json()
            if status["state"] != "done":
                given = {each["site"] for each in status.get("approvals", []) if each["approved"]}
                self.assertLessEqual({site for study, site in self.approved if study == study_hash}, given)


if __name__ == "__main__":
    unittest.main()
