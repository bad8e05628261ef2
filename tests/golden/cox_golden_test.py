"""Cox regression by real nodes, everything hidden or with opened steps, equals what R's coxph finds on the pooled records."""

import math
import unittest

from cox_models import HIDDEN, MINIMUM, OPENED, CoxStudies, event
from golden import Fidelity, duration, golden, number
from need import needs_data


STRATIFIED = {"strata": "site"}
FOUR = {"breslow": {"ties": "breslow"}, "efron": {}, "stratified_by_site_breslow": {"ties": "breslow", **STRATIFIED},
        "stratified_by_site_efron": STRATIFIED}
ZPH, OPEN, BASELINE = {"proportional_hazards": True}, {"strength": "opened"}, {"baseline": True}
FOUR["breslow"] |= BASELINE


@needs_data("golden/cox.json")
class CoxGoldenTest(CoxStudies):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expected = golden("cox")

    def check(self, name, block, got, variant):
        want, opened = self.expected[name][block.removesuffix("_opened")], variant.get("strength") == "opened"
        with Fidelity(self, f"cox {name} {block}", OPENED if opened else HIDDEN) as fidelity:
            self.assertEqual(len(got["terms"]), len(want["coef"]), got.get("note"))
            for i, (term, key) in enumerate(zip(got["terms"], want["coef"])):
                for ours, theirs in (("estimate", "coef"), ("se", "se"), ("statistic", "z"), ("ratio", "hazard_ratio"),
                                     ("ratio_lower", "hr_lower95"), ("ratio_upper", "hr_upper95")):
                    fidelity.number(f"{theirs} {key}", term[ours], want[theirs][key])
                if want["p"][key] > 0:
                    fidelity.number(f"p {key}", term["p"], want["p"][key])
            scale = [math.sqrt(row[i]) for i, row in enumerate(want["vcov"]["rows"])]
            for i, row in enumerate(want["vcov"]["rows"]):
                for j, value in enumerate(row):  # relative to the standard errors
                    fidelity.number(f"vcov[{i}][{j}]", 1 + (got["vcov"][i][j] - value) / (scale[i] * scale[j]), 1)
            fit, tests = got["fit"], {test["name"]: test for test in got["tests"]}
            for ours in ("loglik_null", "loglik", "aic"):
                fidelity.number(ours, fit[ours], want[ours])
            for ours in ("concordance", "concordance_se"):
                fidelity.number(ours, fit[ours], want[ours])
            few_censored = 1 <= want["n"] - want["nevent"] < MINIMUM[name]
            fidelity.numbers_of("n, events", [got["n"], got["events"]],
                                [None if few_censored else want["n"], want["nevent"]])
            for ours, theirs in (("likelihood ratio", "lr_test"), ("score", "score_test")):
                fidelity.number(theirs, tests[ours]["statistic"], want[theirs]["test"])
                if want[theirs]["pvalue"] > 0:
                    fidelity.number(f"{theirs} p", tests[ours]["p"], want[theirs]["pvalue"])
            if "proportional_hazards" in variant:
                zph = self.expected[name]["zph_efron_km"]
                found = [test for key, test in tests.items() if key.startswith("proportional hazards")]
                fidelity.numbers_of("zph", [test["statistic"] for test in found], zph["chisq"])
                fidelity.numbers_of("zph p", [test["p"] for test in found], zph["p"])
            if "baseline" in variant:
                self.check_baseline(fidelity, got["baseline"]["strata"][0], want["baseline_cumhaz_at_zero_covariates"])
            # R prints this one with two digits behind the point.
            self.assertAlmostEqual(tests["Wald"]["statistic"], want["wald_test"]["test"], delta=0.00501)
        return fidelity

    def check_baseline(self, fidelity, steps, want):
        """R's curve at the ends of the released steps."""
        self.assertGreater(len(steps["time"]), 5)
        for time, hazard, survival in zip(steps["time"], steps["cumhaz"], steps["surv"], strict=True):
            expected = [value for at, value in zip(want["time"], want["cumhaz"]) if at <= time][-1]
            fidelity.number(f"cumhaz at {time}", hazard, expected)
            fidelity.number(f"surv at {time}", survival, math.exp(-expected))

    def check_all(self, name, variants):
        got = self.run_models(name, variants)
        for block, variant in variants.items():
            fidelity = self.check(name, block, got[block], variant)
            print(f"cox {name} {block}: {fidelity.numbers} numbers, largest error {fidelity.largest:.1e} "
                  f"at {fidelity.at}", flush=True)

    def test_lung(self):
        self.check_all("lung", FOUR | {"efron": ZPH | BASELINE, "efron_opened": OPEN | BASELINE})

    def test_veteran(self):
        # Here R stops where the coefficient of diagtime, 1/100 of its standard error, is still off by 4e-8 of itself.
        self.check_all("veteran", FOUR | {"efron": ZPH | BASELINE})

    def test_pbc(self):
        self.check_all("pbc", FOUR | {"efron": ZPH | BASELINE})

    def test_gbsg(self):
        self.check_all("gbsg", FOUR | {"efron": ZPH | BASELINE})

    def test_rotterdam(self):
        self.check_all("rotterdam", FOUR | {"efron": ZPH | BASELINE})

    def test_flchain(self):
        self.check_all("flchain", FOUR | {"efron": ZPH | BASELINE})

    def test_cause_specific_hazards(self):
        """Death before progression is censored: golden/competing_risks.json."""
        columns = {"etime": duration(0, 500), "cause": event(1, 0, 2), "age": number(20, 100), "male": number(0, 1),
                   "mspike": number(0, 4, ["", "NA"])}
        derive = {"etime": lambda row: row["ptime"] if row["pstat"] == "1" else row["futime"],
                  "cause": lambda row: 1 if row["pstat"] == "1" else 2 * int(row["death"]),
                  "male": lambda row: int(row["sex"] == "M")}
        entry = {"kind": "cox", "time": "etime", "event": "cause", "formula": "~ age + male + mspike"}
        got = self.run_study("mgus2", columns, {"hidden": entry, "opened": entry | OPEN}, derive=derive)
        want = golden("competing_risks")["cause_specific_cox_pcm_efron"]
        for name, bound in (("hidden", HIDDEN), ("opened", OPENED)):
            with Fidelity(self, f"competing_risks cause_specific_cox_pcm_efron, {name}", bound) as fidelity:
                for ours, theirs in (("estimate", "coef"), ("se", "se")):
                    fidelity.numbers_of(theirs, [term[ours] for term in got[name]["terms"]], list(want[theirs].values()))
                fit = got[name]["fit"]
                fidelity.numbers_of("loglik", [fit["loglik_null"], fit["loglik"]], want["loglik"])

    def test_heart_with_entries(self):
        self.check_all("heart_start_stop", {"breslow": {"ties": "breslow"}, "efron": {}, "efron_opened": OPEN})


if __name__ == "__main__":
    unittest.main()
