"""Ctrl-C: `cohortium run` takes its nodes and its folder with it, at whatever moment; a node stops in order."""

import json
import os
import signal
import time
import unittest
from pathlib import Path

from harness import FolderTest, Process, wait_until
from studies import MEMBERS, site_options, synthesise, trial


def children(process):
    tasks = (Path("/proc") / str(process.pid) / "task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]


def is_alive(pid):
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class InterruptTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        before = os.environ.get("TMPDIR")
        os.environ["TMPDIR"] = str(self.temporary)
        self.addCleanup(lambda: os.environ.pop("TMPDIR") if before is None else os.environ.update(TMPDIR=before))

    def start_local_run(self, grid):
        study = self.folder / "study.json"
        study.write_text(json.dumps(trial(data__columns__time__range=[0, grid])))
        records = synthesise(self.folder / "records", 1000)
        command = Process("run", study, *site_options(records), "--out", self.folder / "out")
        self.addCleanup(command.kill)
        return command

    def interrupt(self, number, moment):
        command = self.start_local_run(100000)
        time.sleep(moment)
        nodes = children(command.process)
        self.assertIsNone(command.process.poll(), "the study ended before it was interrupted")
        command.signal(number)
        interrupted = time.monotonic()
        done = command.wait(30)
        self.assertLess(time.monotonic() - interrupted, 5)
        self.assertEqual(done.status, 130, done)
        self.assertEqual(done.code, "cli.interrupted", done)
        self.assertEqual([pid for pid in nodes if is_alive(pid)], [])
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertFalse((self.folder / "out").exists())

    def test_while_nodes_start(self):
        self.interrupt(signal.SIGINT, 0.06)

    def test_while_nodes_compute(self):
        self.interrupt(signal.SIGINT, 1.5)

    def test_termination(self):
        self.interrupt(signal.SIGTERM, 1)

    def test_nodes_do_not_outlive_a_killed_command(self):
        command = self.start_local_run(100000)
        wait_until(lambda: len(children(command.process)) == 3, 10, "three nodes")
        nodes = children(command.process)
        command.signal(signal.SIGKILL)
        command.wait(10)
        wait_until(lambda: not any(map(is_alive, nodes)), 5, "nodes end with the command")

    def test_a_finished_run_leaves_nothing(self):
        self.assertEqual(self.start_local_run(1095).wait().status, 0)
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_an_interrupted_analyst_interrupts_nobody(self):
        nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 1000))
        nodes.start()
        study_hash = nodes.submit(trial(data__columns__time__range=[0, 30000]))
        nodes.approve(study_hash)
        command = nodes.start_study_command("run", study_hash)
        self.addCleanup(command.kill)
        time.sleep(0.6)
        command.signal(signal.SIGINT)
        self.assertEqual(command.wait(10).status, 130)
        wait_until(lambda: nodes.study_command("status", study_hash, "--json").json()["state"] == "done", 30,
                   "the run ends")


if __name__ == "__main__":
    unittest.main()
