"""Records that statistics trip over, through real nodes: R's answer, or a refusal that says what is wrong.

degenerate.json holds what R answers (degenerate.R); null where R refuses, warns or gives no number. There a result must
hold no number either, and where it holds nothing at all, a note that says why.
"""

import json
import pathlib
import unittest

from degenerate_records import CASES, write_sites
from golden import Fidelity, GoldenTest, category, duration, number
from harness import cohortium

EXPECTED = json.loads((pathlib.Path(__file__).parent / "degenerate.json").read_text())


def columns(*missing):
    """What the columns are, with the codes for a missing value."""
    return {"time": duration(0, 60, missing), "status": {"type": "event", "event": [1], "censored": [0], "missing": list(missing)},
            "arm": category("a", "b", missing=missing), "age": number(20, 80, missing),
            "ill": category("no", "yes", missing=missing), "stage": category(1, 2, 3, missing=missing)}


SURVIVAL = {"time": "time", "event": "status"}
OPENED = {"strength": "opened"}
COX = {"kind": "cox", **SURVIVAL, "formula": "~ age + arm"}
LOGISTIC = {"kind": "glm", "family": "binomial", "formula": "ill ~ age + arm", "positive": ["yes"]}
LINEAR = {"kind": "linear", "formula": "age ~ arm + stage"}
ANALYSES = {
    "describe": {"kind": "describe", "column": "age", "by": "arm"},
    "quantiles": {"kind": "quantiles", "column": "age"},
    "welch": {"kind": "t_test", "column": "age", "by": "arm"},
    "anova": {"kind": "anova", "column": "age", "by": "stage"},
    "mann_whitney": {"kind": "mann_whitney", "column": "age", "by": "arm"},
    "kruskal_wallis": {"kind": "kruskal_wallis", "column": "age", "by": "stage"},
    "chi_square": {"kind": "chi_square", "by": ["arm", "ill"]},
    "fisher": {"kind": "fisher", "by": ["arm", "ill"]},
    "curve": {"kind": "kaplan_meier", **SURVIVAL, "by": "arm"},
    "log_rank": {"kind": "log_rank", **SURVIVAL, "by": "arm"},
    "cox": COX, "cox_opened": COX | OPENED,
    "logistic": LOGISTIC, "logistic_opened": LOGISTIC | OPENED,
    "linear": LINEAR, "linear_opened": LINEAR | OPENED,
}



class DegenerateGoldenTest(GoldenTest):
    def check_list(self, entry, got, want, bound=1e-9):
        with Fidelity(self, entry, bound) as fidelity:
            fidelity.numbers_of("values", got, want)

    # One number per p-value and statistic; R says once that it refuses.
    def check_test(self, case, name, got, want, fields):
        if all(value is None for value in want):
            self.assertIsNone(got["p"], f"{case}: {name}")
            self.assertTrue(got.get("note"), f"{case}: {name}")
            return
        values = [got[field][0] if isinstance(got[field], list) else got[field] for field in fields]
        self.check_list(f"degenerate {case} {name}", values, want)

    def check_model(self, case, name, got, want):
        estimates = [value for term in got["terms"] for value in (term["estimate"], term["se"])]
        if None in want and (not estimates or len(estimates) != len(want)):
            # R refuses, or leaves columns without a coefficient: then all may be refused, but not without a word.
            self.assertTrue(got.get("note"), f"{case}: {name}")
            return
        self.check_list(f"degenerate {case} {name}", estimates, want, 1e-9 if name.endswith("_opened") else 1e-6)

    def check_case(self, case, got, expected=None):
        want = EXPECTED[expected or case]
        groups = got["describe"]["groups"]
        for name in ("mean", "sd"):
            self.check_list(f"degenerate {case} {name}", [group[name] for group in groups], want[name])
        self.check_list(f"degenerate {case} quantiles", got["quantiles"]["groups"][0]["quantiles"], want["quantiles"])
        self.check_test(case, "welch", got["welch"], want["welch"], ("statistic", "df", "p"))
        for name in ("anova", "mann_whitney", "kruskal_wallis", "chi_square"):
            self.check_test(case, name, got[name], want[name], ("statistic", "p"))
        self.check_list(f"degenerate {case} fisher", [got["fisher"]["p"]], want["fisher"])
        medians = [stratum["median"] for stratum in got["curve"]["strata"]]
        self.check_list(f"degenerate {case} medians", medians, (want["medians"] + [None])[:2])
        log_rank = got["log_rank"]
        if want["log_rank"] == [None]:
            self.assertIsNone(log_rank["chisq"], case)
            self.assertIsNone(log_rank["p"], case)
        else:
            self.check_list(f"degenerate {case} log_rank",
                            [log_rank["chisq"], *log_rank["observed"], *log_rank["expected"]], want["log_rank"])
        for name in ("cox", "logistic", "linear"):
            self.check_model(case, name, got[name], want[name])
            self.check_model(case, name + "_opened", got[name + "_opened"], want[name])

    def test_cases(self):
        self.assertEqual(set(EXPECTED), set(CASES))
        for case in CASES:
            with self.subTest(case):
                self.check_case(case, self.run_people(write_sites(case, self.folder), columns("")))

    def run_people(self, records, columns, where=None):
        return self.run_study("people", columns, ANALYSES, minimum=1, curve="exact", where=where, records=records)

    # A row without a value that an analysis needs takes no part in it: some_missing among the cases. The same rows with
    # another code for what is missing; rows without any of the values left out of all analyses; and a value that is missing
    # though no code is declared for it.
    def test_missing_by_another_code(self):
        got = self.run_people(write_sites("some_missing", self.folder, "-9"), columns("-9", "NA"))
        self.check_case("missing by code", got, "some_missing")

    def test_complete_cases_alone(self):
        everything = " AND ".join(f"{name} IS NOT NULL" for name in columns())
        got = self.run_people(write_sites("some_missing", self.folder), columns(""), everything)
        self.check_case("missing left out", got, "complete_cases")

    def test_missing_without_a_code_is_refused(self):
        records = write_sites("some_missing", self.folder)
        study = {"cohortium": 1, "title": "people", "purpose": "To be refused.", "sites": list(records),
                 "data": {"table": "people", "columns": columns()}, "analyses": [{"id": "n", "kind": "describe", "column": "age"}]}
        path, out = self.folder / "refused.json", self.folder / "refused-out"
        path.write_text(json.dumps(study))
        done = cohortium("run", path, "--out", out, *(f"--site={site}={folder}" for site, folder in records.items()))
        self.assertNotEqual(done.status, 0)
        self.assertIn("data.missing_value", str(done))
        self.assertFalse((out / "result.json").exists())


if __name__ == "__main__":
    unittest.main()
