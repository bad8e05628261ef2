#!/usr/bin/env python3
"""The house stands on its floors: every include of src/ points downward, and CMake links what is included.

    floors_test.py [ROOT]      checks the tree (default: this checkout), after checking itself on a made-up one

A folder includes folders on lower floors only. Siblings do not include each other, but for the arrows named below.
A large folder has floors of its own: its sub-folders include what lies in the folder itself and lower sub-folders.
What src/net/testing and its like hold (faulty peers, throw-away keys) is for tests: nothing that is shipped includes it.
"""
import pathlib
import re
import sys
import tempfile
import unittest

FLOORS = {
    "base": 0,
    "crypto": 1, "net": 1, "data": 1,
    "mpc": 2, "cohort": 2, "omop": 2, "quality": 2,
    "oblivious": 3, "harmonise": 3,
    "statistics": 4, "learning": 4, "linkage": 4, "release": 4,
    "study": 5, "governance": 5, "policy": 5,
    "evidence": 6, "node": 6, "bench": 6,
    "cli": 7,
}
SIBLINGS = {("governance", "study"), ("policy", "study")}  # the one approves study files, the other judges them

SUB_FLOORS = {"statistics": {"hypothesis": 1, "describe": 2, "models": 2, "survival": 3, "trials": 4, "safety": 4}}
NAMES_ALL = {"statistics/analysis.cc", "statistics/noisy.cc"}  # the lists of kinds

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def allowed(folder, other):
    return folder == other or FLOORS[other] < FLOORS[folder] or (folder, other) in SIBLINGS


def sub_floor(path):
    """Where a file stands within its folder: 0 for the folder itself; None where it may include all of the folder."""
    floors = SUB_FLOORS.get(path.parts[0], {})
    if len(path.parts) > 2 and path.parts[1] in floors:
        return floors[path.parts[1]]
    return None if str(path) in NAMES_ALL or is_for_tests(path) else 0


def allowed_within(path, target):
    """Whether `path` may include `target`, which is of the same folder."""
    if path.parts[:-1] == target.parts[:-1] or sub_floor(path) is None or not sub_floor(target):
        return True
    return sub_floor(target) < sub_floor(path)


def is_for_tests(path):
    return path.name.endswith("_test.cc") or path.name.startswith("test_") or "testing" in path.parts


def sources(root):
    for path in sorted((root / "src").rglob("*")):
        if path.suffix in (".h", ".cc") or path.name.endswith(".cc.in"):
            yield path, path.relative_to(root / "src")


def declared_dependencies(cmake_text):
    """{"net": {"DEPENDS": ["base"], ...}} of every cohortium_library(...) call."""
    libraries = {}
    for call in re.findall(r"cohortium_library\(([^)]*)\)", re.sub(r"#.*", "", cmake_text)):
        words = call.split()
        lists, current = {}, None
        for word in words[1:]:
            if word in ("DEPENDS", "LIBRARIES", "TEST_DEPENDS", "GENERATED"):
                current = lists.setdefault(word, [])
            elif current is not None:
                current.append(word)
        libraries[words[0]] = lists
    return libraries


def include_faults(root):
    """Faults of the includes, and which folders each folder's shipped sources include."""
    faults, used = [], {}
    for path, inside in sources(root):
        folder = inside.parts[0]
        if folder not in FLOORS:
            faults.append(f"src/{inside}: the folder {folder} stands on no floor")
            continue
        reached = used.setdefault(folder, set())
        for included in INCLUDE.findall(path.read_text(encoding="utf-8")):
            target = pathlib.PurePosixPath(included)
            if not (root / "src" / target).is_file():
                faults.append(f'src/{inside}: "{included}" is no file of src/ (includes are written from there)')
                continue
            if not allowed(folder, target.parts[0]):
                faults.append(f"src/{inside}: {folder} (floor {FLOORS[folder]}) may not include {included} "
                              f"(floor {FLOORS[target.parts[0]]})")
            if target.parts[0] == folder and not allowed_within(inside, target):
                faults.append(f"src/{inside}: may not include {included}, which does not stand lower in {folder}")
            if is_for_tests(inside):
                continue
            if "testing" in target.parts:
                faults.append(f"src/{inside}: {included} is for tests only")
            if target.parts[0] != folder:
                reached.add(target.parts[0])
    return faults, used


def link_faults(root, used):
    faults = []
    for folder in sorted(used):
        cmake = root / "src" / folder / "CMakeLists.txt"
        libraries = declared_dependencies(cmake.read_text(encoding="utf-8")) if cmake.is_file() else {}
        if folder not in libraries:
            faults.append(f"src/{folder}/CMakeLists.txt: no cohortium_library({folder} ...)")
            continue
        depends = set(libraries[folder].get("DEPENDS", []))
        for other in sorted(depends):
            if other not in FLOORS or other == folder or not allowed(folder, other):
                faults.append(f"src/{folder}/CMakeLists.txt: {folder} may not depend on {other}")
        for other in sorted(used[folder] - depends):
            faults.append(f"src/{folder}/CMakeLists.txt: {folder} includes {other} but does not name it in DEPENDS")
        for other in sorted(depends - used[folder]):
            faults.append(f"src/{folder}/CMakeLists.txt: {folder} names {other} in DEPENDS but includes nothing of it")
    return faults


def all_faults(root):
    faults, used = include_faults(root)
    return faults + link_faults(root, used)


GOOD = {
    "src/base/error.h": "",
    "src/base/CMakeLists.txt": "cohortium_library(base LIBRARIES fmt::fmt)",
    "src/net/channel.h": '#include "base/error.h"',
    "src/net/testing/faulty.h": '#include "net/channel.h"',
    "src/net/channel_test.cc": '#include "net/testing/faulty.h"',
    "src/net/CMakeLists.txt": "cohortium_library(net DEPENDS base)",
    "src/data/table.h": '#include "base/error.h"',
    "src/data/CMakeLists.txt": "cohortium_library(data DEPENDS base)",
}

STATISTICS = {
    "src/statistics/CMakeLists.txt": "cohortium_library(statistics)",
    "src/statistics/entries.h": "",
    "src/statistics/analysis.cc": '#include "statistics/survival/cox.h"',
    "src/statistics/models/glm.h": '#include "statistics/entries.h"',
    "src/statistics/survival/cox.h": '#include "statistics/models/glm.h"',
}


class SelfTest(unittest.TestCase):
    """Every rule can fail: the good tree with one file changed has a fault that says so."""

    def faults_with(self, changes):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**GOOD, **changes}.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return all_faults(root)

    def test_a_good_tree_passes(self):
        self.assertEqual(self.faults_with(STATISTICS), [])

    def test_each_rule_can_fail(self):
        cases = [
            ({"src/base/error.h": '#include "net/channel.h"'}, "may not include net/channel.h"),
            ({"src/data/table.h": '#include "net/channel.h"'}, "data (floor 1) may not include net/channel.h"),
            ({"src/net/channel_test.cc": '#include "data/table.h"'}, "net (floor 1) may not include data/table.h"),
            ({"src/net/channel.h": '#include "channel.h"'}, "is no file of src/"),
            ({"src/net/channel.h": '#include "net/testing/faulty.h"'}, "is for tests only"),
            ({"src/cellar/wine.h": ""}, "stands on no floor"),
            ({"src/net/CMakeLists.txt": "cohortium_library(net)"}, "does not name it in DEPENDS"),
            ({"src/net/CMakeLists.txt": "cohortium_library(net DEPENDS base data)"}, "may not depend on data"),
            ({"src/base/CMakeLists.txt": ""}, "no cohortium_library(base"),
            ({"src/data/table.h": ""}, "includes nothing of it"),
            ({**STATISTICS, "src/statistics/models/glm.h": '#include "statistics/survival/cox.h"'},
             "models/glm.h: may not include statistics/survival/cox.h"),
            ({**STATISTICS, "src/statistics/entries.h": '#include "statistics/survival/cox.h"'},
             "entries.h: may not include statistics/survival/cox.h"),
        ]
        for changes, expected in cases:
            with self.subTest(expected):
                self.assertIn(expected, "\n".join(self.faults_with(changes)))

    def test_an_agreed_sibling_may_be_included(self):
        changes = {
            "src/study/plan.h": '#include "base/error.h"',
            "src/study/CMakeLists.txt": "cohortium_library(study DEPENDS base)",
            "src/governance/policy.h": '#include "study/plan.h"',
            "src/governance/CMakeLists.txt": "cohortium_library(governance DEPENDS study)",
        }
        self.assertEqual(self.faults_with(changes), [])


class Tree(unittest.TestCase):
    def test_the_house_stands(self):
        faults = all_faults(ROOT)
        if faults:
            self.fail("\n" + "\n".join(faults))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
