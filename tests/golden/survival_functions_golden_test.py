"""Hazards, quartiles, restricted means, weighted and stratified log-rank tests by real nodes equal R's on the pooled records."""

import unittest

from datasets import SPLITS, datasets
from golden import BOUND, Fidelity, GoldenTest
from need import SHARED, needs_data

CURVE = {"surv": "surv", "std_err_surv": "std_err_surv", "std_err_log_surv": "std_err_log_surv", "lower_log": "lower_log",
         "upper_log": "upper_log", "lower_loglog": "lower_loglog", "upper_loglog": "upper_loglog",
         "lower_plain": "lower_plain", "upper_plain": "upper_plain"}
HAZARD = {"cumhaz": "cumhaz", "std_err_cumhaz": "std_err_cumhaz"}


@needs_data("golden/survival_km.json")
class SurvivalFunctionsGoldenTest(GoldenTest):
    def run_dataset(self, dataset, curve, minimum):
        records = {f"site-{i}": SHARED / "data/split" / split for i, split in enumerate(SPLITS, 1)}
        study = dataset.study(list(records), curve, minimum)
        survival = {"time": dataset.time, "event": dataset.event, "by": dataset.by}
        until = dataset.golden["strata"][0]["rmst"]["tau"]
        study["analyses"] = [
            {"id": "curve", "kind": "kaplan_meier", **survival},
            {"id": "hazard", "kind": "nelson_aalen", **survival},
            {"id": "mean", "kind": "restricted_mean", "until": until, **survival},
            {"id": "peto", "kind": "log_rank", "rho": 1, **survival},
            {"id": "by_site", "kind": "log_rank", "by_site": True, **survival},
        ]
        return self.run_records(f"{dataset.golden_name}-{curve}", study, records, "--compare")

    def check_test(self, name, test, golden):
        with Fidelity(self, f"survival {name}") as fidelity:
            for key in ("chisq", "p", "df"):
                fidelity.number(key, test[key], golden[key])
            for key in ("n", "observed", "expected"):
                fidelity.numbers_of(key, test[key], golden[key])
            for i, (row, expected) in enumerate(zip(test["variance"], golden["variance"]["rows"], strict=True)):
                fidelity.numbers_of(f"variance[{i}]", row, expected)

    def check_mean(self, name, groups, strata):
        with Fidelity(self, f"survival {name} restricted mean") as fidelity:
            for group, golden in zip(groups, strata, strict=True):
                fidelity.number(f"{golden['stratum']} mean", group["value"], golden["rmst"]["rmean"])
                fidelity.number(f"{golden['stratum']} se", group["standard_error"], golden["rmst"]["se"])

    def test_exact(self):
        for dataset in datasets():
            with self.subTest(dataset.golden_name):
                analyses, name = self.run_dataset(dataset, "exact", 1), dataset.golden_name
                for golden, curve, hazard in zip(dataset.golden["strata"], analyses["curve"]["strata"],
                                                 analyses["hazard"]["strata"], strict=True):
                    with Fidelity(self, f"survival {name} {golden['stratum']}") as fidelity:
                        for of, names in ((curve, CURVE), (hazard, HAZARD)):
                            for key, golden_key in names.items():
                                fidelity.numbers_of(key, of[key], golden[golden_key])
                        quartiles = golden["quartiles"]
                        for key, golden_key in (("probability", "p"), ("value", "q"), ("lower", "lower"), ("upper", "upper")):
                            fidelity.numbers_of(key, [q[key] for q in curve["quartiles"]], quartiles[golden_key])
                self.check_mean(name, analyses["mean"]["groups"], dataset.golden["strata"])
                self.check_test(f"{name} peto_rho1", analyses["peto"], dataset.golden["peto_rho1"])
                self.check_test(f"{name} logrank_stratified_by_site", analyses["by_site"],
                                dataset.golden["logrank_stratified_by_site"])

    def golden_at(self, stratum, key, time):
        value = 0.0
        for at, golden in zip(stratum["time"], stratum[key]):
            if at <= time:
                value = golden
        return value

    def test_merged(self):
        for dataset in datasets():
            with self.subTest(dataset.golden_name):
                analyses = self.run_dataset(dataset, "merged", 11)
                with Fidelity(self, f"survival {dataset.golden_name} hazard, merged") as fidelity:
                    for golden, hazard in zip(dataset.golden["strata"], analyses["hazard"]["strata"], strict=True):
                        for i, time in enumerate(hazard["time"]):
                            for key in HAZARD:
                                fidelity.number(f"{golden['stratum']} {key}[{i}]", hazard[key][i],
                                                self.golden_at(golden, key, time))
                        self.assertEqual(bool(hazard["time"]), golden["events"] >= 11)
                for golden, group in zip(dataset.golden["strata"], analyses["mean"]["groups"], strict=True):
                    before = sum(n for t, n in zip(golden["time"], golden["n_event"]) if t < golden["rmst"]["tau"])
                    self.assertEqual(group["events"], None if 1 <= before < 11 else before)
                    if group["value"] is not None:
                        self.assertAlmostEqual(group["value"], golden["rmst"]["rmean"], delta=BOUND * golden["rmst"]["rmean"])


if __name__ == "__main__":
    unittest.main()
