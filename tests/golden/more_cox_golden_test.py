"""Robust errors, baseline hazards and tests of proportional hazards of Cox models equal R's (more_cox.R made the numbers)."""

import json
import unittest
from pathlib import Path

from cox_models import HIDDEN, OPENED, CoxStudies
from golden import Fidelity, category, duration, number
from need import needs_data

WEIGHT = {"w": number(0, 4)}
LATE = {"late": duration(0, 1100), "gender": category(1, 2)}
TIES = ("efron", "breslow")
STRENGTHS = {"hidden": HIDDEN, "opened": OPENED}


@needs_data("golden/cox.json")
class MoreCoxGoldenTest(CoxStudies):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expected = json.loads((Path(__file__).parent / "more_cox.json").read_text())

    def test_robust_errors(self):
        for name in ("lung", "veteran", "heart_start_stop"):
            self.check_ties(name, f"robust_{name.split('_')[0]}", {})

    def test_robust_errors_with_weights_and_strata(self):
        self.check_ties("lung", "robust_lung_weighted", {"weight": "w", "strata": "site"}, WEIGHT)

    def check_ties(self, name, golden_name, fields, columns=None):
        variants = {f"{ties}_{strength}": {"ties": ties, "strength": strength, "robust": True, **fields}
                    for ties in TIES for strength in STRENGTHS}
        got = self.run_models(name, variants, columns)
        for ties in TIES:
            for strength, bound in STRENGTHS.items():
                entry = f"more_cox {golden_name}_{ties}, {strength}"
                self.check_robust(entry, bound, got[f"{ties}_{strength}"], self.expected[f"{golden_name}_{ties}"])

    def test_proportional_hazards_with_strata_and_weights(self):
        for name, fields, columns in (("lung_strata", {"strata": "site"}, {}), ("veteran_strata", {"strata": "site"}, {}),
                                      ("lung_weighted", {"weight": "w"}, WEIGHT),
                                      ("lung_late", {"weight": "w", "strata": "gender", "entry": "late",
                                                     "formula": "~ age + ph.ecog"}, WEIGHT | LATE)):
            with self.subTest(name):
                variants = {ties: {"ties": ties, "proportional_hazards": True, **fields} for ties in TIES}
                got = self.run_models(name.split("_")[0], variants, columns)
                for ties in TIES:
                    want = self.expected[f"zph_{name}_{ties}"]
                    found = [test for test in got[ties]["tests"] if test["name"].startswith("proportional hazards")]
                    with Fidelity(self, f"more_cox zph_{name}_{ties}", HIDDEN) as fidelity:
                        for ours, theirs in (("statistic", "chisq"), ("p", "p")):
                            fidelity.numbers_of(theirs, [test[ours] for test in found], want[theirs])

    def test_baseline_hazards(self):
        for name, fields, columns in (("heart", {}, {}), ("lung_strata", {"strata": "site"}, {}),
                                      ("lung_weighted", {"weight": "w"}, WEIGHT)):
            variants = {f"{ties}_{strength}": {"ties": ties, "strength": strength, "baseline": True, **fields}
                        for ties in TIES for strength in STRENGTHS}
            model = "heart_start_stop" if name == "heart" else "lung"
            got = self.run_models(model, variants, columns, minimum=1, curve="exact")
            for ties in TIES:
                want = self.expected[f"baseline_{name}_{ties}"]
                for strength, bound in STRENGTHS.items():
                    strata = got[f"{ties}_{strength}"]["baseline"]["strata"]
                    with Fidelity(self, f"more_cox baseline_{name}_{ties}, {strength}", bound) as fidelity:
                        self.assertEqual([time for stratum in strata for time in stratum["time"]], want["time"])
                        fidelity.numbers_of("cumhaz", [hazard for stratum in strata for hazard in stratum["cumhaz"]],
                                            want["cumhaz"])
                    print(f"{name} {ties} {strength}: {fidelity.largest:.1e} at {fidelity.at}", flush=True)

    def check_robust(self, entry, bound, got, want):
        with Fidelity(self, entry, bound) as fidelity:
            for ours, theirs in (("estimate", "coef"), ("se", "se"), ("robust_se", "robust_se"), ("statistic", "z"),
                                 ("p", "p"), ("ratio_lower", "hr_lower95"), ("ratio_upper", "hr_upper95")):
                fidelity.numbers_of(theirs, [term[ours] for term in got["terms"]], want[theirs])
            scale = want["robust_se"]
            flat = [value for row in got["robust_vcov"] for value in row]
            for i, (value, golden) in enumerate(zip(flat, want["robust_vcov"], strict=True)):
                of = scale[i // len(scale)] * scale[i % len(scale)]  # relative to the standard errors
                fidelity.number(f"robust_vcov[{i}]", 1 + (value - golden) / of, 1)
            wald = next(test for test in got["tests"] if test["name"] == "robust Wald")
            fidelity.number("robust wald", wald["statistic"], want["wald"])
        print(f"{entry}: {fidelity.numbers} numbers, largest error {fidelity.largest:.1e} at {fidelity.at}", flush=True)


if __name__ == "__main__":
    unittest.main()
