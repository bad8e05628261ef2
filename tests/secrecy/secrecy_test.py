"""No branch and no address depends on a secret.

secrecy_program runs every kernel and every algorithm among three parties in one process; under valgrind it marks shares
and inputs as undefined and opened values as defined, so that memcheck reports every branch and address that depends on a
secret. Two programs that do what is forbidden show that it would.
"""
import os
import subprocess
import unittest

from need import needs, needs_command

PROGRAM = os.environ.get("COHORTIUM_SECRECY_PROGRAM", "")
TAGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compared_tags.supp")
REPORTED = 99


def run(*arguments):
    """The program under memcheck: exit status and everything it said."""
    command = ["valgrind", "--quiet", "--leak-check=no", "--undef-value-errors=yes", f"--error-exitcode={REPORTED}",
               "--expensive-definedness-checks=yes", "--fair-sched=yes", f"--suppressions={TAGS}", PROGRAM, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


@needs_command("valgrind", "valgrind")
@needs(PROGRAM, "the program to run under valgrind", os.environ.get("COHORTIUM_SECRECY_MISSING"))
class Secrecy(unittest.TestCase):
    def test_no_branch_or_address_depends_on_a_secret(self):
        status, said = run()
        self.assertEqual(status, 0, said)
        self.assertIn("programs", said)

    def test_a_branch_on_a_secret_is_reported(self):
        status, said = run("--branch-on-a-secret")
        self.assertEqual(status, REPORTED, said)
        self.assertIn("Conditional jump or move depends on uninitialised value", said)

    def test_an_address_from_a_secret_is_reported(self):
        status, said = run("--address-from-a-secret")
        self.assertEqual(status, REPORTED, said)
        self.assertIn("Use of uninitialised value", said)


if __name__ == "__main__":
    unittest.main()
