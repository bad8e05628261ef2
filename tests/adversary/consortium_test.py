"""The consortium file: what nodes make of one that is unsigned, altered or rolled back; keys that end."""

import shutil
import unittest

from attacker import Attacker, put_in_place
from harness import FolderTest, Process, cohortium, must
from studies import MEMBERS, synthesise, trial


class ConsortiumTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.records = synthesise(self.folder / "records", 60)
        self.nodes = self.consortium(MEMBERS, self.records)
        self.attacker = Attacker(self.nodes)

    def propose(self, *options, signed_by=("hub", "north", "south"), of="consortium.toml", to="next.toml"):
        must(cohortium("consortium", "propose", self.folder / of, "--out", self.folder / to, *options))
        self.nodes.sign(*signed_by, file=self.folder / to)
        return self.folder / to

    def refuses_to_start(self, name, code, *mentions):
        node = Process("node", "--config", self.folder / f"{name}.toml")
        self.addCleanup(node.kill)
        self.assertFails(node.wait(20), code, *mentions)

    def rotate(self, name):
        new = self.folder / "new"
        must(cohortium("keys", "rotate", self.folder / name, "--old-credential", self.folder / f"{name}.credential",
                       "--out", new, "--new-credential", self.folder / f"{name}.new.credential"))
        return new / f"{name}.rotation"

    def take_new_key(self, name):
        for suffix in ("crt", "key"):
            shutil.copy(self.folder / "new" / f"{name}.{suffix}", self.folder / f"{name}.{suffix}")
        shutil.copy(self.folder / f"{name}.new.credential", self.folder / f"{name}.credential")

    def test_floors_of_disclosure_rules_are_written_and_checked(self):
        member = [option for name in ("hub", "north", "south") for option in (
            "--member", f"{name}=127.0.0.1:{self.nodes.ports[name]},{self.nodes.certificate(name)},site,compute")]
        file = self.folder / "floors.toml"
        create = ["consortium", "create", "--name", "floors", "--out", file, *member]
        must(cohortium(*create, "--rows-per-parameter", 2.5, "--round-to", 5, "--protect-sites", "--no-zero-and-full"))
        written = file.read_text()
        for line in ("rows_per_parameter = 2.5", "round_to = 5", "protect_sites = true", "zero_and_full = false"):
            self.assertIn(line + "\n", written)
        file.unlink()
        self.assertFails(cohortium(*create, "--round-to", 0), "consortium.bad_value", "release.round_to")
        self.assertFalse(file.exists())

    def test_unsigned_and_altered(self):
        file, signatures = self.nodes.file, self.folder / "consortium.toml.signatures"
        good, signed = file.read_text(), signatures.read_text()
        file.write_text(good.replace("minimum_cell = 11", "minimum_cell = 1"))
        self.refuses_to_start("north", "consortium.changed_after_signing", "consortium.toml")
        file.write_text(good)
        signatures.write_text(signed.replace("minimum_cell = 11", "minimum_cell = 1"))
        self.refuses_to_start("north", "consortium.changed_after_signing")
        file.write_text(good.replace("minimum_cell = 11", "minimum_cell = 1"))  # both
        self.refuses_to_start("north", "signature.bad")
        self.assertFails(self.nodes.study_command("status"), "signature.bad")
        signatures.unlink()
        self.refuses_to_start("north", "consortium.not_signed")
        must(cohortium("consortium", "create", "--name", "test", "--out", self.folder / "mine.toml", *(
            option for name in ("north", "south", "west") for option in (
                "--member", f"{name}=127.0.0.1:{self.nodes.ports[name]},{self.nodes.certificate(name)},site,compute"))))
        self.nodes.sign("north", file=self.folder / "mine.toml")
        for suffix in ("", ".signatures"):
            shutil.copy(self.folder / f"mine.toml{suffix}", self.folder / f"consortium.toml{suffix}")
        self.refuses_to_start("north", "consortium.not_signed", "south", "west")
        self.assertFails(cohortium("consortium", "verify", file), "consortium.not_signed", "south, west")

    def test_rolled_back_forked_and_halfway(self):
        self.nodes.start()
        study_hash = self.nodes.submit(trial())
        self.nodes.approve(study_hash)
        for suffix in ("", ".signatures"):
            shutil.copy(f"{self.nodes.file}{suffix}", self.folder / f"first.toml{suffix}")
        self.propose("--change-signatures", 4)
        fork = self.propose("--change-signatures", 5, to="fork.toml")
        put_in_place(self.nodes, "next.toml", "hub")
        self.assertFails(self.nodes.study_command("run", study_hash), "decision.other_consortium")
        put_in_place(self.nodes, "next.toml")
        self.assertFails(self.nodes.study_command("run", study_hash), "decision.other_consortium", "version 2")
        self.nodes.approve(study_hash)
        must(self.nodes.study_command("run", study_hash))
        self.nodes.stop("north")
        for suffix in ("", ".signatures"):
            shutil.copy(self.folder / f"first.toml{suffix}", f"{self.nodes.file}{suffix}")
        self.refuses_to_start("north", "consortium.rolled_back", "version 1", "version 2")
        for suffix in ("", ".signatures"):
            shutil.copy(f"{fork}{suffix}", f"{self.nodes.file}{suffix}")
        self.refuses_to_start("north", "consortium.forked", "version 2")

    def test_a_run_needs_one_version_everywhere(self):
        self.nodes.start()
        envelope = self.attacker.envelope(trial())
        order = self.attacker.order(envelope, {})
        self.propose("--change-signatures", 4)
        put_in_place(self.nodes, "next.toml", "west")
        self.assertEqual(self.attacker.code("hub", "west", "POST", "/v1/runs", order)[0], "node.other_consortium")

    def test_too_few_signatures(self):
        file = self.propose("--revoke", "ana", signed_by=("north", "south"))
        self.assertFails(cohortium("consortium", "verify", file), "consortium.not_signed", "2 of 5", "hub, west, east")
        stranger = cohortium("consortium", "sign", file, "--as", self.folder / "ana", "--credential",
                             self.folder / "ana.credential")
        self.assertFails(stranger, "consortium.unknown_key")
        self.nodes.sign("east", file=file)
        self.assertIn("in force", must(cohortium("consortium", "verify", file)).out)

    def test_revoked_key(self):
        self.nodes.start()
        study_hash = self.nodes.submit(trial())
        envelope = self.attacker.envelope(trial())
        self.propose("--revoke", "ana")
        put_in_place(self.nodes, "next.toml")
        self.assertFails(self.nodes.study_command("status"), "net.wrong_certificate")
        with self.assertRaises(OSError):  # the handshake ends
            self.attacker.request("ana", "hub", "GET", "/v1/status")
        order = self.attacker.order(envelope, self.attacker.approvals(envelope))
        self.assertEqual(self.attacker.code("hub", "west", "POST", "/v1/runs", order)[0], "consortium.revoked_key")
        refused = self.nodes.study_command("approve", study_hash, "--node", "north", as_whom="approver-north")
        self.assertFails(refused, "consortium.revoked_key", "ana")
        back = cohortium("consortium", "propose", self.nodes.file, "--out", self.folder / "back.toml", "--person",
                         f"ana={self.nodes.certificate('ana')},analyst")
        self.assertFails(back, "consortium.revoked_key")

    def test_expired_keys(self):
        expired = "expires=2026-01-01"
        people = ["--person", f"ana={self.nodes.certificate('ana')},analyst,{expired}", "--person",
                  f"approver-east={self.nodes.certificate('approver-east')},approver,east,{expired}"]
        self.propose(*people)
        put_in_place(self.nodes, "next.toml")
        self.assertFails(self.nodes.study_command("status"), "consortium.expired_key", "ana", "2026-01-01")
        self.assertEqual(self.attacker.code("approver-east", "east", "GET", "/v1/status")[0], "consortium.expired_key")
        envelope = self.attacker.envelope(trial())
        order = self.attacker.order(envelope, self.attacker.approvals(envelope))
        self.assertEqual(self.attacker.code("hub", "west", "POST", "/v1/runs", order)[0], "consortium.expired_key")

    def test_rotated_keys(self):
        self.nodes.start()
        announcements = [option for name in ("ana", "west") for option in ("--rotate", self.rotate(name))]
        file = self.propose(*announcements)
        self.assertFails(cohortium("consortium", "verify", file), "consortium.not_signed", "west must sign")
        old = self.folder / "old"
        old.mkdir()
        for suffix in ("crt", "key", "credential"):
            shutil.copy(self.folder / f"west.{suffix}", old)
        self.take_new_key("west")
        self.nodes.sign("west", file=file)
        self.take_new_key("ana")
        put_in_place(self.nodes, "next.toml")
        study_hash = self.nodes.submit(trial())
        self.nodes.approve(study_hash)
        must(self.nodes.study_command("run", study_hash))
        self.nodes.stop("west")
        for suffix in ("crt", "key", "credential"):
            shutil.copy(old / f"west.{suffix}", self.folder)
        self.refuses_to_start("west", "node.other_key", "west")

    def test_keys_are_encrypted(self):
        key = self.folder / "north.key"
        self.assertIn("ENCRYPTED", key.read_text())
        wrong = cohortium("consortium", "sign", self.nodes.file, "--as", self.folder / "north", "--credential",
                          self.folder / "south.credential")
        self.assertFails(wrong, "key.wrong_passphrase", "north.key")
        nobody_to_ask = cohortium("consortium", "sign", self.nodes.file, "--as", self.folder / "north")
        self.assertFails(nobody_to_ask, "key.no_passphrase")
        plain = self.attacker.openssl("pkey", "-in", key, "-passin", f"file:{self.folder / 'north.credential'}")
        key.write_bytes(plain)
        self.refuses_to_start("north", "key.unprotected")
        must(cohortium("keys", "protect", self.folder / "north", "--credential", self.folder / "south.credential"))
        shutil.copy(self.folder / "south.credential", self.folder / "north.credential")
        self.nodes.start("north")


if __name__ == "__main__":
    unittest.main()
