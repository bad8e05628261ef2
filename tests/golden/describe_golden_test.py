"""Moments, quantiles and histograms by real nodes equal R's on the pooled records."""

import unittest

from golden import Fidelity, GoldenTest, category, duration, golden, number
from need import needs_data
from records import read_split

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
         "diabetes130": {"time_in_hospital": 14, "num_lab_procedures": 140, "num_procedures": 10, "num_medications": 100,
                         "number_outpatient": 50, "number_emergency": 100, "number_inpatient": 30, "number_diagnoses": 20}}
HISTOGRAMS = {"rotterdam": ("age", "age_hist"), "diabetes130": ("time_in_hospital", "los_hist")}


def level(code):
    """A code as R reads it, to which 1 and 1.0 are the same."""
    try:
        return f"{float(code):g}"
    except ValueError:
        return code


def check_quantiles(test, dataset, columns, what, minimum=MINIMUM):
    """Those of all columns, as far as the minimum lets them pass, and the distance between quartiles."""
    got = test.run_study(dataset, columns, {
        f"q{i}": {"kind": "quantiles", "column": name, "probabilities": PROBABILITIES}
        for i, name in enumerate(columns)}, minimum=minimum)
    for i, name in enumerate(columns):
        check_group(test, f"{dataset} {name} ({what})", got[f"q{i}"]["groups"][0], golden("descriptive")[dataset][name], minimum)


def check_group(test, name, group, want, minimum):
    with Fidelity(test, f"descriptive {name}") as fidelity:
        fidelity.number("n", group["n"], want["n"])
        enough = [minimum == 1 or min(p, 1 - p) * want["n"] >= minimum for p in PROBABILITIES]
        fidelity.numbers_of("type 7", group["quantiles"], [q if e else None for q, e in zip(want["quantile_type7"], enough)])
        lower, upper = (group["quantiles"][PROBABILITIES.index(p)] for p in (0.25, 0.75))
        fidelity.number("IQR", upper - lower, want["iqr_type7"])
        extremes = [want["min"], want["median"], want["max"]]
        fidelity.numbers_of("minimum, median, maximum", [group["quantiles"][PROBABILITIES.index(p)] for p in (0, 0.5, 1)],
                            [x if e else None for x, e in zip(extremes, [enough[0], True, enough[-1]])])


@needs_data("golden/descriptive.json")
class DescribeGoldenTest(GoldenTest):
    def check_moments(self, name, group, want):
        with Fidelity(self, f"descriptive {name}") as fidelity:
            fidelity.numbers_of("n, mean, var, sd", [group[key] for key in ("n", "mean", "variance", "sd")],
                                [want[key] for key in ("n", "mean", "var", "sd")])
            few = 1 <= want.get("missing", 0) < MINIMUM
            fidelity.number("missing", group["missing"], None if few else want.get("missing", 0))

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
                # In some columns of these a few values are missing: beside another column their number would show.
                got = self.run_study(dataset, columns, analyses, apart=dataset in ("lung", "pbc"))
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

    def test_quantiles_of_groups(self):
        for dataset, (column, by, entry) in GROUPED.items():
            with self.subTest(dataset):
                want = golden("descriptive")[dataset][entry]
                grid = GRIDS.get(dataset, {}).get(column)
                of = duration(0, grid, ["", "NA"]) if grid else number(*NUMBERS[dataset][column], ["", "NA"])
                got = self.run_study(dataset, {column: of, by: category(*want)}, {
                    "q": {"kind": "quantiles", "column": column, "by": by, "probabilities": PROBABILITIES}}, minimum=1)
                self.assertEqual({group["group"] for group in got["q"]["groups"]}, set(want))
                for group in got["q"]["groups"]:
                    check_group(self, f"{dataset} {entry} {group['group']} (quantiles)", group, want[group["group"]], 1)

    def test_counts_of_every_category(self):
        for dataset in NUMBERS:
            with self.subTest(dataset):
                # An entry that holds nothing but counts is a table of the column of its name; of diagnoses, of the first ones.
                tables = {name: entry for name, entry in golden("descriptive")[dataset].items()
                          if isinstance(entry, dict) and entry and all(isinstance(count, int) for count in dict.values(entry))}
                of = {name: "diag_1" if name == "top20_diag_1" else name for name in tables}
                header, parts = read_split(dataset)
                columns, derive = {}, {}
                for column in of.values():
                    levels = {level(row[header.index(column)]) for rows in parts.values() for row in rows} - {"", "NA"}
                    columns[column] = category(*sorted(levels), missing=["", "NA"])
                    derive[column] = lambda record, column=column: level(record[column])
                got = self.run_study(dataset, columns, {f"t{i}": {"kind": "table", "by": column}
                                                        for i, column in enumerate(of.values())}, derive=derive)
                for i, (name, want) in enumerate(tables.items()):
                    counts = {cell["labels"][0]: cell["n"] for cell in got[f"t{i}"]["cells"]}
                    with Fidelity(self, f"descriptive {dataset} {name} (counts)") as fidelity:
                        for key in want:
                            if key != "(missing)":
                                fidelity.number(key, counts[key], want[key] if want[key] >= MINIMUM else None)

    def test_every_quantile_with_a_minimum_of_one(self):
        got = self.run_study("lung", {"time": duration(0, 1100)}, {
            "q": {"kind": "quantiles", "column": "time", "probabilities": PROBABILITIES}}, minimum=1)
        with Fidelity(self, "descriptive lung time (quantiles, minimum 1)") as fidelity:
            fidelity.numbers_of("type 7", got["q"]["groups"][0]["quantiles"],
                                golden("descriptive")["lung"]["time"]["quantile_type7"])


if __name__ == "__main__":
    unittest.main()
