"""Fisher's test of larger tables, tests of proportions and adjusted p-values by real nodes equal R's."""

import json
import unittest

from golden import Fidelity, GoldenTest, category, golden
from need import needs_data
from records import write_sites


def adjusted(method, p):
    """R's p.adjust, by a reading of our own."""
    m, order = len(p), sorted(range(len(p)), key=lambda i: p[i])
    if method == "bonferroni":
        return [min(1, m * value) for value in p]
    result, value = [0] * m, 0
    if method == "holm":
        for place, i in enumerate(order):
            value = result[i] = min(1, max(value, (m - place) * p[i]))
        return result
    factor = m * (sum(1 / i for i in range(1, m + 1)) if method == "by" else 1)
    value = 1
    for place, i in reversed(list(enumerate(order, 1))):
        value = result[i] = min(value, factor / place * p[i])
    return result


@needs_data("golden/tests.json")
class ProportionsGoldenTest(GoldenTest):
    @classmethod
    def setUpClass(cls):
        cls.expected = golden("tests")

    def check_fisher(self, entry, got):
        want = self.expected[entry]
        with Fidelity(self, f"tests {entry}") as fidelity:
            fidelity.number("p", got["p"], want["p"])
            fidelity.numbers_of("counts", [cell["n"] for cell in got["cells"]],
                                [n for row in want["table"]["counts"] for n in row])

    def test_larger_tables(self):
        levels = self.expected["fisher_rxc_veteran_celltype_trt"]["table"]["rows"]
        got = self.run_study("veteran", {"celltype": category(*levels), "trt": category(1, 2)},
                             {"fisher": {"kind": "fisher", "by": ["celltype", "trt"]}}, minimum=5)
        self.check_fisher("fisher_rxc_veteran_celltype_trt", got["fisher"])
        got = self.run_study("birthwt", {"race": category(1, 2, 3), "low": category(0, 1)},
                             {"fisher": {"kind": "fisher", "by": ["race", "low"]}})
        self.check_fisher("fisher_rxc_birthwt_race_low", got["fisher"])

    def test_proportions(self):
        got = self.run_study("heart4", {"sex": category(1, 0), "disease": category(0, 1)}, {
            "prop": {"kind": "prop_test", "outcome": "disease", "positive": [1], "by": "sex"},
        }, derive={"disease": lambda record: int(float(record["num"]) > 0)})["prop"]
        want = self.expected["prop_test_heart4_disease_by_sex"]
        with Fidelity(self, "tests prop_test_heart4_disease_by_sex") as fidelity:
            fidelity.numbers_of("statistic, df, p", [got["statistic"], *got["df"], got["p"]],
                                [want["statistic"], want["parameter"], want["p"]])
            difference, *proportions = got["estimates"]
            fidelity.numbers_of("conf_int", [difference["lower"], difference["upper"]], want["conf_int"])
            fidelity.numbers_of("proportions", [one["value"] for one in proportions], list(want["estimate"].values()))
        got = self.run_study("lung", {"status": category(1, 2)}, {
            "binom": {"kind": "binom_test", "outcome": "status", "positive": [2]}})["binom"]
        want = self.expected["binom_test_lung_deaths"]
        with Fidelity(self, "tests binom_test_lung_deaths") as fidelity:
            estimate = got["estimates"][0]
            fidelity.numbers_of("successes, n, p", [got["statistic"], sum(cell["n"] for cell in got["cells"]), got["p"]],
                                [want["statistic"], want["parameter"], want["p"]])
            fidelity.numbers_of("proportion, conf_int", [estimate["value"], estimate["lower"], estimate["upper"]],
                                [want["estimate"]["probability of success"], *want["conf_int"]])

    def test_adjusted_p_values(self):
        example = self.expected["p_adjust_example"]
        tests = {f"t{i}": {"kind": "fisher", "by": by} for i, by in enumerate(
            (["race", "low"], ["smoke", "low"], ["race", "smoke"]))}
        columns = {"race": category(1, 2, 3), "low": category(0, 1), "smoke": category(0, 1)}
        records = write_sites(self.folder, "birthwt", list(columns))
        for method in ("bonferroni", "holm", "bh", "by"):
            with Fidelity(self, f"tests p_adjust_example ({method}: the test's own reading)") as fidelity:
                fidelity.numbers_of("p", adjusted(method, example["p"]), example[method])
            got = self.run_study("birthwt", columns, tests, minimum=5, records=records,
                                 extra={"adjust": {"method": method, "analyses": list(tests)}})
            result = json.loads((self.folder / "birthwt-out" / "result.json").read_text())["adjusted"]
            self.assertEqual(result["method"], method)
            with Fidelity(self, f"tests of birthwt adjusted ({method})") as fidelity:
                fidelity.numbers_of("p", [test["p"] for test in result["tests"]], [got[name]["p"] for name in tests])
                fidelity.numbers_of("adjusted p", [test["p_adjusted"] for test in result["tests"]],
                                    adjusted(method, [got[name]["p"] for name in tests]))


if __name__ == "__main__":
    unittest.main()
