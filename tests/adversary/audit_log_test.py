"""Attacks on the audit logs and on what a coordinator hands out: by someone who can write a node's disk, who has a node's
key, who is the coordinator."""

import json
import shutil
import unittest

import proofs
from harness import FolderTest, cohortium, must
from studies import MEMBERS, SITES, synthesise, trial


def stored_hashes(entries):
    """The file of hashes that a node makes for these entries: every complete subtree when its last leaf comes."""
    out, stack = b"", []
    for number, entry in enumerate(entries):
        stack.append(proofs.leaf_hash(entry))
        out += stack[-1]
        while number & 1:
            stack[-2:] = [proofs.node_hash(*stack[-2:])]
            out += stack[-1]
            number >>= 1
    return out


class AuditLogAttacks(FolderTest):
    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60))
        self.nodes.start()

    def run_study(self, title, sites=SITES):
        study_hash = self.nodes.submit(trial(title=title, sites=list(sites)))
        self.nodes.approve(study_hash, *sites)
        return study_hash, self.nodes.study_command("run", study_hash)

    def stop(self, *names):
        for name in names or MEMBERS:
            self.nodes.stop(name)

    def rewrite(self, name, change):
        """Entries and hashes as if they had always been so; what cannot be made is the head's signature."""
        folder = self.nodes.audit_path(name)
        entries = change((folder / "entries.jsonl").read_bytes().splitlines())
        (folder / "entries.jsonl").write_bytes(b"".join(entry + b"\n" for entry in entries))
        (folder / "hashes").write_bytes(stored_hashes(entries))

    def test_rewriting_entries_with_their_hashes(self):
        must(self.run_study("one")[1])
        self.stop()
        entries = (self.nodes.audit_path("north") / "entries.jsonl").read_bytes().splitlines()
        self.assertEqual((self.nodes.audit_path("north") / "hashes").read_bytes(), stored_hashes(entries))
        self.rewrite("north", lambda lines: [line.replace(b"approver-north", b"nobody") for line in lines])
        done = self.nodes.verify_audit("north")
        self.assertFails(done, "audit.tampered", "entries.jsonl:1")
        # The heads that others hold narrow it down to the entry, which is the second.
        done = self.nodes.verify_audit("north", heads=[self.nodes.audit_path("west")])
        self.assertFails(done, "audit.tampered", "entries.jsonl:")
        self.assertRegex(done.err, "entries 1 to [23] was", "up to what west had seen when the run began")

    def test_truncating_the_log_and_its_head(self):
        before = self.folder / "before"
        must(self.run_study("one")[1])
        self.stop("north")
        shutil.copytree(self.nodes.audit_path("north"), before)
        self.nodes.start("north")
        must(self.run_study("two")[1])
        self.stop()
        shutil.rmtree(self.nodes.audit_path("north"))
        shutil.copytree(before, self.nodes.audit_path("north"))  # all of it as it once was, signatures too
        must(self.nodes.verify_audit("north"))  # by itself it looks well …
        done = self.nodes.verify_audit("north", heads=[self.nodes.audit_path("west")])  # … but west has seen more
        size = len((before / "entries.jsonl").read_bytes().splitlines())
        self.assertFails(done, "audit.shorter", f"entries.jsonl:{size + 1}", "north")

    def fork(self):
        """Shows west one history of north and south another; returns the folder with the first one."""
        other = self.folder / "other"
        self.stop("north")
        shutil.copytree(self.folder / "state-north", other)
        self.nodes.start("north")
        for number in range(3):  # so that this history is the longer one
            self.nodes.approve(self.nodes.submit(trial(title=f"to west {number}", sites=["north", "east"])), "north")
        self.stop("south")
        # A run that cannot start, since south is down: but before, west has asked north for its head.
        study_hash, done = self.run_study("one", ["north", "east"])
        self.assertEqual(done.status, 1)
        self.stop("north", "west")
        shutil.move(self.folder / "state-north", self.folder / "shown-to-west")
        shutil.move(other, self.folder / "state-north")
        self.nodes.start("north", "south")
        self.nodes.approve(study_hash, "north")
        self.nodes.approve(self.nodes.submit(trial(title="something else", sites=["north", "east"])), "north")
        self.assertEqual(self.nodes.study_command("run", study_hash).status, 1)  # south has asked north for its head
        return study_hash

    def test_a_fork_between_two_peers_is_named_and_nothing_runs_with_it(self):
        study_hash = self.fork()
        self.nodes.start("west")
        self.assertFails(self.nodes.study_command("run", study_hash), "audit.forked", "north")
        accusers = [name for name in ("west", "south", "east") if (self.nodes.audit_path(name) / "forks" / "north.json").exists()]
        self.assertTrue(accusers)
        for name in accusers:
            evidence = json.loads((self.nodes.audit_path(name) / "forks" / "north.json").read_text())
            fingerprint = proofs.fingerprint_of(self.folder / "north.crt")
            for head in (evidence["seen"], evidence["shown"]):
                self.assertTrue(proofs.is_head(head, fingerprint), "north has signed both")
            self.assertIn("audit.fork_detected", [entry["event"] for entry in self.nodes.audit(name)])
        self.stop()
        self.assertFails(self.nodes.verify_audit(), "audit.forked", "north")
        # The folder that west was shown, and what south has signed: no more is needed.
        self.assertFails(cohortium("audit", "verify", self.folder / "shown-to-west" / "audit", "--consortium",
                                   self.nodes.file, "--heads", self.nodes.audit_path("south")), "audit.forked", "north")

    def test_a_node_set_back_to_a_backup_is_not_computed_with(self):
        self.stop("north")
        shutil.copytree(self.folder / "state-north", self.folder / "backup")
        self.nodes.start("north")
        must(self.run_study("one")[1])
        self.stop("north")
        shutil.rmtree(self.folder / "state-north")
        shutil.copytree(self.folder / "backup", self.folder / "state-north")
        self.nodes.start("north")
        self.assertFails(self.run_study("two")[1], "audit.forked", "north")

    def test_a_coordinator_that_alters_results(self):
        study_hash, done = self.run_study("one")
        must(done)
        other_hash, done = self.run_study("two", ["north", "east"])
        must(done)
        kept = self.folder / "state-hub" / "studies" / study_hash / "result.json"
        genuine = kept.read_text()
        result = json.loads(genuine)
        result["analyses"]["arms"]["cells"][0]["n"] += 1
        for text, code in ((json.dumps(result), "result.other_statement"),
                           ((kept.parent.parent / other_hash / "result.json").read_text(), "result.other_study")):
            kept.write_text(text)
            refused = self.nodes.study_command("result", study_hash, "--out", self.folder / "out")
            self.assertFails(refused, code)
            self.assertFalse((self.folder / "out").exists(), "nothing is written")
        kept.write_text(genuine)
        must(self.nodes.study_command("result", study_hash, "--out", self.folder / "out"))


if __name__ == "__main__":
    unittest.main()
