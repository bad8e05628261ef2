"""Decisions at interim looks and signals of surveillance by real nodes: those that the statistics on the pooled records, R's or
this file's own, lead to; and nothing else is in the result."""

import math
import random
import unittest

from golden import GoldenTest, category, duration, golden, number
from need import needs_data

WEEKS = [f"w{week:02}" for week in range(1, 21)]
EXPECTED = [0.5 + 0.1 * week for week in range(20)]


def poisson_ratio(c, mu):
    return mu - c + c * math.log(c / mu) if c > mu else 0.0


def binomial_ratio(c, n, p):
    if n == 0 or c <= n * p:
        return 0.0
    return c * math.log(c / (n * p)) + ((n - c) * math.log((n - c) / (n * (1 - p))) if c < n else 0.0)


@needs_data("golden/tests.json")
class InterimLookTest(GoldenTest):
    def decisions(self, table, columns, analyses, **more):
        got = self.run_study(table, columns, {name: {"kind": "sequential", **entry} for name, entry in analyses.items()}, **more)
        for analysis in got.values():  # boundaries and people alone
            self.assertFalse(analysis["groups"] or analysis["cells"] or analysis["statistic"])
        return {name: analysis["decision"] for name, analysis in got.items()}, got

    def test_log_rank(self):
        """Z is 3.2 (survdiff): between the boundaries at 50 % (2.963) and at 33 % (3.73) of the information."""
        columns = {"time": duration(0, 1022), "status": {"type": "event", "event": [2], "censored": [1]},
                   "sex": category(1, 2)}
        look = {"method": "log_rank", "time": "time", "event": "status", "by": "sex"}
        decisions, got = self.decisions("lung", columns, {
            "early": {**look, "information": [0.33]},
            "late": {**look, "information": [0.25, 0.5]},
            "less": {**look, "information": [0.5], "alternative": "less", "futility": 0},
            "greater": {**look, "information": [0.5], "alternative": "greater", "futility": 0},
        })
        self.assertEqual(decisions, {"early": "continue", "late": "stop, 1 is higher", "less": "stop for futility",
                                     "greater": "stop for efficacy"})
        boundaries = {e["name"]: e["value"] for e in got["late"]["estimates"]}
        self.assertAlmostEqual(boundaries["boundary of Z at 50.0% of the information"], 2.9631, 4)
        self.assertEqual(boundaries["people"], 228)

    def test_proportions_and_means(self):
        """Z is 9.3 (the root of chi-square), between the boundaries at 20 % (4.88) and at 4 % (above 9) of the information."""
        z = math.sqrt(golden("tests")["chisq_nocorrect_heart4_sex_disease"]["statistic"])
        self.assertGreater(z, 9)
        columns = {"sex": category(1, 0), "disease": category(1, 0), "age": number(0, 120)}
        proportions = {"method": "proportions", "outcome": "disease", "positive": [1], "by": "sex"}
        means = {"method": "means", "column": "age", "by": "disease"}
        decisions, _ = self.decisions("heart4", columns, {
            "first": {**proportions, "information": [0.2]},
            "reversed": {**proportions, "information": [0.2], "alternative": "less"},
            "very_early": {**proportions, "information": [0.04]},
            "older": {**means, "information": [0.5, 1], "spending": "pocock"},
        }, derive={"disease": lambda record: int(float(record["num"]) > 0)})
        self.assertEqual(decisions, {"first": "stop, 1 is higher", "reversed": "continue", "very_early": "continue",
                                     "older": "stop, 1 is higher"})


class SurveillanceTest(GoldenTest):
    def setUp(self):
        super().setUp()
        source = random.Random(7)
        self.rows = []
        for week in range(20):
            for _ in range(40):
                exposed = source.random() < 0.4
                happens = source.random() < (0.09 if exposed else 0.02)
                self.rows.append((WEEKS[week], "exposed" if exposed else "control", "yes" if happens else "no"))

    def run_monitoring(self, analyses, minimum):
        records = {}
        for i, site in enumerate(("a", "b", "c")):
            records[site] = self.folder / "watch" / site
            records[site].mkdir(parents=True, exist_ok=True)
            lines = ["week,window,event"] + [",".join(row) for row in self.rows[i::3]]
            (records[site] / "watch.csv").write_text("\n".join(lines) + "\n")
        columns = {"week": category(*WEEKS), "window": category("exposed", "control"), "event": category("yes", "no")}
        common = {"kind": "safety_monitoring", "outcome": "event", "positive": ["yes"], "by": "week"}
        return self.run_study("watch", columns, {name: {**common, **entry} for name, entry in analyses.items()},
                              minimum=minimum, records=records)

    def counts(self, window=None):
        return [sum(1 for w, x, e in self.rows if w == week and e == "yes" and window in (None, x)) for week in WEEKS]

    @staticmethod
    def first(signals):
        return next((week for week, signal in zip(WEEKS, signals) if signal), None)

    def test_signals_are_those_of_the_pooled_counts(self):
        thresholds = (0.5, 2.0, 3.5, 6.0, 60.0)
        analyses = {}
        for i, threshold in enumerate(thresholds):
            analyses[f"poisson{i}"] = {"method": "poisson", "expected": EXPECTED, "threshold": threshold}
            analyses[f"binomial{i}"] = {"method": "binomial", "by": ["week", "window"], "ratio": 1.5, "most_events": 60,
                                        "threshold": threshold}
            analyses[f"cusum{i}"] = {"method": "cusum", "expected": EXPECTED, "ratio": 2.5, "threshold": threshold}
        analyses["computed"] = {"method": "poisson", "expected": EXPECTED}
        got = self.run_monitoring(analyses, 1)
        events, exposed = self.counts(), self.counts("exposed")
        found = set()
        for i, threshold in enumerate(thresholds):
            cumulative = lambda values: [sum(values[:k + 1]) for k in range(20)]
            poisson = [poisson_ratio(c, mu) >= threshold for c, mu in zip(cumulative(events), cumulative(EXPECTED))]
            binomial = [n <= 60 and binomial_ratio(c, n, 0.4) >= threshold
                        for c, n in zip(cumulative(exposed), cumulative(events))]
            level, cusum = 0.0, []
            for x, mu in zip(events, EXPECTED):
                level = max(0.0, level + x * math.log(2.5) - 1.5 * mu)
                cusum.append(level >= threshold)
            for name, signals in (("poisson", poisson), ("binomial", binomial), ("cusum", cusum)):
                self.assertEqual(got[f"{name}{i}"]["first_signal"], self.first(signals), f"{name} {threshold}")
                self.assertEqual(got[f"{name}{i}"]["signal"], any(signals))
                found.add(self.first(signals))
        self.assertGreater(len(found), 4)  # the thresholds tell apart
        self.assertEqual([cell["n"] for cell in got["poisson0"]["cells"]], events)

    def test_a_small_count_keeps_the_series_back_but_not_the_signal(self):
        got = self.run_monitoring({"p": {"method": "poisson", "expected": EXPECTED, "threshold": 2.0}}, 11)["p"]
        self.assertTrue(any(0 < n < 11 for n in self.counts()))
        self.assertEqual({cell["n"] for cell in got["cells"]}, {None})
        self.assertIsNotNone(got["signal"])


if __name__ == "__main__":
    unittest.main()
