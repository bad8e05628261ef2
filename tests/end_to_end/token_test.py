"""A node whose key is in a PKCS#11 token: SoftHSM plays the token."""

import os
import subprocess
import unittest
from pathlib import Path

from harness import Consortium, FolderTest, cohortium, must
from need import needs, needs_command
from studies import MEMBERS, synthesise, trial

MODULES = [Path("/usr/lib/softhsm/libsofthsm2.so"), *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so")]
ENGINES = [*Path("/usr/lib").glob("*/engines-3/pkcs11.so")]
PIN = "1234567890"


class TokenConsortium(Consortium):
    """Where west's key is in a token."""

    def create_key(self, name, folder=None):
        if name != "west":
            super().create_key(name, folder)
            return
        (self.folder / "west.credential").touch(0o600)
        (self.folder / "west.credential").write_text(PIN + "\n")
        (self.folder / "tokens").mkdir()
        (self.folder / "softhsm.conf").write_text(f"directories.tokendir = {self.folder / 'tokens'}\n")
        os.environ["SOFTHSM2_CONF"] = str(self.folder / "softhsm.conf")
        self.run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                 self.folder / "made.pem")
        self.run("softhsm2-util", "--init-token", "--free", "--label", "hospital", "--so-pin", PIN, "--pin", PIN)
        self.run("softhsm2-util", "--import", self.folder / "made.pem", "--token", "hospital", "--label", "west", "--id",
                 "01", "--pin", PIN)
        (self.folder / "made.pem").unlink()
        must(cohortium("keys", "create", "west", "--out", self.folder, "--credential", self.folder / "west.credential",
                       "--token", f"pkcs11:token=hospital;object=west?module-path={MODULES[0]}"))

    @staticmethod
    def run(*command):
        subprocess.run([*map(str, command)], check=True, capture_output=True)


@needs_command("softhsm2-util", "softhsm2")
@needs(ENGINES, "OpenSSL's PKCS#11 engine", "engines-3/pkcs11.so under /usr/lib; libengine-pkcs11-openssl has it")
class TokenTest(FolderTest):
    def test_a_node_with_its_key_in_a_token(self):
        nodes = TokenConsortium(self.folder, MEMBERS, synthesise(self.folder / "records", 60))
        self.addCleanup(nodes.close)
        self.assertTrue((self.folder / "west.key").read_text().startswith("pkcs11:token=hospital"))
        nodes.start()
        study_hash = nodes.submit(trial())
        nodes.approve(study_hash)
        must(nodes.study_command("run", study_hash))
        (self.folder / "west.credential").write_text("wrong\n")
        wrong = cohortium("consortium", "sign", nodes.file, "--as", self.folder / "west", "--credential",
                          self.folder / "west.credential", "--json")
        self.assertEqual(wrong.status, 1)
        self.assertEqual(wrong.json()["error"]["code"], "key.unusable")
        protected = cohortium("keys", "protect", self.folder / "west", "--old-credential",
                              self.folder / "west.credential", "--credential", self.folder / "north.credential")
        self.assertFails(protected, "key.in_token")


if __name__ == "__main__":
    unittest.main()
