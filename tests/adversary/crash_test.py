"""kill -9 at any moment: what was acknowledged is there, what is there is whole, and the nodes start again. Studies have noise,
so that every run costs each site a part of its budget: once, and before anything is shared.

Bounded by COHORTIUM_CRASH_SECONDS. The seed is printed; COHORTIUM_CRASH_SEED hunts elsewhere, or sets the same moments again.
"""

import json
import os
import random
import time
import unittest

from harness import FolderTest, cohortium, must, wait_until
from studies import MEMBERS, SITES, synthesise, trial

SEED = int(os.environ.get("COHORTIUM_CRASH_SEED", "1"))
SECONDS = float(os.environ.get("COHORTIUM_CRASH_SECONDS", "45"))
LOSS = 0.001
ENDS = ["kept", "logged", "published"]  # of a run, in this order (src/node/coordinator.cc)


def noisy(title):
    study = trial(title=title)
    study["analyses"] = [{"id": "arms", "kind": "count", "by": ["arm"]}]
    study["release"] = {"minimum_cell": 11, "privacy": {"rho": LOSS}}
    return study


class CrashTest(FolderTest):
    def setUp(self):
        super().setUp()
        print(f"seed {SEED}", flush=True)
        self.random = random.Random(SEED)
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 30))
        self.nodes.start()
        self.studies = []  # hashes that were acknowledged
        self.approved, self.done = set(), set()  # (study, site) and studies that were
        self.kills = self.ends = 0

    def test_every_step(self):
        begun, number = time.monotonic(), 0
        while number == 0 or time.monotonic() - begun < SECONDS:
            self.new_study(number)
            for site in SITES:
                self.step("approve", self.studies[-1], "--node", site, as_whom=f"approver-{site}", victims=[site])
            if number % 2:  # otherwise the run is killed at its end
                self.step("run", self.studies[-1], victims=list(MEMBERS))
            self.complete(self.studies[-1], ENDS[number % len(ENDS)])
            number += 1
        print(f"{number} rounds, {self.kills} kills, {self.ends} of them at the end of a run", flush=True)
        for study_hash in self.studies:
            self.nodes.result(study_hash)  # with its proof, which the command checks
        self.check()

    def test_a_result_that_was_kept_and_logged_is_published(self):
        self.new_study(0, sure=True)
        self.nodes.approve(self.studies[0])
        must(self.nodes.study_command("run", self.studies[0]))
        result = self.nodes.result(self.studies[0])
        kept = self.folder / "state-hub" / "studies" / self.studies[0]
        self.nodes.kill("hub")
        (kept / "result.json").rename(kept / "finished.json")
        self.nodes.start("hub")
        self.assertEqual(self.nodes.result(self.studies[0]), result)
        self.assertFails(self.nodes.study_command("run", self.studies[0]), "node.already_run")
        self.check()

    def new_study(self, number, sure=False):
        path = self.folder / "study.json"
        path.write_text(json.dumps(noisy(f"Study {number}")))
        self.step("submit", path, victims=[] if sure else ["hub"])
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
        victim = self.random.choice(victims) if victims and self.random.random() < 0.7 else None
        if victim:
            # The command itself takes a moment to open its key.
            time.sleep(self.random.uniform(0.05, 0.5 if action == "run" else 0.25))
            self.nodes.kill(victim)
            self.kills += 1
        self.last = command.wait(60)
        if self.last.status == 0:
            if action == "approve":
                self.approved.add((arguments[0], arguments[2]))
            if action == "run":
                self.done.add(arguments[0])
        if victim:
            self.restart(victim)
        self.check()

    def restart(self, victim):
        self.check_files(victim)
        self.nodes.start(victim)
        left = [path for path in (self.folder / f"state-{victim}" / "studies").rglob("*.new*")]
        self.assertEqual(left, [], "what was half written is gone")

    def complete(self, study_hash, end):
        """Whatever was interrupted can be done again, and then is; the coordinator may be killed as it comes to an end."""
        for site in SITES:
            done = self.nodes.study_command("approve", study_hash, "--node", site, as_whom=f"approver-{site}")
            self.assertIn(done.status, (0, 1), done)
        if not self.kept(study_hash).exists():
            command = self.nodes.start_study_command("run", study_hash)
            if self.kill_at(study_hash, end, command):
                command.kill()
                self.restart("hub")
                self.assertTrue(self.kept(study_hash).exists(), f"killed when the result was {end}")
                self.check()
            else:
                command.wait(60)
        done = self.nodes.study_command("run", study_hash)
        if done.status != 0:
            self.assertFails(done, "node.already_run")
        self.done.add(study_hash)
        self.check()

    def kept(self, study_hash):
        return self.folder / "state-hub" / "studies" / study_hash / "result.json"

    def kill_at(self, study_hash, end, command):
        """Kills the coordinator once the run has come so far; False when the run ended before that was seen."""
        log = self.nodes.audit_path("hub") / "entries.jsonl"
        before = log.stat().st_size
        while command.process.poll() is None:
            if end == "kept":
                seen = self.kept(study_hash).with_name("finished.json").exists()
            elif end == "logged":
                with open(log, "rb") as lines:
                    lines.seek(before)
                    seen = b'"run.finished"' in lines.read()
            else:
                seen = self.kept(study_hash).exists()
            if seen:
                self.nodes.kill("hub")
                self.kills, self.ends = self.kills + 1, self.ends + 1
                return True
        return False

    def check_files(self, name):
        """Of a node that was killed: every JSON file is whole."""
        for path in (self.folder / f"state-{name}").rglob("*.json"):
            json.loads(path.read_text())

    def settle(self):
        """Until no run goes on: what a killed node was needed for ends when the others notice."""
        for study_hash in self.studies[-1:]:
            wait_until(lambda: self.nodes.study_command("status", study_hash, "--json").json()["state"] != "running", 60,
                       "the run ends")

    def check(self):
        self.settle()
        must(self.nodes.verify_audit())
        for study_hash, site in self.approved:
            entries = [entry for entry in self.nodes.audit(site) if entry["study"] == study_hash]
            self.assertIn("study.approved", [entry["event"] for entry in entries])
        hub = self.nodes.audit("hub")
        for study_hash in self.studies:
            events = [entry["event"] for entry in hub if entry["study"] == study_hash]
            self.assertIn("study.submitted", events)
            kept = self.kept(study_hash).exists()
            self.assertLessEqual(study_hash in self.done, kept, "an acknowledged result is kept")
            self.assertEqual(kept, "run.finished" in events, "there is a result if and only if the log says so")
            self.assertLessEqual(events.count("run.finished"), 1)
            self.assertFalse(self.kept(study_hash).with_name("finished.json").exists())
        self.check_budgets()
        for study_hash in self.studies[-1:]:
            status = self.nodes.study_command("status", study_hash, "--json").json()
            if status["state"] != "done":
                given = {each["site"] for each in status.get("approvals", []) if each["approved"]}
                self.assertLessEqual({site for study, site in self.approved if study == study_hash}, given)

    def check_budgets(self):
        for site in SITES:
            ledger = self.folder / f"state-{site}" / "privacy.ledger"
            expenses = [json.loads(line) for line in ledger.read_text().splitlines() if line.endswith("}")]
            paid = [expense["run"] for expense in expenses]
            self.assertEqual(len(paid), len(set(paid)), "no run is paid for twice")
            runs = {}
            for entry in self.nodes.audit(site):
                if entry["event"].startswith("run."):
                    runs.setdefault(entry["event"], set()).add(entry["detail"]["run"])
            self.assertLessEqual(set(paid), runs.get("run.joined", set()), "what was paid for was joined")
            self.assertLessEqual(runs.get("run.completed", set()), set(paid), "what was shared was paid for")
            account = must(cohortium("privacy", self.folder / f"{site}.toml", "--json")).json()["accounts"]
            self.assertAlmostEqual(sum(each["spent"] for each in account), LOSS * len(paid))


if __name__ == "__main__":
    unittest.main()
