"""Moments, quantiles and histograms by real nodes equal R's on the pooled records."""

import unittest

from golden import Fidelity, GoldenTest, category, duration, golden, number
from need import needs_data

PROBABILITIES = [0, .01, .05, .1, .25, .5, .75, .9, .95, .99, 1]
MINIMUM = 11

# Per golden data set: numbers with their ranges, columns on a grid, what is grouped by what.
NUMBERS = {
    "lung": {"time": (0, 2000), "age": (0, 120), "ph.karno": (0, 100), "meal.cal": (0, 4000), "wt.loss": (-50, 100)},
    "pbc": {"time": (0, 6000), "age": (0, 120), "bili": (0, 50), "chol": (0, 3000), "albumin": (0, 10),
            "copper": (0, 1000), "ast": (0, 1000), "trig": (0, 1000), "platelet": (0, 1000), "protime": (0, 50)},
    "rotterdam": {"age": (0, 120), "nodes": (0, 50), "pgr": (0, 10000), "er": (0, 10000), "rtime": (0, 10000),
                  "dtime": (0, 10000)},
    "pima": {"npreg": (0, 30), "glu": (0, 250), "bp": (0, 200), "skin": (0, 110), "bmi": (10, 80), "ped": (0, 5),
             "age": (0, 120)},
    "wdbc": {"x.radius_mean": (0, 50), "x.texture_mean": (0, 60), "x.area_worst": (0, 6000),
             "x.fractal_dim_se": (0, 1)},
    "heart4": {"age": (0, 120), "trestbps": (0, 300), "chol": (0, 1000), "thalach": (0, 300), "oldpeak": (-10, 20)},
    "diabetes130": {name: (0, 200) for name in (
        "time_in_hospital", "num_lab_procedures", "num_procedures", "num_medications", "number_outpatient",
        "number_emergency", "number_inpatient", "number_diagnoses")},
    "nhanes": {"Age": (0, 120), "BMI": (0, 100), "BPSysAve": (0, 300), "BPDiaAve": (0, 300), "TotChol": (0, 20),
               "DirectChol": (0, 20), "Pulse": (0, 300), "Height": (0, 300), "Weight": (0, 300)},
}
GROUPED = {"pbc": ("age", "sex", "age_by_sex"), "pima": ("glu", "type", "glu_by_type"),
           "heart4": ("age", "site", "age_by_site"), "diabetes130": ("time_in_hospital", "readmitted",
                                                                     "los_by_readmitted")}
GRIDS = {"lung": {"time": 1100, "age": 100, "ph.karno": 100}, "rotterdam": {"age": 100, "nodes": 40},
         "diabetes130": {"time_in_hospital": 14, "num_lab_procedures": 140}}
HISTOGRAMS = {"rotterdam": ("age", "age_hist"), "diabetes130": ("time_in_hospital", "los_hist")}


def check_quantiles(test, dataset, columns, what):
    """Those of all columns, as far as the minimum lets them pass, and the distance between quartiles."""
    got = test.run_study(dataset, columns, {
        f"q{i}": {"kind": "quantiles", "column": name, "probabilities": PROBABILITIES}
        for i, name in enumerate(columns)})
    for i, name in enumerate(columns):
        want, group = golden("descriptive")[dataset][name], got[f"q{i}"]["groups"][0]
        with Fidelity(test, f"descriptive {dataset} {name} ({what})") as fidelity:
            fidelity.number("n", group["n"], want["n"])
            enough = [min(p, 1 - p) * want["n"] >= MINIMUM for p in PROBABILITIES]
            fidelity.numbers_of("type 7", group["quantiles"],
                                [q if e else None for q, e in zip(want["quantile_type7"], enough)])
            lower, upper = (group["quantiles"][PROBABILITIES.index(p)] for p in (0.25, 0.75))
            fidelity.number("IQR", upper - lower, want["iqr_type7"])


@needs_data("golden/descriptive.json")
class DescribeGoldenTest(GoldenTest):
    def check_moments(self, name, group, want):
        with Fidelity(self, f"descriptive {name}") as fidelity:
            fidelity.numbers_of("n, mean, var, sd", [group[key] for key in ("n", "mean", "variance", "sd")],
                                [want[key] for key in ("n", "mean", "var", "sd")])

    def test_moments_and_histograms(self):
        expected = golden("descriptive")
        for dataset, ranges in NUMBERS.items():
            with self.subTest(dataset):
                want = expected[dataset]
                columns = {name: number(low, high, ["", "NA"]) for name, (low, high) in ranges.items()}
                analyses = {f"m{i}": {"kind": "describe", "column": name} for i, name in enumerate(ranges)}
                if dataset in GROUPED:
                    column, by, entry = GROUPED[dataset]
                    columns[by] = category(*want[entry])
                    analyses["grouped"] = {"kind": "describe", "column": column, "by": by}
                if dataset in HISTOGRAMS:
                    column, entry = HISTOGRAMS[dataset]
                    analyses["bins"] = {"kind": "histogram", "column": column, "breaks": want[entry]["breaks"]}
                got = self.run_study(dataset, columns, analyses)
                for i, name in enumerate(ranges):
                    self.check_moments(f"{dataset} {name}", got[f"m{i}"]["groups"][0], want[name])
                for group in got.get("grouped", {"groups": []})["groups"]:
                    entry = GROUPED[dataset][2]
                    self.check_moments(f"{dataset} {entry} {group['group']}", group, want[entry][group["group"]])
                if dataset in HISTOGRAMS:
                    with Fidelity(self, f"descriptive {dataset} {HISTOGRAMS[dataset][1]}") as fidelity:
                        counts = [n if n >= MINIMUM else None for n in want[HISTOGRAMS[dataset][1]]["counts"]]
                        fidelity.numbers_of("counts", got["bins"]["groups"][0]["counts"], counts)

    def test_quantiles(self):
        for dataset, grids in GRIDS.items():
            with self.subTest(dataset):
                check_quantiles(self, dataset, {name: duration(0, high, ["", "NA"]) for name, high in grids.items()},
                                "quantiles")

    def test_every_quantile_with_a_minimum_of_one(self):
        got = self.run_study("lung", {"time": duration(0, 1100)}, {
            "q": {"kind": "quantiles", "column": "time", "probabilities": PROBABILITIES}}, minimum=1)
        with Fidelity(self, "descriptive lung time (quantiles, minimum 1)") as fidelity:
            fidelity.numbers_of("type 7", got["q"]["groups"][0]["quantiles"],
                                golden("descriptive")["lung"]["time"]["quantile_type7"])


if __name__ == "__main__":
    unittest.main()
