#!/usr/bin/env python3
"""The project's files follow its own rules (checks.py), and every rule can fail.

    style_test.py [ROOT]      default: this checkout
"""
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import checks  # noqa: E402
from need import needs_command  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]

GOOD = {
    "CMakeLists.txt": "add_subdirectory(src/base)\n",
    "src/base/CMakeLists.txt": "cohortium_library(base)\n",
    "src/base/file.h": "// Files.\n#pragma once\n",
    "src/base/file.cc": '#include "base/file.h"\nthrow Failure({.code = "file.missing", .message = "no"});\n',
    "src/base/rules.cc": '// Rules.\n#include "base/file.h"\n'
                         "void refuse(const std::string& code) {\n"
                         '  throw Failure({.code = "rule." + code});\n}\n'
                         'void check() { refuse("broken"); }\n',
    "scripts/go": "#!/bin/sh\n# Goes.\n",
    "docs/errors.md": "| `file.missing` | gone | look |\n| `rule.broken` | so | mend |\n",
    "README.md": "# It\n\n```\n12 s\n```\n\nTakes 12 s (`scripts/go`).\n\n[errors](docs/errors.md)\n",
}

# For each rule, changes to the good tree and what the fault must say.
BAD = {
    checks.leftover_words: [({"src/base/file.h": "// TO" + "DO: files\n"}, "src/base/file.h:1: leftover")],
    checks.machine_paths: [({"docs/a.md": "see /ho" + "me/ana/x\n"}, "docs/a.md:1: path of one machine")],
    checks.using_namespace_in_headers: [({"src/base/file.h": "// F\nusing namespace std;\n"}, "using namespace")],
    checks.long_files: [({"src/base/file.cc": "x\n" * 351}, "351 lines"), ({"tests/a.py": "x\n" * 351}, "351 lines")],
    checks.long_functions: [
        ({"src/base/file.cc": "void f(int a) {\n" + "  a;\n" * 71 + "}\n"}, "a function of 72 lines"),
        ({"src/base/file.cc": "struct S {\n  int f(int a,\n        int b) const {\n" + "    a;\n" * 80 + "  }\n};\n"},
         "a function of 81 lines"),
    ],
    checks.missing_opening_comments: [
        ({"src/base/file.h": "#pragma once\n"}, "src/base/file.h: does not open"),
        ({"src/base/rules.cc": "int x;\n"}, "src/base/rules.cc: does not open"),
        ({"scripts/go": "#!/bin/sh\ngo\n"}, "scripts/go: does not open"),
        ({"tests/a.py": "import sys\n"}, "tests/a.py: does not open"),
    ],
    checks.dead_files: [
        ({"src/base/unused.h": "// U\n", "src/base/unused.cc": '#include "base/unused.h"\n'}, "unused.h: nobody includes"),
        ({"src/cellar/wine.cc": "// W\n"}, "src/cellar/wine.cc: belongs to no target"),
        ({"tests/lost/lost_test.cc": "// L\n"}, "tests/lost/lost_test.cc: belongs to no target"),
    ],
    checks.undocumented_error_codes: [
        ({"src/base/more.cc": '// M\nError{.code = "file.torn"};\n'}, "file.torn is not in docs/errors.md"),
        ({"src/base/more.cc": '// M\nreturn {"file.torn", "is torn"};\n'}, "file.torn is not in docs/errors.md"),
        ({"src/base/file.cc": "// F\n"}, "no source uses the code file.missing"),
        ({"src/base/rules.cc": GOOD["src/base/rules.cc"].replace('"broken"', '"bent"')}, "rule.bent is not in"),
        ({"docs/errors.md": GOOD["docs/errors.md"] * 2}, "the code file.missing stands twice"),
    ],
    checks.figures_without_command: [
        ({"README.md": "Takes 12 s.\n"}, "no command beside the figure: Takes 12 s."),
        ({"README.md": "| a | b |\n| - | - |\n| sent | 20 MB |\n"}, "no command beside the figure: | sent | 20 MB |"),
    ],
    checks.dead_links: [({"docs/a.md": "[b](../b.md)\n"}, "docs/a.md: links to ../b.md")],
}


class SelfTest(unittest.TestCase):
    def test_a_good_tree_passes(self):
        for rule in checks.RULES:
            with self.subTest(rule.__name__):
                self.assertEqual(rule(checks.Tree(GOOD)), [])

    def test_every_rule_can_fail(self):
        self.assertEqual(set(BAD), set(checks.RULES))
        for rule, cases in BAD.items():
            for changes, expected in cases:
                with self.subTest(f"{rule.__name__}: {expected}"):
                    self.assertIn(expected, "\n".join(rule(checks.Tree({**GOOD, **changes}))))

    @needs_command("clang-format", "clang-format")
    def test_the_layout_rule_can_fail(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "src").mkdir()
            (root / ".clang-format").write_text("BasedOnStyle: Google\n", encoding="utf-8")
            (root / "src" / "good.cc").write_text("int f(int a);\n", encoding="utf-8")
            (root / "src" / "bad.cc").write_text("int  f( int a );\n", encoding="utf-8")
            faults = checks.not_formatted(checks.Tree.of_folder(root))
        self.assertEqual(len(faults), 1)
        self.assertIn("src/bad.cc", faults[0])


class Checkout(unittest.TestCase):
    def test_follows_every_rule(self):
        tree = checks.Tree.of_folder(ROOT)
        for rule in checks.RULES:
            with self.subTest(rule.__name__):
                self.report(rule(tree))

    @needs_command("clang-format", "clang-format")
    def test_is_laid_out(self):
        self.report(checks.not_formatted(checks.Tree.of_folder(ROOT)))

    def report(self, faults):
        if faults:
            self.fail("\n" + "\n".join(faults))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
