"""Survival curves and tests by real nodes equal what R's survival package finds on the pooled records."""

import unittest

from datasets import SPLITS, datasets
from golden import Fidelity, GoldenTest
from need import SHARED, needs_data

LISTS = ("time", "n_risk", "n_event", "n_censor", "surv", "std_err_surv", "lower_log", "upper_log", "lower_loglog",
         "upper_loglog")
NUMBERS = ("n", "events", "median", "median_lower", "median_upper")
MINIMUM = 11


@needs_data("golden/survival_km.json")
class SurvivalGoldenTest(GoldenTest):
    runs = 0

    def run_study(self, study, records):
        self.runs += 1
        return self.run_records(f"run-{self.runs}", study, records)

    def split_folders(self):
        return {f"site-{i}": SHARED / "data/split" / split for i, split in enumerate(SPLITS, 1)}

    def golden_survival(self, stratum, time):
        """The golden curve as the step function that it is."""
        survival = 1.0
        for at, value in zip(stratum["time"], stratum["surv"]):
            if at > time:
                break
            survival = value
        return survival

    def test_exact_curves_and_tests(self):
        for dataset in datasets():
            with self.subTest(dataset.golden_name):
                records = self.split_folders()
                analyses = self.run_study(dataset.study(list(records), "exact", 1), records)
                self.assertEqual([s["stratum"] for s in analyses["curve"]["strata"]], dataset.levels)
                with Fidelity(self, f"survival {dataset.golden_name} curves") as fidelity:
                    for stratum, golden in zip(analyses["curve"]["strata"], dataset.golden["strata"], strict=True):
                        for name in LISTS:
                            fidelity.numbers_of(f"{golden['stratum']} {name}", stratum[name], golden[name])
                        for name in NUMBERS:
                            fidelity.number(f"{golden['stratum']} {name}", stratum[name], golden[name])
                with Fidelity(self, f"survival {dataset.golden_name} logrank") as fidelity:
                    test, logrank = analyses["test"], dataset.golden["logrank"]
                    fidelity.numbers_of("n", test["n"], logrank["n"])
                    self.check_log_rank(test, logrank, fidelity)

    def check_log_rank(self, test, golden, fidelity):
        for name in ("chisq", "df", "p"):
            fidelity.number(name, test[name], golden[name])
        for name in ("observed", "expected"):
            fidelity.numbers_of(name, test[name], golden[name])
        for i, (row, expected) in enumerate(zip(test["variance"], golden["variance"]["rows"], strict=True)):
            fidelity.numbers_of(f"variance[{i}]", row, expected)

    def test_merged_curves_keep_the_rule_and_the_curve(self):
        for dataset in datasets():
            with self.subTest(dataset.golden_name):
                records = self.split_folders()
                analyses = self.run_study(dataset.study(list(records), "merged", MINIMUM), records)
                with Fidelity(self, f"survival {dataset.golden_name} curves and logrank, merged") as fidelity:
                    for stratum, golden in zip(analyses["curve"]["strata"], dataset.golden["strata"], strict=True):
                        self.check_merged_stratum(dataset, stratum, golden, fidelity)
                    self.check_merged_test(analyses["test"], dataset.golden["logrank"], fidelity)

    def check_merged_test(self, test, golden, fidelity):
        if any(count < MINIMUM for count in golden["observed"]):
            self.assertEqual((test["observed"], test["chisq"]), (None, None), "too few events in a group")
            return
        self.check_log_rank(test, golden, fidelity)
        for people, true_people, events in zip(test["n"], golden["n"], golden["observed"], strict=True):
            shows_few_censorings = 1 <= true_people - events < MINIMUM
            self.assertEqual(people, None if shows_few_censorings else true_people)

    def check_merged_stratum(self, dataset, stratum, golden, fidelity):
        people = dataset.people(stratum["stratum"])
        self.assertEqual(len(people), golden["n"], "the test reads the records otherwise than R did")
        if golden["events"] < MINIMUM:
            self.assertEqual(stratum["time"], [], "too few events for a step")
            self.assertIsNone(stratum["events"])
            return
        self.check_steps(dataset, stratum, people)
        for i, end in enumerate(stratum["time"]):
            fidelity.number(f"{golden['stratum']} surv[{i}]", stratum["surv"][i], self.golden_survival(golden, end))
        self.check_disclosure(stratum)

    def check_steps(self, dataset, stratum, people):
        """Steps partition the time grid; what is released of each is true."""
        self.assertEqual(stratum["time_from"][0], 0)
        self.assertEqual(stratum["time"][-1], dataset.last_time())
        self.assertEqual(stratum["time_from"][1:], [end + 1 for end in stratum["time"][:-1]])
        for i, (start, end) in enumerate(zip(stratum["time_from"], stratum["time"])):
            self.assertEqual(stratum["n_event"][i], sum(e and start <= t <= end for t, e in people))
            self.assertGreaterEqual(stratum["n_event"][i], MINIMUM)
            if stratum["n_risk"][i] is not None:
                self.assertEqual(stratum["n_risk"][i], sum(t >= start for t, _ in people))
            if stratum["n_censor"][i] is not None:
                self.assertEqual(stratum["n_censor"][i], sum(not e and start <= t <= end for t, e in people))
        self.assertEqual(sum(stratum["n_event"]), sum(e for _, e in people))
        self.assertEqual(stratum["events"], sum(stratum["n_event"]))
        if stratum["n"] is not None:
            self.assertEqual(stratum["n"], len(people))

    def check_disclosure(self, stratum):
        """No released count, and no difference of released counts, stands for 1 to 10 people."""
        counts = [stratum["n"], stratum["events"], *stratum["n_event"], *stratum["n_censor"], *stratum["n_risk"]]
        if stratum["n"] is not None:
            counts.append(stratum["n"] - stratum["events"])
        known = [(i, at_risk) for i, at_risk in enumerate(stratum["n_risk"]) if at_risk is not None]
        if known:
            known.append((len(stratum["n_risk"]), 0))  # behind the last step nobody is left
        for (i, before), (j, after) in zip(known, known[1:]):
            counts.append(before - after - sum(stratum["n_event"][i:j]))
        for count in counts:
            self.assertFalse(count is not None and 1 <= count < MINIMUM, f"{count} people: {stratum}")

    def test_the_number_of_sites_does_not_matter(self):
        for dataset in datasets():
            if dataset.golden_name not in ("lung_by_sex", "veteran_by_celltype"):
                continue
            first, second, third = dataset.split_rows
            everybody = dataset.rows()
            ways = {
                "2 sites": [first, second + third],
                "5 sites, one without records": [*(everybody[i::4] for i in range(4)), []],
                "20 sites": [everybody[i::20] for i in range(20)],
            }
            for curve, minimum in (("exact", 1), ("merged", MINIMUM)):
                records = self.split_folders()
                expected = self.run_study(dataset.study(list(records), curve, minimum), records)
                for name, parts in ways.items():
                    with self.subTest(f"{dataset.golden_name}, {curve}, {name}"):
                        records = dataset.write(self.folder / f"{dataset.golden_name}-{curve}-{len(parts)}", parts)
                        analyses = self.run_study(dataset.study(list(records), curve, minimum), records)
                        self.assert_alike(analyses, expected)

    def assert_alike(self, value, expected, where=""):
        self.assertIs(type(value), type(expected), where)
        if isinstance(value, dict):
            self.assertEqual(value.keys(), expected.keys(), where)
            for key in value:
                self.assert_alike(value[key], expected[key], f"{where}/{key}")
        elif isinstance(value, list):
            self.assertEqual(len(value), len(expected), where)
            for i, (one, other) in enumerate(zip(value, expected)):
                self.assert_alike(one, other, f"{where}/{i}")
        elif isinstance(value, float):
            self.assertAlmostEqual(value, expected, delta=1e-9 * max(1.0, abs(expected)), msg=where)
        else:
            self.assertEqual(value, expected, where)


if __name__ == "__main__":
    unittest.main()
