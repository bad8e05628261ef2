"""Signals of disproportionality by real nodes equal the golden ones: the set of signals and every measure of each."""

import csv
import gzip
import hashlib
import math
import unittest

from golden import Fidelity, GoldenTest, category, golden, number
from need import SHARED, needs_data

MATRICES = {"statin46": "pv/statin46_faers_matrix.csv", "betablockers": "pv/betablockers_faers_matrix.csv"}
REPORTS = {"faers_2022q3": ("pv/faers_2022q3_ps.csv.gz", ("CASEID", "DRUG", "AE")),
           "caers_2012": ("pv/caers_2012_reports.csv.gz", ("id", "var1", "var2"))}
SITES = ("north", "south", "west")


def is_evans_signal(a, b, c, d):
    """Exactly: the definition of golden/pv.json, in integers."""
    n, margins = a + b + c + d, (a + b) * (c + d) * (a + c) * (b + d)
    if a < 3 or c == 0 or margins == 0:
        return False
    apart = max(0, 2 * abs(a * d - b * c) - n)
    return a * (c + d) >= 2 * c * (a + b) and n * apart * apart >= 16 * margins


def posterior_integrals(a, expected, prior, bounds):
    """Of DuMouchel's posterior by Simpson's rule in u = ln(lambda): the mean of u, and the probabilities below `bounds`."""
    shape1, rate1, shape2, rate2, first = prior
    centre, reach = math.log((a + 0.5) / (expected + 0.5)), 16 / math.sqrt(a + 0.5)

    def log_gamma_density(u, shape, rate):
        return shape * (math.log(rate) + u) - rate * math.exp(u) - math.lgamma(shape)

    scale = a * centre - expected * math.exp(centre)

    def density(u):
        likelihood = a * u - expected * math.exp(u) - scale
        return (first * math.exp(log_gamma_density(u, shape1, rate1) + likelihood) +
                (1 - first) * math.exp(log_gamma_density(u, shape2, rate2) + likelihood))

    def integral(f, low, high, n=2000):
        step = (high - low) / n
        return step / 3 * math.fsum(f(low + i * step) * (1 if i in (0, n) else 4 if i % 2 else 2) for i in range(n + 1))

    low, high = centre - reach, centre + reach
    total = integral(density, low, high)
    return (integral(lambda u: u * density(u), low, high) / total,
            [integral(density, low, math.log(bound)) / total for bound in bounds])


@needs_data("golden/pv.json")
class SafetySignalsGoldenTest(GoldenTest):
    @classmethod
    def setUpClass(cls):
        cls.expected = golden("pv")

    def write(self, table, header, rows_of_sites):
        records = {}
        for site, rows in zip(SITES, rows_of_sites):
            records[site] = self.folder / table / site
            records[site].mkdir(parents=True)
            with open(records[site] / f"{table}.csv", "w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([header, *rows])
        return records

    def check_pair(self, fidelity, got, want):
        pair = f"{got['drug']} x {got['event']}"
        fidelity.numbers_of(f"{pair}: counts", [got["n"], got["n_drug"] - got["n"], got["n_event"] - got["n"]],
                            [want["a"], want["b"], want["c"]])
        fidelity.number(f"{pair}: expected", got["expected"], want["expected"])
        for measure in ("prr", "ror"):
            fidelity.number(f"{pair}: {measure}", got[measure]["value"], want[measure])
            if want[measure] is not None:
                fidelity.numbers_of(f"{pair}: {measure} limits", [got[measure]["lower"], got[measure]["upper"]],
                                    [want[f"{measure}_lower"], want[f"{measure}_upper"]])
        fidelity.number(f"{pair}: chi_square", got["chi_square"], want["chi2_yates"])
        fidelity.numbers_of(f"{pair}: ic", [got["ic"]["value"], got["ic"]["lower"], got["ic"]["upper"]],
                            [want["ic"], want["ic025_gamma"], want["ic975_gamma"]])

    def read_matrix(self, name):
        with open(SHARED / "data" / MATRICES[name], newline="") as file:
            header, *rows = list(csv.reader(file))
        return header[1:], [(row[0], [int(n) for n in row[1:]]) for row in rows]

    def run_matrix(self, name, minimum):
        """The cells of the matrix, each divided over the sites."""
        drugs, rows = self.read_matrix(name)
        parts = [[], [], []]
        for event, cells in rows:
            for drug, n in zip(drugs, cells):
                first = n * 5 // 10
                for part, share in zip(parts, (first, n * 3 // 10, n - first - n * 3 // 10)):
                    if share:
                        part.append([drug, event, share])
        columns = {"drug": category(*drugs), "event": category(*(event for event, _ in rows)), "n": number(0, 2**29)}
        entry = {"kind": "disproportionality", "columns": ["drug", "event"], "count": "n"}
        return self.run_study("matrix", columns, {"signals": entry}, minimum=minimum,
                              records=self.write("matrix", ["drug", "event", "n"], parts))["signals"]

    def check_matrix(self, name):
        drugs, rows = self.read_matrix(name)
        got = self.run_matrix(name, 1)
        want = {(pair["drug"], pair["event"]): pair for pair in self.expected[name]["pairs"]}
        totals = [sum(cells[i] for _, cells in rows) for i in range(len(drugs))]
        everything, signals = sum(totals), set()
        for event, cells in rows:
            for i, drug in enumerate(drugs):
                b, c = totals[i] - cells[i], sum(cells) - cells[i]
                if is_evans_signal(cells[i], b, c, everything - cells[i] - b - c):
                    signals.add((drug, event))
        with Fidelity(self, f"pv {name}") as fidelity:
            self.assertEqual(got["reports"], self.expected[name]["N"])
            self.assertEqual({(s["drug"], s["event"]) for s in got["signals"]}, signals)
            for signal in got["signals"]:
                pair = signal["drug"], signal["event"]
                if pair in want:
                    self.check_pair(fidelity, signal, want[pair])
            self.assertEqual({pair for pair in signals if pair in want},
                             {pair for pair, entry in want.items() if entry["signal_evans"]})
            self.assertEqual(len(signals), self.expected[name].get("evans_signals", len(signals)))

    def test_information_component(self):
        """IC025 decides: of all pairs of the matrix, those whose golden IC025 is above 0."""
        drugs, rows = self.read_matrix("statin46")
        parts = [[], [], [[drug, event, n] for event, cells in rows for drug, n in zip(drugs, cells) if n]]
        columns = {"drug": category(*drugs), "event": category(*(event for event, _ in rows)), "n": number(0, 2**29)}
        entry = {"kind": "disproportionality", "columns": ["drug", "event"], "count": "n"}
        got = self.run_study("matrix", columns, {"ic": {**entry, "method": "ic"}, "eb": {**entry, "method": "ebgm", "threshold": 1.5}},
                             minimum=1, records=self.write("matrix", ["drug", "event", "n"], parts))
        want = {(pair["drug"], pair["event"]) for pair in self.expected["statin46"]["pairs"]
                if pair["a"] > 0 and pair["ic025_gamma"] > 0}
        self.assertEqual({(s["drug"], s["event"]) for s in got["ic"]["signals"]}, want)
        self.assertTrue(all(s["ebgm"]["lower"] >= 1.5 for s in got["eb"]["signals"]))
        with Fidelity(self, "pv statin46, EBGM (integrals of the posterior)") as fidelity:
            for signal in got["eb"]["signals"]:
                if not 3 <= signal["n"] < 3000:
                    continue
                ebgm = signal["ebgm"]
                mean, below = posterior_integrals(signal["n"], signal["expected"], got["eb"]["prior"],
                                                  [ebgm["lower"], ebgm["upper"]])
                fidelity.number("EBGM", ebgm["value"], math.exp(mean))
                fidelity.numbers_of("probabilities below EB05, EB95", below, [0.05, 0.95])
        self.assertGreater(len(got["eb"]["signals"]), 10)

    def test_statins(self):
        self.check_matrix("statin46")

    def test_beta_blockers(self):
        self.check_matrix("betablockers")

    def test_the_minimum_closes_pairs_from_which_a_small_count_would_follow(self):
        minimum = 2000
        signals = self.run_matrix("statin46", minimum)["signals"]
        shown = {(s["drug"], s["event"]) for s in signals}
        want = {(pair["drug"], pair["event"]) for pair in self.expected["statin46"]["pairs"]
                if pair["signal_evans"] and pair["a"] >= minimum
                and all(pair[k] == 0 or pair[k] >= minimum for k in "bcd")}
        self.assertTrue(shown <= want)
        drugs, rows = self.read_matrix("statin46")
        cells = {(drug, event): n for event, counts in rows for drug, n in zip(drugs, counts)}
        remainders = [sum(n for pair, n in cells.items() if pair[side] == level) -
                      sum(cells[pair] for pair in want if pair[side] == level)
                      for side in (0, 1) for level in {pair[side] for pair in want}]
        if not any(0 < rest < minimum for rest in remainders):
            self.assertEqual(shown, want)
        for signal in signals:
            for n in (signal["n"], signal["n_drug"] - signal["n"], signal["n_event"] - signal["n"]):
                self.assertTrue(n == 0 or n >= minimum)

    def check_reports(self, name):
        path, columns = REPORTS[name]
        with gzip.open(SHARED / "data" / path, "rt", newline="") as file:
            reader = csv.reader(file)
            header = next(reader)
            rows = [[row[header.index(column)] for column in columns] for row in reader]
        parts = [[], [], []]
        for row in rows:
            bucket = int(hashlib.sha256(row[0].encode()).hexdigest()[:8], 16) % 10
            parts[0 if bucket < 5 else 1 if bucket < 8 else 2].append(row)
        declared = {columns[0]: number(0, 2**40),
                    **{columns[i]: category(*sorted({row[i] for row in rows})) for i in (1, 2)}}
        entry = {"kind": "disproportionality", "columns": list(columns[1:]), "report": columns[0]}
        got = self.run_study(name.split("_")[0], declared, {"signals": entry}, minimum=1,
                             records=self.write(name.split("_")[0], columns, parts))["signals"]
        reports = {"drug": {}, "event": {}, "pair": {}}
        for report, drug, event in rows:
            for key, level in (("drug", drug), ("event", event), ("pair", (drug, event))):
                reports[key].setdefault(level, set()).add(report)
        everything, signals = len({row[0] for row in rows}), set()
        for (drug, event), both in reports["pair"].items():
            a = len(both)
            b, c = len(reports["drug"][drug]) - a, len(reports["event"][event]) - a
            if is_evans_signal(a, b, c, everything - a - b - c):
                signals.add((drug, event))
        self.assertEqual({(s["drug"], s["event"]) for s in got["signals"]}, signals)
        self.assertEqual(got["reports"], self.expected[name]["N"])
        found = {(s["drug"], s["event"]): s for s in got["signals"]}
        with Fidelity(self, f"pv {name}") as fidelity:
            for entries in ("top_pairs_by_count", "top_pairs_by_prr_with_a_ge_50"):
                for want in self.expected[name][entries]:
                    pair = want["drug"], want["event"]
                    self.assertEqual(pair in found, want["signal_evans"], pair)
                    if pair in found:
                        self.check_pair(fidelity, found[pair], want)
        return signals

    def test_reports_of_foods(self):
        """All 2,874 products and 1,328 events: 3.8 million pairs."""
        self.assertEqual(len(self.check_reports("caers_2012")), self.expected["caers_2012"]["pairs_with_a_ge"]["evans_signals"])

    def test_reports_of_drugs(self):
        """All 3,880 drugs and 973 events: 3.8 million pairs."""
        self.assertEqual(len(self.check_reports("faers_2022q3")),
                         self.expected["faers_2022q3"]["pairs_with_a_ge"]["evans_signals"])


if __name__ == "__main__":
    unittest.main()
