"""What the golden tests share: a study over split records, run by real nodes, compared number by number.

Studies run under COHORTIUM_GOLDEN_PROTOCOL, replicated3 where it is not set; what is compared, and how closely, is the same.
With COHORTIUM_FIDELITY naming a file, every comparison adds a line to it, and at the end every value of a golden file that a
test has looked at: scripts/fidelity makes docs/fidelity.md of them.
"""

import atexit
import json
import os

import jsonschema
from harness import REPOSITORY, FolderTest, cohortium, must
from need import SHARED
from records import write_sites

FOLDER = SHARED / "data/golden"
PROTOCOL = os.environ.get("COHORTIUM_GOLDEN_PROTOCOL", "replicated3")
BOUND = 1e-9  # relative error of everything that follows from sums


class Golden(dict):
    """An object of a golden file, which remembers which of its values are looked at."""

    seen = set()

    def __init__(self, path, members):
        super().__init__({key: self.of((*path, key), value) for key, value in members.items()})
        self.path = path

    @classmethod
    def of(cls, path, value):
        if isinstance(value, list):
            return [cls.of((*path, str(i)), element) for i, element in enumerate(value)]
        return cls(path, value) if isinstance(value, dict) else value

    def __getitem__(self, key):
        self.seen.add((*self.path, key))
        return super().__getitem__(key)

    def get(self, key, default=None):
        return self[key] if key in self else default

    def items(self):
        return [(key, self[key]) for key in self]

    def values(self):
        return [self[key] for key in self]


def golden(name):
    return Golden((name,), json.loads((FOLDER / f"{name}.json").read_text()))


def note(line):
    path = os.environ.get("COHORTIUM_FIDELITY")
    if path:
        with open(path, "a") as file:
            file.write(json.dumps(line) + "\n")


@atexit.register
def note_what_was_seen():
    for path in sorted(Golden.seen):
        note({"seen": path})


class Fidelity:
    """Compares the numbers of one golden entry and remembers the largest relative error."""

    def __init__(self, test, entry, bound=BOUND, note=""):
        self.test, self.entry, self.bound, self.note = test, entry, bound, note
        self.numbers, self.largest, self.at = 0, 0.0, ""

    def number(self, what, value, expected):
        self.numbers += 1
        if value is None or expected is None:
            self.test.assertEqual(value, expected, f"{self.entry}: {what}")
            return
        # Values that a double cannot tell from 0 (p-values of 1e-320, say) are compared as such.
        error = abs(value - expected) / max(abs(expected), 1e-300)
        self.test.assertLessEqual(error, self.bound, f"{self.entry}: {what} is {value}, golden {expected}")
        if error > self.largest:
            self.largest, self.at = error, what

    def numbers_of(self, what, values, expected):
        self.test.assertEqual(len(values), len(expected), f"{self.entry}: length of {what}")
        for i, (value, golden_value) in enumerate(zip(values, expected)):
            self.number(f"{what}[{i}]", value, golden_value)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            return
        note({"entry": self.entry, "numbers": self.numbers, "error": self.largest, "at": self.at, "bound": self.bound,
              "note": self.note})


class GoldenTest(FolderTest):
    def run_records(self, name, study, records, *options):
        """The results by id of a study over the folders of sites, which must be valid as the schema says."""
        study = {**study, "security": {"protocol": PROTOCOL}}
        path, out = self.folder / f"{name}-study.json", self.folder / f"{name}-out"
        path.write_text(json.dumps(study))
        sites = [f"--site={site}={folder}" for site, folder in records.items()]
        must(cohortium("run", path, "--out", out, *options, *sites, timeout=250))
        result = json.loads((out / "result.json").read_text())
        self.assertEqual(result["study"]["protocol"], PROTOCOL)
        schema = json.loads((REPOSITORY / "docs/schema/result.schema.json").read_text())
        jsonschema.Draft7Validator(schema).validate(result)
        return result["analyses"]

    def run_study(self, table, columns, analyses, minimum=11, where=None, derive=None, records=None,
                  extra=None, curve="merged", apart=False):
        """The results by id, of `analyses` (id to entry) over the split records of `table`; `extra` fields of the study.

        `apart`: each in a study of its own, where together the rule across analyses would withhold some of them.
        """
        names = [name for name in columns if name not in (derive or {})]
        records = records or write_sites(self.folder, table, names, derive)
        if apart:
            return {name: self.run_study(table, columns, {name: entry}, minimum, where, derive, records, extra, curve)[name]
                    for name, entry in analyses.items()}
        study = {
            "cohortium": 1,
            "title": table,
            "purpose": "To equal the golden result.",
            "sites": list(records),
            "data": {"table": table, "columns": columns},
            "analyses": [{"id": name, **entry} for name, entry in analyses.items()],
            "release": {"minimum_cell": minimum, "curve": curve},
            **(extra or {}),
        }
        if where:
            study["data"]["where"] = where
        return self.run_records(table, study, records)


def number(low, high, missing=()):
    return {"type": "number", "range": [low, high], **({"missing": list(missing)} if missing else {})}


def duration(low, high, missing=(), step=1):
    return {"type": "duration", "range": [low, high], "step": step, **({"missing": list(missing)} if missing else {})}


def category(*levels, missing=()):
    return {"type": "category", "levels": list(levels), **({"missing": list(missing)} if missing else {})}
