"""Rank tests, rank correlations and quantiles of any column by real nodes equal R's on the pooled records."""

import math
import unittest

from describe_golden_test import NUMBERS, check_quantiles
from golden import Fidelity, GoldenTest, category, golden, number
from need import needs_data
from tests_golden_test import NAMES


@needs_data("golden/tests.json")
class RanksGoldenTest(GoldenTest):
    @classmethod
    def setUpClass(cls):
        cls.expected = golden("tests")

    def check(self, entry, got):
        want = self.expected[entry]
        with Fidelity(self, f"tests {entry}") as fidelity:
            degrees = [] if want["parameter"] is None else [want["parameter"]]
            fidelity.numbers_of("statistic, df, p", [got["statistic"], *got["df"], got["p"]],
                                [want["statistic"], *degrees, want["p"]])

    def check_correlation(self, entry, got, method="Spearman"):
        want, pair = self.expected[entry], got["pairs"][0]
        name = {"Spearman": "rho", "Kendall": "tau"}[method]
        with Fidelity(self, f"tests {entry} ({method})") as fidelity:
            if "n" in want:
                fidelity.number("n", got["n"], want["n"])
            want = want.get(method.lower(), want)
            fidelity.numbers_of("statistic, p, estimate", [pair["statistic"], pair["p"], pair["r"]],
                                [want["statistic"], want["p"], want["estimate"][name]])
            if method == "Spearman":  # R gives no limits: the formula of Bonett and Wright
                rho = want["estimate"][name]
                half = 1.959963984540054 * math.sqrt((1 + rho * rho / 2) / (got["n"] - 3))
                fidelity.numbers_of("limits", [pair["lower"], pair["upper"]],
                                    [math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)])

    def check_kolmogorov_smirnov(self, entry, got):
        """R takes p as 1 less a number near 1, which leaves it 1e-16 / p; the series itself is met to the bound."""
        want, (m, n) = self.expected[entry], [group["n"] for group in got["groups"]]
        with Fidelity(self, f"tests {entry}") as fidelity:
            fidelity.number("statistic", got["statistic"], want["statistic"])
            square = want["statistic"] ** 2 * m * n / (m + n)
            fidelity.number("p, by its series", got["p"],
                            2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * square) for k in range(1, 20)))
        with Fidelity(self, f"tests {entry} (p as R has it)", 1.2e-16 / want["p"],
                      "R's p is 1 less a number near 1; the series itself holds to 1e-9") as fidelity:
            fidelity.number("p", got["p"], want["p"])

    def test_pbc(self):
        columns = {"bili": number(0, 50), "albumin": number(0, 10), "trt": category(1, 2, missing=["", "NA"]),
                   "stage": category(1, 2, 3, 4, missing=["", "NA"])}
        got = self.run_study("pbc", columns, {
            "u": {"kind": "mann_whitney", "column": "bili", "by": "trt"},
            "h": {"kind": "kruskal_wallis", "column": "bili", "by": "stage"},
            "rho": {"kind": "correlation", "columns": ["bili", "albumin"], "method": "spearman"},
            "tau": {"kind": "correlation", "columns": ["bili", "albumin"], "method": "kendall"},
        }, apart=True)  # few have no stage: beside the others their number would show
        self.check("mannwhitney_pbc_bili_by_trt", got["u"])
        self.check("kruskal_pbc_bili_by_stage", got["h"])
        self.check_correlation("cor_pbc_bili_albumin", got["rho"])
        self.check_correlation("kendall_pbc_bili_albumin", got["tau"], "Kendall")

    def test_pima_and_birthwt(self):
        columns = {"glu": number(0, 250), "bmi": number(10, 80), "skin": number(0, 110), "type": category("No", "Yes")}
        got = self.run_study("pima", columns, {
            "u": {"kind": "mann_whitney", "column": "glu", "by": "type"},
            "d": {"kind": "ks_test", "column": "bmi", "by": "type"},
            "rho": {"kind": "correlation", "columns": ["bmi", "skin"], "method": "spearman"},
        })
        self.check("mannwhitney_pima_glu", got["u"])
        self.check_kolmogorov_smirnov("ks_2sample_pima_bmi", got["d"])
        self.check_correlation("cor_pima_bmi_skin", got["rho"])
        got = self.run_study("birthwt", {"bwt": number(0, 6000), "smoke": category(0, 1)}, {
            "u": {"kind": "mann_whitney", "column": "bwt", "by": "smoke", "continuity": False}})
        self.check("mannwhitney_nocorrect_birthwt_bwt_smoke", got["u"])

    def test_a_group_below_the_minimum_closes_the_test(self):
        columns = {"bwt": number(0, 6000), "lwt": number(0, 500), "smoke": category(0, 1)}  # 74 of 189 smoke
        grouped = {kind: {"kind": kind, "column": "bwt", "by": "smoke"} for kind in (
            "mann_whitney", "kruskal_wallis", "ks_test")}
        got = self.run_study("birthwt", columns, {
            **grouped,
            "wilcoxon_signed_rank": {"kind": "wilcoxon_signed_rank", "column": "bwt", "null_value": 3000},
            "spearman": {"kind": "correlation", "columns": ["bwt", "lwt"], "method": "spearman"},
            "median": {"kind": "quantiles", "column": "bwt", "probabilities": [0.5, 0.6]},
        }, minimum=75)
        for kind in grouped:
            self.assertIsNone(got[kind]["statistic"])
            self.assertIsNone(got[kind]["p"])
            self.assertEqual([group["n"] for group in got[kind]["groups"]], [None, None])
        self.assertIsNotNone(got["wilcoxon_signed_rank"]["p"])
        self.assertEqual(got["spearman"]["n"], 189)
        quantiles = got["median"]["groups"][0]["quantiles"]
        self.assertEqual(quantiles[0], 2977)  # 0.5 of 189 on either side, and 0.4
        self.assertEqual(quantiles[1] is not None, 0.4 * 189 >= 75)

    def test_lung_and_wdbc(self):
        got = self.run_study("lung", {"age": number(0, 120), "time": number(0, 2000)}, {
            "rho": {"kind": "correlation", "columns": ["age", "time"], "method": "spearman"}})
        self.check_correlation("cor_lung_age_time", got["rho"])
        ranges = (50, 60, 300, 4000, 1, 1)
        got = self.run_study("wdbc", {name: number(0, high) for name, high in zip(NAMES, ranges)}, {
            "matrix": {"kind": "correlation", "columns": list(NAMES), "method": "spearman"}})["matrix"]
        with Fidelity(self, "tests cor_matrix_wdbc_spearman") as fidelity:
            rows = self.expected["cor_matrix_wdbc_spearman"]["rows"]
            for pair in got["pairs"]:
                i, j = NAMES.index(pair["first"]), NAMES.index(pair["second"])
                fidelity.number(f"r[{i}][{j}]", pair["r"], rows[i][j])

    def test_nhanes(self):
        columns = {"BPSys2": number(0, 300, ["NA"]), "BPSys3": number(0, 300, ["NA"]), "Age": number(0, 120, ["NA"]),
                   "BPSysAve": number(0, 300, ["NA"])}
        got = self.run_study("nhanes", columns, {
            "v": {"kind": "wilcoxon_signed_rank", "column": "BPSys2", "paired_with": "BPSys3"},
            "rho": {"kind": "correlation", "columns": ["Age", "BPSysAve"], "method": "spearman"},
        })
        self.check("wilcoxon_signed_rank_nhanes_BPSys2_BPSys3", got["v"])
        self.check_correlation("cor_nhanes_age_bpsys", got["rho"])

    def test_diabetes(self):
        race = [row for row in self.expected["chisq_diabetes130_race_readmitted"]["table"]["rows"]]
        columns = {"time_in_hospital": number(0, 30), "num_medications": number(0, 100), "race": category(*race),
                   "readm30": category(0, 1)}
        got = self.run_study("diabetes130", columns, {
            "u": {"kind": "mann_whitney", "column": "time_in_hospital", "by": "readm30"},
            "h": {"kind": "kruskal_wallis", "column": "time_in_hospital", "by": "race"},
            "rho": {"kind": "correlation", "columns": ["time_in_hospital", "num_medications"], "method": "spearman"},
        }, derive={"readm30": lambda record: int(record["readmitted"] == "<30")})
        self.check("mannwhitney_diabetes130_los_readm30", got["u"])
        self.check("kruskal_diabetes130_los_by_race", got["h"])
        self.check_correlation("cor_diabetes130_los_meds", got["rho"])

    def test_quantiles_of_numbers(self):
        for dataset, ranges in NUMBERS.items():
            # One of the largest table is enough: its columns are all small whole numbers. A minimum of 1 shows the extremes, too.
            names = list(ranges)[:1] if dataset == "diabetes130" else list(ranges)
            with self.subTest(dataset):
                check_quantiles(self, dataset, {name: number(*ranges[name], ["", "NA"]) for name in names},
                                "quantiles of numbers", minimum=1)


if __name__ == "__main__":
    unittest.main()
