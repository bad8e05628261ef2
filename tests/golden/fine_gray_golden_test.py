"""Fine and Gray's model by real nodes, everything hidden or with opened steps, equals what cmprsk's crr finds.

fine_gray.json holds what golden/competing_risks.json does not; fine_gray.R beside it says how it was made.
"""

import json
import math
import pathlib
import unittest

from competing_golden_test import DERIVED
from golden import Fidelity, GoldenTest, category, duration, golden, number
from need import needs_data
from records import write_sites

STRENGTHS = {"hidden": 1e-6, "opened": 1e-9}  # relative error
NA = ["", "NA"]
MGUS2 = {"age": number(18, 100), "sex": category("F", "M"), "hgb": number(0, 25, NA), "creat": number(0, 30, NA),
         "mspike": number(0, 5, NA), "etime": duration(0, 424), "cause": category("0", "pcm", "death"),
         "male": number(0, 1)}
MALE = {"male": lambda record: int(record["sex"] == "M")}
PBC = {"age": number(20, 90), "sex": category("f", "m"), "stage": category(1, 2, 3, 4, missing=NA),
       "bili": number(0.1, 40), "albumin": number(1, 6), "etime": duration(0, 5000), "status": category(0, 1, 2)}
MODEL = {"kind": "fine_gray", "time": "etime"}
OF_MGUS2 = {**MODEL, "event": "cause", "censored": ["0"]}
OF_PBC = {**MODEL, "event": "status", "censored": ["0"]}


def only(columns, *others):
    """The columns that a model reads."""
    return {name: columns[name] for name in ("age", "etime", *others)}


# Of each entry of fine_gray.json: table, columns, derived columns, the study's entry.
MODELS = {
    "mgus2_death": ("mgus2", only(MGUS2, "sex", "hgb", "creat", "mspike", "cause"), DERIVED,
                    {**OF_MGUS2, "positive": ["death"], "formula": "~ age + sex + hgb + creat + mspike"}),
    "mgus2_nobody_censored": ("mgus2", only(MGUS2, "sex", "cause"), DERIVED,
                              {**OF_MGUS2, "censored": [], "positive": ["pcm"], "formula": "~ age + sex"}),
    "pbc_death": ("pbc", only(PBC, "stage", "bili", "albumin", "status"), {"etime": lambda record: record["time"]},
                  {**OF_PBC, "positive": ["2"], "formula": "~ age + stage + log(bili) + albumin"}),
    "pbc_transplant": ("pbc", only(PBC, "bili", "status"), {"etime": lambda record: record["time"]},
                       {**OF_PBC, "positive": ["1"], "formula": "~ age + log(bili)"}),
    "pbc_nothing_competes": ("pbc", only(PBC, "sex", "bili", "status"), {"etime": lambda record: record["time"]},
                             {**OF_PBC, "censored": ["0", "1"], "positive": ["2"], "formula": "~ age + sex + log(bili)"}),
    "pbc_years": ("pbc", {**only(PBC, "sex", "bili", "status"), "etime": duration(0, 14)},
                  {"etime": lambda record: int(record["time"]) // 365},
                  {**OF_PBC, "positive": ["2"], "formula": "~ age + sex * log(bili)"}),
}


@needs_data("golden/competing_risks.json")
class FineGrayGoldenTest(GoldenTest):
    runs = 0

    def run_both(self, table, columns, derive, entry, minimum=1):
        """The model by strength."""
        derive = {name: made for name, made in derive.items() if name in columns}
        self.runs += 1
        records = write_sites(self.folder / f"run{self.runs}", table, [name for name in columns if name not in derive],
                              derive)
        return self.run_study(table, columns, {s: {**entry, "strength": s} for s in STRENGTHS}, records=records,
                              minimum=minimum)

    def run_mgus2(self, formula, minimum=11, **more):
        columns = {**only(MGUS2, "sex", "cause", "male"), **more.get("columns", {})}
        entry = {**OF_MGUS2, "positive": ["pcm"], "formula": formula, **more.get("more", {})}
        return self.run_both("mgus2", columns, {**DERIVED, **MALE, **more.get("derive", {})}, entry, minimum)

    def test_progression(self):
        want = golden("competing_risks")["fine_gray_pcm"]
        got = self.run_mgus2("~ age + male + mspike", columns={"mspike": MGUS2["mspike"]})
        for strength, bound in STRENGTHS.items():
            with Fidelity(self, "competing fine_gray_pcm", bound, strength) as fidelity:
                model = got[strength]
                fidelity.numbers_of("n, missing", [model["n"], model["n_missing"]], [want["n"], 11])
                self.assertEqual([term["term"] for term in model["terms"]], list(want["coef"]))
                for key, golden_key in (("estimate", "coef"), ("se", "se")):
                    fidelity.numbers_of(key, [term[key] for term in model["terms"]], list(want[golden_key].values()))
                for key in ("loglik", "loglik_null"):
                    fidelity.number(key, model["fit"][key], want[key])
                self.assertEqual(model["steps"], {"hidden": 12, "opened": 5}[strength])

    def test_further_models(self):
        wanted = json.loads((pathlib.Path(__file__).parent / "fine_gray.json").read_text())
        self.assertEqual(list(wanted), list(MODELS))
        for name, model in MODELS.items():
            got = self.run_both(*model)
            for strength, bound in STRENGTHS.items():
                with self.subTest(name, strength=strength):
                    self.check(f"cmprsk {name}", got[strength], wanted[name], bound, strength)

    def check(self, name, got, want, bound, strength):
        with Fidelity(self, name, bound, strength) as fidelity:
            self.assertEqual([term["term"] for term in got["terms"]], want["terms"], got.get("note"))
            fidelity.numbers_of("n, events", [got["n"], got["events"]], [want["n"], want["events"]])
            size = len(want["coef"])
            se = [math.sqrt(want["vcov"][j * size + j]) for j in range(size)]
            for j, term in enumerate(got["terms"]):
                beta = want["coef"][j]
                fidelity.number(f"coef {j}", term["estimate"], beta)
                fidelity.number(f"se {j}", term["se"], se[j])
                fidelity.number(f"z {j}", term["statistic"], beta / se[j])
                fidelity.number(f"ratio {j}", term["ratio"], math.exp(beta))
                for k in range(size):  # relative to the standard errors
                    error = (got["vcov"][j][k] - want["vcov"][j * size + k]) / (se[j] * se[k])
                    fidelity.number(f"vcov {j} {k}", 1 + error, 1)
            fidelity.numbers_of("loglik", [got["fit"]["loglik_null"], got["fit"]["loglik"]], want["loglik"])
            self.assertEqual(got["tests"][0]["name"], "pseudo likelihood ratio")
            fidelity.number("likelihood ratio", got["tests"][0]["statistic"], 2 * (want["loglik"][1] - want["loglik"][0]))

    def test_too_few_steps(self):
        got = self.run_mgus2("~ age", more={"steps": 2})
        for strength in STRENGTHS:
            self.assertRegex(got[strength]["note"], "without end|no convergence")
            self.assertEqual(got[strength]["terms"], [])

    def test_dependent_covariates(self):
        got = self.run_mgus2("~ male + again", columns={"again": number(0, 2)},
                             derive={"again": lambda record: 2 * int(record["sex"] == "M")})
        for strength in STRENGTHS:
            self.assertIn("singular", got[strength]["note"])
            self.assertEqual(got[strength]["terms"], [])

    def test_few_events_at_a_level(self):
        """59 of 115 events were women's: neither they nor what follows from them is shown below 60."""
        for strength, model in self.run_mgus2("~ male", minimum=60).items():
            self.assertTrue(model["note"].startswith("withheld: some but fewer than 60"), model["note"])
            self.assertEqual((model["terms"], model["n"], model["vcov"]), ([], None, []), strength)

    def test_a_covariate_that_tells_the_cause(self):
        got = self.run_mgus2("~ known", columns={"known": number(0, 1)}, minimum=1,
                             derive={"known": lambda record: int(record["pstat"] == "1")})
        for strength in STRENGTHS:  # whichever bound the growing coefficient meets first
            self.assertRegex(got[strength]["note"], "without end|sums of hazards exceed|no convergence|differ too much")
            self.assertEqual(got[strength]["terms"], [])


if __name__ == "__main__":
    unittest.main()
