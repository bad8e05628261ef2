"""The audit log: unbroken it verifies, offline and by other programs; altered it names the entry and keeps the node from
starting."""

import json
import shutil
import unittest

import proofs
from harness import FolderTest, Process, cohortium, must
from studies import MEMBERS, synthesise, trial


class AuditTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60),
                                     more_people={"ada": "auditor", "nils": "auditor,south"})
        self.nodes.start()
        self.study_hash = self.nodes.submit(trial())
        self.nodes.approve(self.study_hash)
        must(self.nodes.study_command("run", self.study_hash))
        for name in MEMBERS:
            self.nodes.stop(name)
        self.log = self.nodes.audit_path("north")
        self.entries = self.log / "entries.jsonl"
        self.lines = self.entries.read_text().splitlines(keepends=True)

    def verify(self, *options):
        return cohortium("audit", "verify", self.log, "--consortium", self.nodes.file, *options)

    def test_what_is_logged_and_who_witnessed_it(self):
        self.assertEqual([entry["event"] for entry in self.nodes.audit("north")],
                         ["node.started", "study.approved", "run.joined", "run.completed", "run.released"])
        self.assertNotIn("arm", self.entries.read_text(), "names of nodes and hashes, nothing of the data")
        checked = must(self.nodes.verify_audit()).out
        self.assertEqual(checked.count("unaltered and complete"), len(MEMBERS))
        logs = must(cohortium("audit", "verify", *map(self.nodes.audit_path, MEMBERS), "--consortium", self.nodes.file,
                              "--json")).json()["logs"]
        north = next(log for log in logs if log["node"] == "north")
        self.assertEqual(north["entries"], 5)
        self.assertLessEqual({"south", "west"}, set(north["witnesses"]))
        self.assertGreaterEqual(north["witnessed_entries"], 2)

    def test_another_program_comes_to_the_same(self):
        fingerprint = proofs.fingerprint_of(self.folder / "north.crt")
        slots = [(self.log / "head").read_text()[at:at + 1024].strip() for at in (0, 1024)]
        head = max((json.loads(slot) for slot in slots if slot), key=lambda each: each["size"])
        entries = [line.rstrip("\n").encode() for line in self.lines]
        self.assertEqual(head["size"], len(entries))
        self.assertEqual(head["root"], proofs.root(entries).hex())
        self.assertEqual(head["log"], proofs.leaf_hash(entries[0]).hex())
        self.assertTrue(proofs.is_head(head, fingerprint))
        self.assertFalse(proofs.is_head({**head, "size": head["size"] + 1}, fingerprint))
        for number in range(1, len(entries) + 1):
            proof = must(cohortium("audit", "prove", self.log, number, "--consortium", self.nodes.file)).json()
            self.assertEqual(proof["entry"].encode(), entries[number - 1])
            self.assertEqual(proof["head"], head)
            self.assertTrue(proofs.is_included(proof["entry"], head, proof["path"]))
            self.assertFalse(proofs.is_included(proof["entry"].replace("north", "south") + " ", head, proof["path"]))
        missing = cohortium("audit", "prove", self.log, len(entries) + 1, "--consortium", self.nodes.file)
        self.assertFails(missing, "audit.no_entry")
        for line in (self.nodes.audit_path("south") / "heads.jsonl").read_text().splitlines():
            witnessed = json.loads(line)
            by, node = witnessed["signature"]["by"], witnessed["head"]["node"]
            self.assertTrue(proofs.is_head(witnessed["head"], proofs.fingerprint_of(self.folder / f"{node}.crt")))
            self.assertTrue(proofs.is_signed(witnessed["signature"], "witnessed tree head",
                                             proofs.without_signature(witnessed),
                                             proofs.fingerprint_of(self.folder / f"{by}.crt")))

    def test_show(self):
        shown = must(cohortium("audit", "show", self.log)).out
        self.assertEqual(len(shown.splitlines()), 5)
        self.assertIn("study.approved", shown)
        of_study = must(cohortium("audit", "show", self.log, "--study", self.study_hash, "--json")).out
        self.assertEqual(of_study, "".join(self.lines[1:]))
        self.assertFails(cohortium("audit", "show", self.folder), "file.missing")

    def test_a_restart_is_logged_with_what_changed(self):
        self.nodes.start("north")
        self.assertEqual(self.nodes.audit("north")[-1]["event"], "node.started")
        must(self.verify())

    def test_tampered(self):
        lines = self.lines
        altered = lines[1].replace("approver-north", "approver-south")
        for name, text, line in (
                ("altered", [lines[0], altered, *lines[2:]], 2),
                ("removed", [lines[0], *lines[2:]], 2),
                ("swapped", [lines[0], lines[2], lines[1], *lines[3:]], 2),
                ("cut", lines[:3], 4),
                ("emptied", [], 1),
                ("added", [*lines, lines[4]], 6),
                ("garbage", [*lines, "\x00\x01garbage\n"], 6)):
            with self.subTest(name):
                self.entries.write_text("".join(text))
                self.assertFails(self.verify(), "audit.tampered", f"entries.jsonl:{line}")
                self.assertEqual(self.verify("--json").json()["error"]["code"], "audit.tampered")
                self.refuses_to_start(f"entries.jsonl:{line}")
        self.entries.write_text("".join(lines))
        (self.log / "head").unlink()
        self.refuses_to_start("head")

    def refuses_to_start(self, place):
        before = self.entries.read_bytes()
        node = Process("node", "--config", self.folder / "north.toml")
        self.addCleanup(node.kill)
        self.assertFails(node.wait(20), "audit.tampered", place)
        self.assertEqual(self.entries.read_bytes(), before, "evidence stays as it is")

    def test_an_unfinished_last_line_is_a_crash_and_no_crime(self):
        with open(self.entries, "a") as log:
            log.write('{"detail":{"by"')
        self.nodes.start("north")
        self.assertEqual(self.verify("--json").json()["logs"][0]["entries"], 6)

    def test_one_process_writes(self):
        self.nodes.start("hub")
        shutil.copy(self.folder / "hub.toml", self.folder / "second.toml")
        second = Process("node", "--config", self.folder / "second.toml")
        self.addCleanup(second.kill)
        self.assertFails(second.wait(20), "audit.in_use", "audit")

    def test_an_auditor_fetches_it(self):
        self.nodes.start("north")

        def fetch(who, out):
            return cohortium("audit", "fetch", "--consortium", self.nodes.file, "--as", self.folder / who,
                             "--credential", self.folder / f"{who}.credential", "--node", "north", "--out", out)

        copied = self.folder / "copied"
        self.assertIn("6 entries, unaltered and complete", must(fetch("ada", copied)).out)
        self.assertEqual((copied / "entries.jsonl").read_bytes(), self.entries.read_bytes())
        self.assertEqual((copied / "hashes").read_bytes(), (self.log / "hashes").read_bytes())
        must(cohortium("audit", "prove", copied, 3, "--consortium", self.nodes.file))
        must(cohortium("audit", "verify", copied, "--consortium", self.nodes.file, "--heads", self.log))
        self.assertFails(fetch("ada", copied), "cli.folder_exists", "copied")
        for who in ("ana", "approver-north", "nils"):
            self.assertFails(fetch(who, self.folder / who), "node.not_allowed", "auditor")
        self.assertFalse((self.folder / "nils").exists())

    def test_without_a_log_nothing_is_verified(self):
        self.assertFails(cohortium("audit", "verify", self.folder / "none", "--consortium", self.nodes.file),
                         "file.missing", "none")


if __name__ == "__main__":
    unittest.main()
