"""What a test needs and may not find.

The test is then skipped, and says what is missing and where it was looked for. Continuous integration (the variable CI)
has everything, so there the test fails instead: nothing goes untested unnoticed.
"""

import os
import shutil
import unittest
from pathlib import Path

SHARED = Path(os.environ.get("COHORTIUM_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def needs(found, what, looked_for):
    """For a test or a class of tests. `found`: whether it is there."""
    if found:
        return lambda test: test
    message = f"{what} is missing; looked for {looked_for}"
    if not os.environ.get("CI"):
        return unittest.skip(message)

    def fail(test):
        def failing(*_):
            raise AssertionError(message + " (and CI is set, so this is a failure)")

        if not isinstance(test, type):
            return failing
        return type(test.__name__, (unittest.TestCase,), {"test_needs": failing, "__module__": test.__module__})

    return fail


def needs_command(name, package):
    return needs(shutil.which(name), name, f"{name} on the PATH; the Debian package {package} has it")


def needs_data(path):
    """A file or folder of the public data, which lies beside the checkout or where COHORTIUM_SHARED says."""
    place = SHARED / "data" / path
    return needs(place.exists(), "public data", f"{place} (COHORTIUM_SHARED names the folder above data)")
