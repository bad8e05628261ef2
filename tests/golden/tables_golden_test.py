"""Tables, proportions and rates by real nodes equal R's on the pooled records, and keep the minimum-cell rule."""

import collections
import math
import unittest

from golden import Fidelity, GoldenTest, category, duration, golden, number
from need import needs_data
from records import read_split

Z = 1.959963984540054


def wilson(events, n):
    p = events / n
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return [(p + Z * Z / (2 * n) + sign * half) / (1 + Z * Z / n) for sign in (-1, 1)]


def poisson_tail(events, mean):
    """P(X >= events), by its own sum."""
    return 1 - math.fsum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(events))


def people(table):
    header, parts = read_split(table)
    return [dict(zip(header, row)) for rows in parts.values() for row in rows]


@needs_data("golden/descriptive.json")
class TablesGoldenTest(GoldenTest):
    LUNG = {
        "time": duration(0, 1100),
        "status": {"type": "event", "event": [2], "censored": [1]},
        "sex": category(1, 2),
        "death": category(1, 2),
        "ph.ecog": category(0, 1, 2, 3, missing=["NA", ""]),
    }

    def test_lung(self):
        expected = golden("descriptive")["lung"]
        got = self.run_study("lung", self.LUNG, {
            "table": {"kind": "table", "by": ["sex", "death"], "proportions": "row"},
            "ecog": {"kind": "table", "by": "ph.ecog", "proportions": "all"},
            "dead": {"kind": "proportion", "outcome": "status", "by": "sex"},
            "prevalence": {"kind": "prevalence", "outcome": "death", "positive": [2]},
            "rate": {"kind": "rate", "time": "time", "outcome": "status", "by": "sex", "per": 1000},
            "standard": {"kind": "standardised_rate", "time": "time", "outcome": "status", "standard": "sex",
                         "weights": {"1": 3, "2": 1}},
            "shares": {"kind": "standardised_rate", "outcome": "status", "standard": "sex", "by": "death",
                       "weights": {"1": 0.25, "2": 0.75}},
        }, derive={"death": lambda record: record["status"]}, apart=True)  # beside others, ph.ecog would show who has 3
        with Fidelity(self, "descriptive lung sex_by_status") as fidelity:
            counts = [n for row in expected["sex_by_status"]["counts"] for n in row]
            fidelity.numbers_of("counts", [cell["n"] for cell in got["table"]["cells"]], counts)
            totals = [sum(row) for row in expected["sex_by_status"]["counts"]]
            fidelity.numbers_of("totals", [t["n"] for t in got["table"]["totals"]], [*totals, sum(totals)])
            fidelity.numbers_of("row proportions", [cell["proportion"] for cell in got["table"]["cells"]],
                                [n / totals[i // 2] for i, n in enumerate(counts)])
        with Fidelity(self, "descriptive lung ph.ecog") as fidelity:
            # One person has ph.ecog 3: withheld, and with it the total, from which it would follow.
            levels = [expected["ph.ecog"][level] for level in "012"]
            fidelity.numbers_of("counts", [cell["n"] for cell in got["ecog"]["cells"]], [*levels, None])
            self.assertEqual([t["n"] for t in got["ecog"]["totals"]], [None])
            self.assertEqual([cell["proportion"] for cell in got["ecog"]["cells"]], [None] * 4)
        self.check_rates(got, [[n for n in row] for row in expected["sex_by_status"]["counts"]])

    def check_rates(self, got, counts):
        times = [math.fsum(float(p["time"]) for p in people("lung") if p["sex"] == sex) for sex in "12"]
        deaths = [row[1] for row in counts]
        with Fidelity(self, "lung: proportions, prevalence and rates by their formulas") as fidelity:
            for i, group in enumerate(got["dead"]["groups"]):
                fidelity.number("proportion", group["value"], deaths[i] / sum(counts[i]))
                fidelity.numbers_of("Wilson", [group["lower"], group["upper"]], wilson(deaths[i], sum(counts[i])))
            group = got["prevalence"]["groups"][0]
            fidelity.numbers_of("prevalence", [group["events"], group["n"]], [sum(deaths), 228])
            for i, group in enumerate(got["rate"]["groups"]):
                fidelity.numbers_of("rate", [group["events"], group["person_time"], group["value"]],
                                    [deaths[i], times[i], 1000 * deaths[i] / times[i]])
                fidelity.number("lower", poisson_tail(deaths[i], group["lower"] * times[i] / 1000), 0.025)
                fidelity.number("upper", 1 - poisson_tail(deaths[i] + 1, group["upper"] * times[i] / 1000), 0.025)
            rate = 0.75 * deaths[0] / times[0] + 0.25 * deaths[1] / times[1]
            error = math.sqrt(0.75**2 * deaths[0] / times[0]**2 + 0.25**2 * deaths[1] / times[1]**2)
            group = got["standard"]["groups"][0]
            fidelity.numbers_of("standardised", [group["value"], group["lower"], group["upper"]],
                                [rate, rate - Z * error, rate + Z * error])
        # Everybody or nobody of a level died: exactly 0 and 1, each within the stated bound for two levels.
        stated = 2 * 4 * 2.0**-56
        none, all_of_them = (group["value"] for group in got["shares"]["groups"])
        self.assertAlmostEqual(none, 0, delta=stated)
        self.assertAlmostEqual(all_of_them, 1, delta=stated + 2.0**-53)

    def test_diabetes(self):
        expected = golden("descriptive")["diabetes130"]
        levels = {name: list(expected[name]) for name in ("race", "readmitted", "gender", "insulin")}
        columns = {name: category(*codes) for name, codes in levels.items()}
        got = self.run_study("diabetes130", columns, {
            **{name: {"kind": "table", "by": name} for name in levels},
            "cross": {"kind": "table", "by": ["race", "gender", "insulin"], "proportions": "column"},
        }, apart=True)  # beside the three-way table the others would show its small cells
        for name in levels:
            with Fidelity(self, f"descriptive diabetes130 {name}") as fidelity:
                want = [n if n >= 11 else None for n in expected[name].values()]
                fidelity.numbers_of("counts", [cell["n"] for cell in got[name]["cells"]], want)
                total = None if None in want else sum(want)
                self.assertEqual(got[name]["totals"][0]["n"], total)
        self.check_three_way(got["cross"])

    def check_three_way(self, table):
        """Nothing that is withheld follows from cells and totals."""
        counts = collections.Counter(tuple(p[c] for c in table["by"]) for p in people("diabetes130"))
        shown = {tuple(cell["levels"]): cell["n"] for cell in table["cells"] + table["totals"]}
        for levels, n in shown.items():
            true = sum(m for cell, m in counts.items() if cell[:len(levels)] == levels)
            if len(levels) == 3:
                self.assertEqual(n, true if true >= 11 else None)
            elif n is not None:
                self.assertEqual(n, true)
        self.assertIn(None, shown.values())
        for levels in (key for key in shown if len(key) < 3):
            self.assertFalse(self.follows_to_be_small(levels, shown, counts), levels)

    def follows_to_be_small(self, levels, shown, counts):
        """Whether a total less everything shown below it is 1 to 10 people."""
        if shown[levels] is None:
            return False
        below = [key for key in shown if len(key) == len(levels) + 1 and key[:len(levels)] == levels]
        rest = shown[levels]
        for key in below:
            if shown[key] is not None:
                rest -= shown[key]
            elif len(key) < 3:  # a withheld total of which some cells are known
                rest -= sum(n for cell, n in shown.items() if len(cell) == 3 and cell[:len(key)] == key and n)
        return 1 <= rest <= 10


if __name__ == "__main__":
    unittest.main()
