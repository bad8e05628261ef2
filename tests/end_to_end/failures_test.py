"""A node that dies or hangs in the middle of a run: everybody is told which one, and the study runs once it is back."""

import shutil
import signal
import tempfile
import time
import unittest
from pathlib import Path

from harness import FolderTest, must, wait_until
from studies import MEMBERS, synthesise, trial


def study(grid):
    """A curve over many points of time: 30,000 keep the parties busy for seconds."""
    return trial(title=f"Grid of {grid}", data__columns__time__range=[0, grid],
                 analyses=[{"id": "survival", "kind": "kaplan_meier", "time": "time", "event": "event", "by": "arm"},
                           {"id": "test", "kind": "log_rank", "time": "time", "event": "event", "by": "arm"}])


class FailuresTest(FolderTest):
    MOMENTS = (0.15, 0.5, 1.0)  # approvals and reading, sharing, computing; seconds after the command

    @classmethod
    def setUpClass(cls):
        cls.records_folder = Path(tempfile.mkdtemp(prefix="cohortium-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.records_folder, ignore_errors=True)
        cls.records = synthesise(cls.records_folder, 100000)

    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, self.records)
        self.nodes.start()

    def submit(self, grid):
        study_hash = self.nodes.submit(study(grid))
        self.nodes.approve(study_hash)
        return study_hash

    def fail_and_check(self, study_hash, victim, moment, how, patience):
        """Runs the study, has `how` befall the victim, and wants it named by the analyst and by the compute parties."""
        heard = {name: len(self.nodes.log(name)) for name in MEMBERS}
        entries = {name: len(self.nodes.audit(name)) for name in MEMBERS}
        command = self.nodes.start_study_command("run", study_hash)
        self.addCleanup(command.kill)
        time.sleep(moment)
        self.assertIsNone(command.process.poll(), "the study ended before anything could happen to it")
        struck = time.monotonic()
        how(victim)
        done = command.wait(60)
        self.assertLess(time.monotonic() - struck, patience, f"{victim} at {moment} s: late: {done}")
        self.assertEqual(done.status, 1, done)
        self.assertIn(victim, done.err, done)
        self.assertRegex(done.code, r"^net\.", done)
        for party in ("north", "south", "west"):
            if party == victim or not self.events(party, entries[party]):
                continue
            wait_until(lambda: victim in self.nodes.log(party)[heard[party]:]
                       or "run.completed" in self.events(party, entries[party]), patience - (time.monotonic() - struck),
                       f"{victim} at {moment} s: {party} names it; its log: {self.nodes.log(party)[heard[party]:]}")

    def events(self, party, entries):
        return [entry["event"] for entry in self.nodes.audit(party)[entries:]]

    def check_it_runs(self, study_hash):
        must(self.nodes.study_command("run", study_hash))
        analyses = self.nodes.result(study_hash)["analyses"]
        events = {stratum["stratum"]: stratum["events"] for stratum in analyses["survival"]["strata"]}
        self.assertEqual(events, self.true_events())
        self.assertEqual(list(events.values()), analyses["test"]["observed"])

    def true_events(self):
        counts = {"control": 0, "treatment": 0}
        for folder in self.records.values():
            for line in (folder / "trial.csv").read_text().splitlines()[1:]:
                _, arm, _, event, *_ = line.split(",")
                counts[arm] += event == "1"
        return counts

    def kill_and_restart(self, victim, moments=MOMENTS):
        study_hash = self.submit(30000)
        for moment in moments:
            with self.subTest(victim=victim, moment=moment):
                self.fail_and_check(study_hash, victim, moment, self.nodes.kill, 10)
            self.nodes.start(victim)
        self.check_it_runs(study_hash)

    def test_killed_coordinator(self):
        self.kill_and_restart("hub")

    def test_killed_compute_party(self):
        self.kill_and_restart("west")

    def test_killed_site_that_computes(self):
        self.kill_and_restart("north", self.MOMENTS[:2])

    def test_killed_site(self):
        self.kill_and_restart("east", self.MOMENTS[:2])

    def pause(self, victim):
        self.nodes.nodes[victim].signal(signal.SIGSTOP)

    def test_hanging_site_that_computes(self):
        study_hash = self.submit(30000)
        self.fail_and_check(study_hash, "south", 0.7, self.pause, 20)
        self.nodes.nodes["south"].signal(signal.SIGCONT)
        self.check_it_runs(study_hash)

    def test_hanging_coordinator(self):
        study_hash = self.submit(30000)
        command = self.nodes.start_study_command("run", study_hash)
        self.addCleanup(command.kill)
        time.sleep(0.7)
        self.pause("hub")
        done = command.wait(60)
        self.assertLess(done.seconds, 25, done)
        self.assertFails(done, "net.peer_silent", "hub")

    def test_nodes_do_not_compute_for_a_dead_coordinator(self):
        study_hash = self.submit(60000)
        self.fail_and_check(study_hash, "hub", 1, self.nodes.kill, 10)

    def test_a_node_is_stopped_in_the_middle_of_a_run(self):
        study_hash = self.submit(60000)
        command = self.nodes.start_study_command("run", study_hash)
        self.addCleanup(command.kill)
        time.sleep(1)
        self.assertIsNone(command.process.poll(), "the study ended before the node was stopped")
        asked = time.monotonic()
        self.assertEqual(self.nodes.stop("west"), 0)
        self.assertLess(time.monotonic() - asked, 10)
        done = command.wait(30)
        self.assertEqual(done.status, 1, done)
        self.assertIn("west", done.err)

    def test_a_node_that_is_down_is_named(self):
        study_hash = self.submit(30000)
        for victim in ("east", "west"):
            with self.subTest(victim=victim):
                self.nodes.kill(victim)
                done = self.nodes.study_command("run", study_hash)
                self.assertLess(done.seconds, 10)
                self.assertFails(done, "net.cannot_connect", victim)
                self.nodes.start(victim)
        self.check_it_runs(study_hash)

    def test_a_site_that_hangs_before_the_run_is_named(self):
        study_hash = self.submit(30000)
        self.pause("east")
        done = self.nodes.study_command("run", study_hash)
        self.assertLess(done.seconds, 20)
        self.assertEqual(done.status, 1, done)
        self.assertIn("east", done.err)


if __name__ == "__main__":
    unittest.main()
