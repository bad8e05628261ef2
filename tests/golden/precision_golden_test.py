"""Numbers that cost digits: ten million rows, and columns with a mean of 10^6 and a standard deviation of 1."""

import csv
import math
import unittest
from fractions import Fraction
from random import Random

from cox_models import MODELS, OPENED
from golden import BOUND, Fidelity, GoldenTest, category, golden, number
from need import needs_data
from records import read_split

ROWS, SITES = (5_000_000, 3_000_000, 2_000_000), ("north", "west", "south")
HIDDEN = 1e-6
FAR = number(999_900, 1_000_100)


def far(value, middle, spread):
    """`value` moved to a mean of about 10^6, a standard deviation of about 1, exactly in binary."""
    return 1_000_000 + (float(value) - middle) / spread


@needs_data("golden/glm.json")
class PrecisionGoldenTest(GoldenTest):
    def ten_million(self):
        """Records of the sites, and how many hold each of 256 pairs (x, y), all with means of 10^6; x has a deviation of 1."""
        step = Fraction(7, 32)
        x = [1_000_000 + (b % 16 - Fraction(15, 2)) * step for b in range(256)]
        y = [1_000_000 + (u - 1_000_000) / 2 + (b // 16 - Fraction(15, 2)) * step for b, u in enumerate(x)]
        lines = [f"{float(u)!r},{float(v)!r}\n" for u, v in zip(x, y)]
        records, counts = {}, [0] * 256
        for site, rows in zip(SITES, ROWS):
            folder = records[site] = self.folder / "far" / site
            folder.mkdir(parents=True)
            drawn = Random(site).randbytes(rows)
            with open(folder / "far.csv", "w") as file:
                file.write("x,y\n")
                for at in range(0, rows, 100_000):
                    file.write("".join([lines[byte] for byte in drawn[at:at + 100_000]]))
            counts = [count + drawn.count(byte) for byte, count in enumerate(counts)]
        return records, [(count, u, v) for count, u, v in zip(counts, x, y)]

    def test_ten_million_rows(self):
        records, pairs = self.ten_million()
        n = sum(ROWS)
        mean = {"x": sum(count * x for count, x, _ in pairs) / n, "y": sum(count * y for count, _, y in pairs) / n}
        around = [(count, x - mean["x"], y - mean["y"]) for count, x, y in pairs]
        xx, xy, yy = (sum(count * product(x, y) for count, x, y in around)
                      for product in (lambda x, y: x * x, lambda x, y: x * y, lambda x, y: y * y))
        slope = xy / xx
        residual = yy - slope * xy
        intercept = mean["y"] - slope * mean["x"]
        sigma2 = residual / (n - 2)
        se = [math.sqrt(sigma2 * (Fraction(1, n) + mean["x"] ** 2 / xx)), math.sqrt(sigma2 / xx)]
        analyses = {"x": {"kind": "describe", "column": "x"}, "y": {"kind": "describe", "column": "y"},
                    "hidden": {"kind": "linear", "formula": "y ~ x"},
                    "opened": {"kind": "linear", "formula": "y ~ x", "strength": "opened"}}
        got = self.run_study("far", {"x": FAR, "y": FAR}, analyses, records=records)
        for name, squares in (("x", xx), ("y", yy)):
            group = got[name]["groups"][0]
            with Fidelity(self, f"precision 10^7 rows, mean and variance of {name} (exact)", BOUND) as fidelity:
                fidelity.numbers_of("n, mean, variance, sd", [group[key] for key in ("n", "mean", "variance", "sd")],
                                    [n, float(mean[name]), float(squares / (n - 1)), math.sqrt(squares / (n - 1))])
        for strength, bound in (("hidden", HIDDEN), ("opened", BOUND)):
            terms, fit = got[strength]["terms"], got[strength]["fit"]
            with Fidelity(self, f"precision 10^7 rows, linear model, {strength} (exact)", bound) as fidelity:
                fidelity.numbers_of("coef", [term["estimate"] for term in terms], [float(intercept), float(slope)])
                fidelity.numbers_of("se", [term["se"] for term in terms], se)
                fidelity.numbers_of("sigma, R squared", [fit["sigma"], fit["r_squared"]],
                                    [math.sqrt(sigma2), float(xy * xy / (xx * yy))])

    def moved(self, table, columns, moves, header, parts):
        """The records of a table with its columns moved: column to middle and spread."""
        records = {}
        for site, rows in parts.items():
            folder = records[site.lower()] = self.folder / table / site
            folder.mkdir(parents=True)
            with open(folder / f"{table}.csv", "w", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                for row in rows:
                    record = dict(zip(header, row))
                    record |= {name: repr(far(record[name], *move)) for name, move in moves.items()}
                    writer.writerow([record[name] for name in columns])
        return records

    def check_slopes(self, entry, got, want, spreads, bound):
        """Coefficients and errors of R, where moving a column multiplies its own by the spread. `want`: (coef, se) by term."""
        terms = {term["term"]: term for term in got["terms"]}
        with Fidelity(self, entry, bound) as fidelity:
            for name, (coef, error) in want.items():
                spread = spreads.get(name, 1)
                fidelity.numbers_of(name, [terms[name]["estimate"], terms[name]["se"]], [coef * spread, error * spread])

    def test_logistic_model_of_far_columns(self):
        moves = {"npreg": (3.5, 4), "glu": (121, 32), "bp": (71, 16), "skin": (29, 8), "bmi": (33, 8), "ped": (0.5, 0.5),
                 "age": (31, 8)}
        columns = {**dict.fromkeys(moves, FAR), "type": category("No", "Yes")}
        model = {"kind": "glm", "family": "binomial", "formula": "type ~ " + " + ".join(moves), "positive": ["Yes"]}
        got = self.run_study("pima", columns, {"hidden": model, "opened": model | {"strength": "opened"}},
                             records=self.moved("pima", columns, moves, *read_split("pima")))
        want = golden("glm")["logistic_pima"]
        slopes = {name: (coef, se) for name, coef, se in zip(want["terms"], want["coef"], want["se"]) if name in moves}
        spreads = {name: spread for name, (_, spread) in moves.items()}
        for strength, bound in (("hidden", HIDDEN), ("opened", BOUND)):
            self.check_slopes(f"precision logistic_pima, means of 10^6, {strength}", got[strength], slopes, spreads, bound)

    def test_cox_model_of_far_columns(self):
        moves = {"age": (62, 8), "sex": (1.5, 0.5)}
        table, columns, fields = MODELS["lung"]
        columns = columns | dict.fromkeys(moves, FAR)
        model = {"kind": "cox", **fields}
        got = self.run_study(table, columns, {"hidden": model, "opened": model | {"strength": "opened"}},
                             records=self.moved(table, columns, moves, *read_split(table)))
        want = golden("cox")["lung"]["efron"]
        slopes = {name: (want["coef"][name], want["se"][name]) for name in want["coef"]}
        spreads = {name: spread for name, (_, spread) in moves.items()}
        for strength, bound in (("hidden", HIDDEN), ("opened", OPENED)):
            self.check_slopes(f"precision lung efron, means of 10^6, {strength}", got[strength], slopes, spreads, bound)


if __name__ == "__main__":
    unittest.main()
