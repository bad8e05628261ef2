"""Inverse probability weighting under the protocol equals the same computation in plain Python on the pooled records."""

import math
import unittest

from golden import Fidelity, GoldenTest
from models_golden_test import BIRTHWT, HIDDEN, solve
from need import needs_data
from records import read_split

COLUMNS = ("age", "lwt", "ht", "ui", "ftv")


def logistic_fit(x, y):
    """Newton's method to the last digit."""
    size = len(x[0])
    b = [0.0] * size
    for _ in range(30):
        information, score = [[0.0] * size for _ in range(size)], [0.0] * size
        for row, outcome in zip(x, y):
            p = 1 / (1 + math.exp(-sum(u * v for u, v in zip(row, b))))
            for i in range(size):
                score[i] += (outcome - p) * row[i]
                for j in range(size):
                    information[i][j] += p * (1 - p) * row[i] * row[j]
        b = [u + v for u, v in zip(b, solve(information, score))]
    return b


def weighted(x, treated, outcome, propensity, method):
    """Terms and numbers of fit."""
    weights = [1 / p if t else 1 / (1 - p) for t, p in zip(treated, propensity)]
    if method == "att":
        weights = [1 if t else p / (1 - p) for t, p in zip(treated, propensity)]
    terms, fit, arms = {}, {}, {}
    for arm, name in ((1, "treated"), (0, "untreated")):
        rows = [i for i, t in enumerate(treated) if t == arm]
        total = math.fsum(weights[i] for i in rows)
        mean = math.fsum(weights[i] * outcome[i] for i in rows) / total
        variance = math.fsum((weights[i] * (outcome[i] - mean)) ** 2 for i in rows) / total ** 2
        terms[f"mean, {name}"] = (mean, math.sqrt(variance))
        fit[f"n_{name}"] = len(rows)
        fit[f"effective_n_{name}"] = total ** 2 / math.fsum(weights[i] ** 2 for i in rows)
        arms[arm] = (rows, total, mean, variance)
    (_, w1, m1, v1), (_, w0, m0, v0) = arms[1], arms[0]
    terms["difference"] = (m1 - m0, math.sqrt(v1 + v0))
    if set(outcome) == {0, 1}:
        terms["log risk ratio"] = (math.log(m1 / m0), math.sqrt(v1 / m1 ** 2 + v0 / m0 ** 2))
        terms["log odds ratio"] = (math.log(m1 / (1 - m1) / m0 * (1 - m0)),
                                   math.sqrt(v1 / (m1 * (1 - m1)) ** 2 + v0 / (m0 * (1 - m0)) ** 2))
    if method == "ate":
        n = len(treated)
        fit["mean_stabilised_weight"] = (w1 * fit["n_treated"] + w0 * fit["n_untreated"]) / n ** 2
    for j, name in enumerate(COLUMNS, 1):
        before, after, variances = {}, {}, []
        for arm, (rows, total, _, _) in arms.items():
            before[arm] = math.fsum(x[i][j] for i in rows) / len(rows)
            after[arm] = math.fsum(weights[i] * x[i][j] for i in rows) / total
            variances.append(math.fsum((x[i][j] - before[arm]) ** 2 for i in rows) / (len(rows) - 1))
        deviation = math.sqrt(sum(variances) / 2)
        fit[f"difference before: {name}"] = (before[1] - before[0]) / deviation
        fit[f"difference after: {name}"] = (after[1] - after[0]) / deviation
    return terms, fit


@needs_data("golden/glm.json")
class TreatmentEffectGoldenTest(GoldenTest):
    def check(self, name, got, want):
        terms, fit = want
        with Fidelity(self, f"treatment_effect birthwt {name}", HIDDEN, "against plain Python") as fidelity:
            self.assertEqual([term["term"] for term in got["terms"]], list(terms))
            for term, (estimate, error) in zip(got["terms"], terms.values()):
                fidelity.number(term["term"], term["estimate"], estimate)
                fidelity.number(f"error of {term['term']}", term["se"], error)
            for key, value in fit.items():
                # Balance after weighting is near 0: in standard deviations.
                shift = 1 if key.startswith("difference") else 0
                fidelity.number(key, got["fit"][key] + shift, value + shift)

    def test_smoking_and_birth_weight(self):
        columns = dict(BIRTHWT, smoke={"type": "event", "event": ["1"], "censored": ["0"]})
        formula = "smoke ~ " + " + ".join(COLUMNS)
        effect = {"kind": "treatment_effect", "formula": formula}
        got = self.run_study("birthwt", columns, {
            "weight": {**effect, "outcome": "bwt"},
            "low": {**effect, "outcome": "low"},
            "treated": {**effect, "outcome": "bwt", "method": "att"},
            "cut": {**effect, "outcome": "bwt", "probabilities": [0.35, 0.55]},
            "few": {**effect, "formula": "smoke ~ race * ptl", "outcome": "low"},
        }, minimum=1)
        header, parts = read_split("birthwt")
        records = [dict(zip(header, row)) for rows in parts.values() for row in rows]
        x = [[1.0] + [float(r[name]) for name in COLUMNS] for r in records]
        treated = [int(r["smoke"]) for r in records]
        b = logistic_fit(x, treated)
        propensity = [1 / (1 + math.exp(-sum(u * v for u, v in zip(row, b)))) for row in x]
        weight, low = [float(r["bwt"]) for r in records], [int(r["low"]) for r in records]
        self.check("ate", got["weight"], weighted(x, treated, weight, propensity, "ate"))
        self.check("risk", got["low"], weighted(x, treated, low, propensity, "ate"))
        self.check("att", got["treated"], weighted(x, treated, weight, propensity, "att"))
        cut = [min(max(p, 0.35), 0.55) for p in propensity]
        self.check("cut", got["cut"], weighted(x, treated, weight, cut, "ate"))
        self.assertEqual(got["few"]["n"], len(records))

    def test_few_people_close_the_result(self):
        columns = dict(BIRTHWT, smoke={"type": "event", "event": ["1"], "censored": ["0"]})
        got = self.run_study("birthwt", columns, {
            "few": {"kind": "treatment_effect", "formula": "smoke ~ age + ht", "outcome": "low"}}, minimum=20)
        self.assertIn("fewer than 20 people", got["few"]["note"])
        self.assertEqual(got["few"]["terms"], [])


if __name__ == "__main__":
    unittest.main()
