"""Statistical tests and correlations by real nodes equal R's on the pooled records."""

import csv
import fractions
import math
import unittest

from golden import Fidelity, GoldenTest, category, golden, number
from need import needs_data
from records import SITES, read_split, site_of

NAMES = ("x.radius_mean", "x.texture_mean", "x.perimeter_mean", "x.area_mean", "x.smoothness_mean",
         "x.compactness_mean")


@needs_data("golden/tests.json")
class TestsGoldenTest(GoldenTest):
    @classmethod
    def setUpClass(cls):
        cls.expected = golden("tests")

    def check(self, entry, got, want=None, estimate=True, bound=1e-9, note=""):
        want = want or self.expected[entry]
        with Fidelity(self, f"tests {entry}", bound, note) as fidelity:
            if want.get("statistic") is not None:
                fidelity.number("statistic", got["statistic"], want["statistic"])
            degrees = want.get("parameter") or []
            fidelity.numbers_of("df", got["df"], degrees if isinstance(degrees, list) else [degrees])
            fidelity.number("p", got["p"], want["p"])
            if estimate and want.get("conf_int"):
                limits = got["estimates"][0]
                fidelity.numbers_of("conf_int", [limits["lower"], limits["upper"]], want["conf_int"])
                values = list(want["estimate"].values())
                means = [group["mean"] for group in got["groups"]]
                fidelity.numbers_of("estimate", means if len(values) > 1 else [limits["value"]], values)
            counts = [n for row in want.get("table", {}).get("counts", []) for n in row]
            if len(counts) == len(got["cells"]):
                fidelity.numbers_of("counts", [cell["n"] for cell in got["cells"]], counts)
            if want.get("expected"):
                fidelity.numbers_of("expected", [cell["expected"] for cell in got["cells"]],
                                    [e for row in want["expected"] for e in row])

    def check_anova(self, entry, got):
        want = self.expected[entry]
        with Fidelity(self, f"tests {entry}") as fidelity:
            fidelity.numbers_of("df", got["df"], want["df"])
            squares = [estimate["value"] for estimate in got["estimates"]]
            fidelity.numbers_of("sum_sq", squares, want["sum_sq"])
            fidelity.numbers_of("mean_sq", [s / df for s, df in zip(squares, got["df"])], want["mean_sq"])
            fidelity.number("f", got["statistic"], want["f"])
            fidelity.number("p", got["p"], want["p"])

    def check_correlation(self, entry, got):
        want, pair = self.expected[entry], got["pairs"][0]
        with Fidelity(self, f"tests {entry} (Pearson)") as fidelity:
            fidelity.numbers_of("n, df", [got["n"], pair["df"]], [want["n"], want["pearson"]["parameter"]])
            fidelity.numbers_of("t, p", [pair["statistic"], pair["p"]],
                                [want["pearson"]["statistic"], want["pearson"]["p"]])
            fidelity.numbers_of("r, limits, cov", [pair["r"], pair["lower"], pair["upper"], pair["covariance"]],
                                [want["pearson"]["estimate"]["cor"], *want["pearson"]["conf_int"], want["cov"]])

    def test_pima_and_wdbc(self):
        columns = {"glu": number(0, 250), "bmi": number(10, 80), "skin": number(0, 110), "type": category("No", "Yes")}
        got = self.run_study("pima", columns, {
            "welch": {"kind": "t_test", "column": "glu", "by": "type"},
            "pooled": {"kind": "t_test", "column": "glu", "by": "type", "method": "pooled"},
            "one": {"kind": "t_test", "column": "bmi", "method": "one_sample", "null_value": 32},
            "var": {"kind": "variance_test", "column": "glu", "by": "type"},
            "cor": {"kind": "correlation", "columns": ["bmi", "skin"]},
        })
        self.check("t_welch_pima_glu", got["welch"])
        self.check("t_pooled_pima_glu", got["pooled"])
        self.check("t_onesample_pima_bmi_32", got["one"])
        self.check("f_var_test_pima_glu", got["var"])
        self.check_correlation("cor_pima_bmi_skin", got["cor"])
        ranges = (50, 60, 300, 4000, 1, 1)
        got = self.run_study("wdbc", {name: number(0, high) for name, high in zip(NAMES, ranges)},
                             {"matrix": {"kind": "correlation", "columns": list(NAMES)}})["matrix"]
        with Fidelity(self, "tests cor_matrix_wdbc_pearson") as fidelity:
            rows = self.expected["cor_matrix_wdbc_pearson"]["rows"]
            for pair in got["pairs"]:
                i, j = NAMES.index(pair["first"]), NAMES.index(pair["second"])
                fidelity.number(f"r[{i}][{j}]", pair["r"], rows[i][j])

    def test_pbc_and_lung(self):
        columns = {"bili": number(0, 50), "albumin": number(0, 10), "trt": category(1, 2, missing=["", "NA"]),
                   "stage": category(1, 2, 3, 4, missing=["", "NA"])}
        got = self.run_study("pbc", columns, {
            "welch": {"kind": "t_test", "column": "bili", "by": "trt"},
            "anova": {"kind": "anova", "column": "albumin", "by": "stage"},
            "anova_welch": {"kind": "anova", "column": "albumin", "by": "stage", "method": "welch"},
            "cor": {"kind": "correlation", "columns": ["bili", "albumin"]},
        }, apart=True)  # few have no stage: beside each other their number would show
        self.check("t_welch_pbc_bili_by_trt", got["welch"])
        self.check_anova("anova_pbc_albumin_by_stage", got["anova"])
        self.check("anova_welch_pbc_albumin_by_stage", got["anova_welch"])
        self.check_correlation("cor_pbc_bili_albumin", got["cor"])
        columns = {"age": number(0, 120), "time": number(0, 2000), "sex": category(1, 2), "status": category(1, 2)}
        got = self.run_study("lung", columns, {
            "cor": {"kind": "correlation", "columns": ["age", "time"]},
            "fisher": {"kind": "fisher", "by": ["sex", "status"]},
        })
        self.check_correlation("cor_lung_age_time", got["cor"])
        self.check_fisher("fisher_2x2_lung_sex_dead", got["fisher"])

    def check_fisher(self, entry, got):
        """The estimates satisfy their equations in exact arithmetic; R's own root finder stops at 1e-4."""
        want = self.expected[entry]
        self.check(entry, got, estimate=False)
        estimate, limits = got["estimates"][0]["value"], (got["estimates"][0]["lower"], got["estimates"][0]["upper"])
        with Fidelity(self, f"tests {entry} (odds ratio, limits)", 1e-3,
                      "R's fisher.test stops its search at 1e-4; the equations themselves hold to 1e-12") as fidelity:
            fidelity.numbers_of("odds ratio", [estimate, *limits],
                                [want["estimate"]["odds ratio"], *want["conf_int"]])
        (a, b), (c, d) = want["table"]["counts"]
        support = range(max(0, a - d), min(a + b, a + c) + 1)
        weights = [math.comb(a + c, x) * math.comb(b + d, a + b - x) for x in support]

        def moments(odds):
            terms = [w * fractions.Fraction(odds) ** x for w, x in zip(weights, support)]
            total = sum(terms)
            return (float(sum(t * x for t, x in zip(terms, support)) / total),
                    float(sum(t for t, x in zip(terms, support) if x >= a) / total),
                    float(sum(t for t, x in zip(terms, support) if x <= a) / total))

        with Fidelity(self, f"{entry}: equations of the estimates", 1e-12) as fidelity:
            fidelity.number("mean at the odds ratio", moments(estimate)[0], a)
            fidelity.number("upper tail at the lower limit", moments(limits[0])[1], 0.025)
            fidelity.number("lower tail at the upper limit", moments(limits[1])[2], 0.025)

    def test_birthwt(self):
        columns = {"bwt": number(0, 6000), "race": category(1, 2, 3), "smoke": category(0, 1), "low": category(0, 1),
                   "ht": category(0, 1)}
        got = self.run_study("birthwt", columns, {
            "anova": {"kind": "anova", "column": "bwt", "by": "race"},
            "bartlett": {"kind": "variance_test", "column": "bwt", "by": "race", "method": "bartlett"},
            "smoke": {"kind": "fisher", "by": ["smoke", "low"]},
            "ht": {"kind": "fisher", "by": ["ht", "low"]},
        }, minimum=5)
        self.check_anova("anova_birthwt_bwt_by_race", got["anova"])
        self.check("bartlett_birthwt", got["bartlett"])
        self.check_fisher("fisher_2x2_birthwt_smoke_low", got["smoke"])
        self.check_fisher("fisher_2x2_birthwt_ht_low", got["ht"])

    def check_strata(self, entry, got):
        want = self.expected[entry]
        self.check(entry, got["corrected"], want["corrected"])
        self.check(entry + " uncorrected", got["uncorrected"], want["uncorrected"])
        with Fidelity(self, f"tests {entry} (counts)") as fidelity:
            fidelity.numbers_of("counts over strata", [cell["n"] for cell in got["corrected"]["cells"]],
                                [sum(t[i][j] for t in want["counts"]) for i in (0, 1) for j in (0, 1)])

    def test_heart4(self):
        columns = {"age": number(0, 120), "sex": category(0, 1), "cp": category(1, 2, 3, 4),
                   "site": category("cleveland", "hungarian", "switzerland", "va"), "disease": category(0, 1)}
        strata = {"kind": "mantel_haenszel", "by": ["sex", "disease"], "strata": "site"}
        got = self.run_study("heart4", columns, {
            "yates": {"kind": "chi_square", "by": ["sex", "disease"]},
            "plain": {"kind": "chi_square", "by": ["sex", "disease"], "continuity": False},
            "cp": {"kind": "chi_square", "by": ["cp", "disease"]},
            "anova": {"kind": "anova", "column": "age", "by": "site"},
            "corrected": strata,
            "uncorrected": {**strata, "continuity": False},
        }, derive={"disease": lambda record: int(float(record["num"]) > 0)})
        self.check("chisq_yates_heart4_sex_disease", got["yates"])
        self.check("chisq_nocorrect_heart4_sex_disease", got["plain"])
        self.check("chisq_heart4_cp_disease", got["cp"])
        self.check_anova("anova_heart4_age_by_site", got["anova"])
        self.check_strata("cmh_heart4_sex_disease_by_natural_site", got)

    def test_diabetes(self):
        race = [row for row in self.expected["chisq_diabetes130_race_readmitted"]["table"]["rows"]]
        columns = {
            "time_in_hospital": number(0, 30), "num_medications": number(0, 100), "race": category(*race),
            "readmitted": category("<30", ">30", "NO"), "A1Cresult": category(">7", ">8", "None", "Norm"),
            "gender": category("Female", "Male", missing=["Unknown/Invalid"]), "readm30": category(0, 1),
            "ins": category(0, 1), "split": category(*SITES),
        }
        derive = {"readm30": lambda record: int(record["readmitted"] == "<30"),
                  "ins": lambda record: int(record["insulin"] != "No"),
                  "split": lambda record: site_of("diabetes130", record["patient_nbr"])}
        strata = {"kind": "mantel_haenszel", "by": ["ins", "readm30"], "strata": "split"}
        got = self.run_study("diabetes130", columns, {
            "race": {"kind": "chi_square", "by": ["race", "readmitted"]},
            "a1c": {"kind": "chi_square", "by": ["A1Cresult", "readm30"]},
            "fit": {"kind": "chi_square", "by": "gender", "weights": {"Female": 0.5, "Male": 0.5}},
            "anova": {"kind": "anova", "column": "time_in_hospital", "by": "race"},
            "cor": {"kind": "correlation", "columns": ["time_in_hospital", "num_medications"]},
            "corrected": strata,
            "uncorrected": {**strata, "continuity": False},
        }, derive=derive, apart=True)  # three have no gender: beside the others their number would show
        self.check("chisq_diabetes130_race_readmitted", got["race"])
        self.check("chisq_diabetes130_A1C_readm30", got["a1c"])
        self.check("chisq_gof_diabetes130_gender_5050", got["fit"])
        self.check_anova("anova_diabetes130_los_by_race", got["anova"])
        self.check_correlation("cor_diabetes130_los_meds", got["cor"])
        self.check_strata("cmh_diabetes130_insulin_readm30_by_split_site", got)

    def test_nhanes(self):
        columns = {"BMI": number(0, 100, ["NA"]), "BPSys2": number(0, 300, ["NA"]), "BPSys3": number(0, 300, ["NA"]),
                   "Age": number(0, 120, ["NA"]), "BPSysAve": number(0, 300, ["NA"]),
                   "Gender": category("female", "male", missing=["NA"])}
        got = self.run_study("nhanes", columns, {
            "welch": {"kind": "t_test", "column": "BMI", "by": "Gender"},
            "paired": {"kind": "t_test", "column": "BPSys2", "paired_with": "BPSys3", "method": "paired"},
            "cor": {"kind": "correlation", "columns": ["Age", "BPSysAve"]},
        })
        self.check("t_welch_nhanes_bmi_by_gender", got["welch"])
        self.check("t_paired_nhanes_BPSys2_BPSys3", got["paired"])
        self.assertEqual(got["paired"]["groups"][0]["n"], self.expected["t_paired_nhanes_BPSys2_BPSys3"]["n"])
        self.check_correlation("cor_nhanes_age_bpsys", got["cor"])

    def test_pairs_of_encounters(self):
        header, parts = read_split("diabetes130")
        records = {}
        for site, rows in parts.items():
            seen = {}
            for row in sorted(rows, key=lambda row: int(row[header.index("encounter_id")])):
                seen.setdefault(row[header.index("patient_nbr")], []).append(int(row[header.index("insulin")] != "No"))
            records[site.lower()] = self.folder / "pairs" / site
            records[site.lower()].mkdir(parents=True)
            with open(records[site.lower()] / "pairs.csv", "w", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerows([["first", "second"], *(times[:2] for times in seen.values() if len(times) > 1)])
        got = self.run_study("pairs", {"first": category(0, 1), "second": category(0, 1)},
                             {"test": {"kind": "mcnemar", "by": ["first", "second"]}}, records=records)["test"]
        self.check("mcnemar_diabetes130_first_two", got)
        (_, b), (c, _) = self.expected["mcnemar_diabetes130_first_two"]["table"]["counts"]
        self.assertEqual([cell["n"] for cell in got["cells"]], [b, c])


if __name__ == "__main__":
    unittest.main()
