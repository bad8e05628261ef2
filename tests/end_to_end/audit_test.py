"""The audit log: unbroken it verifies, altered it names the line and keeps the node from starting."""

import json
import shutil
import unittest

from harness import FolderTest, Process, cohortium, must
from studies import MEMBERS, synthesise, trial


class AuditTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60))
        self.nodes.start()
        self.study_hash = self.nodes.submit(trial())
        self.nodes.approve(self.study_hash)
        must(self.nodes.study_command("run", self.study_hash))
        self.log = self.nodes.audit_path("north")
        self.nodes.stop("north")
        self.lines = self.log.read_text().splitlines(keepends=True)

    def test_unbroken(self):
        self.assertEqual([entry["event"] for entry in self.nodes.audit("north")],
                         ["node.started", "study.approved", "run.joined", "run.completed"])
        verified = must(cohortium("audit", "verify", self.log, "--json")).json()
        self.assertEqual(verified["entries"], 4)
        self.assertEqual(verified["head"], json.loads(self.lines[-1])["hash"])
        self.nodes.start("north")
        self.assertEqual(must(cohortium("audit", "verify", self.log, "--json")).json()["entries"], 5)
        self.assertFails(cohortium("audit", "verify", self.folder / "none.log"), "file.missing", "none.log")

    def test_tampered(self):
        lines = self.lines
        altered = lines[1].replace("operator-north", "operator-south")
        forged = json.loads(lines[1])
        forged["detail"]["by"] = "operator-south"
        for name, text, line in (
                ("altered", [lines[0], altered, *lines[2:]], 2),
                ("forged", [lines[0], json.dumps(forged, sort_keys=True, separators=(",", ":")) + "\n", *lines[2:]], 2),
                ("removed", [lines[0], *lines[2:]], 2),
                ("swapped", [lines[0], lines[2], lines[1], lines[3]], 2),
                ("cut", lines[:3], 4),
                ("emptied", [], 1),
                ("added", [*lines, lines[3]], 5),
                ("garbage", [*lines, "\x00\x01garbage\n"], 5)):
            with self.subTest(name):
                self.log.write_text("".join(text))
                self.assertFails(cohortium("audit", "verify", self.log), "audit.tampered", f"audit.log:{line}")
                error = cohortium("audit", "verify", self.log, "--json").json()["error"]
                self.assertEqual(error["code"], "audit.tampered")
                self.refuses_to_start(f"audit.log:{line}")
        self.log.write_text("".join(lines))
        self.log.with_name("audit.head").unlink()
        self.refuses_to_start("audit.head")

    def refuses_to_start(self, place):
        before = self.log.read_bytes()
        node = Process("node", "--config", self.folder / "north.toml")
        self.addCleanup(node.kill)
        self.assertFails(node.wait(20), "audit.tampered", place)
        self.assertEqual(self.log.read_bytes(), before, "evidence stays as it is")

    def test_an_unfinished_last_line_is_a_crash_and_no_crime(self):
        with open(self.log, "a") as log:
            log.write('{"detail":{"by"')
        self.nodes.start("north")
        self.assertEqual(must(cohortium("audit", "verify", self.log, "--json")).json()["entries"], 5)

    def test_one_process_writes(self):
        shutil.copy(self.folder / "hub.toml", self.folder / "second.toml")
        second = Process("node", "--config", self.folder / "second.toml")
        self.addCleanup(second.kill)
        self.assertFails(second.wait(20), "audit.in_use", "audit.log")


if __name__ == "__main__":
    unittest.main()
