"""Effect sizes, balance and meta-analysis by real nodes equal the same computed here from the pooled records, by formulas of
this file's own; where R's results are at hand, those."""

import json
import math
import pathlib
import statistics
import unittest

from golden import Fidelity, GoldenTest, category, golden, number
from need import needs_data
from records import read_split

# What meta_analysis.R found.
POOLED = json.loads((pathlib.Path(__file__).parent / "meta_analysis.json").read_text())
Z = 1.959963984540054
T_OF_TWO = {1: 12.706204736432095, 2: 4.302652729911275}  # 97.5 % points of Student's t


def estimates(analysis):
    return {estimate["name"]: estimate for estimate in analysis["estimates"]}


def limits(estimate):
    return [estimate["value"], estimate["lower"], estimate["upper"]]


def fixed_effect(studies):
    weights = [1 / v for _, v in studies]
    mean = math.fsum(w * y for w, (y, _) in zip(weights, studies)) / math.fsum(weights)
    q = math.fsum(w * (y - mean) ** 2 for w, (y, _) in zip(weights, studies))
    return mean, 1 / math.sqrt(math.fsum(weights)), q


def random_effects(studies):
    weights = [1 / v for _, v in studies]
    total, df = math.fsum(weights), len(studies) - 1
    _, _, q = fixed_effect(studies)
    tau = max(0.0, (q - df) / (total - math.fsum(w * w for w in weights) / total))
    mean, error, _ = fixed_effect([(y, v + tau) for y, v in studies])
    return mean, error, tau, q


@needs_data("golden/tests.json")
class EffectsGoldenTest(GoldenTest):
    def heart(self):
        """Records by natural site, of people whose columns are all known."""
        header, parts = read_split("heart4")
        people = {}
        for rows in parts.values():
            for row in rows:
                record = dict(zip(header, row))
                record["disease"] = int(float(record["num"]) > 0)
                people.setdefault(record["site"], []).append(record)
        return people

    def sites(self, people):
        """A folder of records per natural site."""
        records = {}
        for site, rows in people.items():
            records[site] = self.folder / "natural" / site
            records[site].mkdir(parents=True, exist_ok=True)
            lines = ["sex,disease,age,cp"] + [f"{r['sex']},{r['disease']},{r['age']},{r['cp']}" for r in rows]
            (records[site] / "heart.csv").write_text("\n".join(lines) + "\n")
        return records

    COLUMNS = {"sex": category(1, 0), "disease": category(1, 0), "age": number(0, 120), "cp": category(1, 2, 3, 4)}

    def table(self, rows):
        count = lambda sex, ill: sum(1 for r in rows if int(float(r["sex"])) == sex and r["disease"] == ill)
        return count(1, 1), count(1, 0), count(0, 1), count(0, 0)

    def test_effects_of_an_outcome(self):
        people = self.heart()
        a, b, c, d = self.table([r for rows in people.values() for r in rows])
        got = self.run_study("heart", self.COLUMNS, {"e": {
            "kind": "effect_size", "by": "sex", "outcome": "disease", "positive": [1]}}, records=self.sites(people))["e"]
        p, q, found = a / (a + b), c / (c + d), estimates(got)
        error = math.sqrt(p * (1 - p) / (a + b) + q * (1 - q) / (c + d))
        rr = math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
        odds = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        with Fidelity(self, "effect sizes heart4 (formulas)") as fidelity:
            fidelity.numbers_of("difference", limits(found["risk difference"]), [p - q, p - q - Z * error, p - q + Z * error])
            fidelity.numbers_of("risk ratio", limits(found["risk ratio"]),
                                [p / q * math.exp(k * Z * rr) for k in (0, -1, 1)])
            fidelity.numbers_of("odds ratio", limits(found["odds ratio"]),
                                [a * d / (b * c) * math.exp(k * Z * odds) for k in (0, -1, 1)])
        want = golden("tests")["chisq_nocorrect_heart4_sex_disease"]
        with Fidelity(self, "tests chisq_nocorrect_heart4_sex_disease (effect_size)") as fidelity:
            fidelity.numbers_of("statistic, p", [got["statistic"], got["p"]], [want["statistic"], want["p"]])

        want, correction = golden("tests")["prop_test_heart4_disease_by_sex"], 0.5 * (1 / (a + b) + 1 / (c + d))
        with Fidelity(self, "tests prop_test_heart4_disease_by_sex (limits less R's correction)") as fidelity:
            _, lower, upper = limits(found["risk difference"])
            fidelity.numbers_of("conf_int", [lower - correction, upper + correction], want["conf_int"])

    def test_balance(self):
        people = self.heart()
        got = self.run_study("heart", self.COLUMNS, {"b": {
            "kind": "effect_size", "by": "disease", "columns": ["age", "sex", "cp"]}}, records=self.sites(people))["b"]
        everybody = [r for rows in people.values() for r in rows]
        groups = [[r for r in everybody if r["disease"] == ill] for ill in (1, 0)]
        found = estimates(got)
        with Fidelity(self, "balance heart4 (formulas)") as fidelity:
            ages = [[float(r["age"]) for r in group] for group in groups]
            means, variances = [statistics.fmean(x) for x in ages], [statistics.variance(x) for x in ages]
            d, n = (means[0] - means[1]) / math.sqrt(sum(variances) / 2), [len(x) for x in ages]
            error = math.sqrt(sum(n) / (n[0] * n[1]) + d * d / (2 * sum(n)))
            fidelity.numbers_of("age", limits(found["age"]), [d, d - Z * error, d + Z * error])
            for column, levels in (("sex", (1, 0)), ("cp", (1, 2, 3, 4))):
                for level in levels:
                    p, q = [sum(float(r[column]) == level for r in group) / len(group) for group in groups]
                    fidelity.number(f"{column} {level}", found[f"{column} = {level}"]["value"],
                                    (p - q) / math.sqrt((p * (1 - p) + q * (1 - q)) / 2))

    def studies(self, people, measure):
        out = []
        for rows in people.values():
            a, b, c, d = self.table(rows)
            ages = [[float(r["age"]) for r in rows if int(float(r["sex"])) == sex] for sex in (1, 0)]
            if measure not in ("mean_difference", "logit") and 0 in (a, b, c, d):
                a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
            p, q = a / (a + b), c / (c + d)
            out.append({
                "log_odds_ratio": lambda: (math.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d),
                "log_risk_ratio": lambda: (math.log(p / q), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)),
                "risk_difference": lambda: (p - q, p * (1 - p) / (a + b) + q * (1 - q) / (c + d)),
                "logit": lambda: (math.log((a + c) / (b + d)), 1 / (a + c) + 1 / (b + d)),
                "mean_difference": lambda: (statistics.fmean(ages[0]) - statistics.fmean(ages[1]),
                                            sum(statistics.variance(x) / len(x) for x in ages)),
            }[measure]())
        return out

    def test_meta_analysis(self):
        people = self.heart()
        self.assertEqual(len(people), 4)
        analyses = {}
        measures = ("log_odds_ratio", "log_risk_ratio", "risk_difference", "logit", "mean_difference")
        for measure in measures:
            of = {"column": "age"} if measure == "mean_difference" else {"outcome": "disease", "positive": [1]}
            by = {} if measure == "logit" else {"by": "sex"}
            for method in ("fixed", "random"):
                analyses[f"{measure}-{method}"] = {"kind": "meta_analysis", "measure": measure, "method": method, **of, **by}
        got = self.run_study("heart", self.COLUMNS, analyses, records=self.sites(people))
        for measure in measures:
            studies = self.studies(people, measure)
            mean, error, q = fixed_effect(studies)
            first = lambda found: list(found.values())[0]
            with Fidelity(self, f"meta-analysis heart4 {measure}, fixed effect (formulas)") as fidelity:
                found = estimates(got[f"{measure}-fixed"])
                fidelity.numbers_of("pooled", limits(first(found)), [mean, mean - Z * error, mean + Z * error])
                fidelity.numbers_of("Q, I²", [found["heterogeneity (Q)"]["value"], found["I² (%)"]["value"]],
                                    [q, max(0.0, 100 * (q - 3) / q)])
            mean, error, tau, q = random_effects(studies)
            with Fidelity(self, f"meta-analysis heart4 {measure}, random effects (formulas)", 1e-6) as fidelity:
                found = estimates(got[f"{measure}-random"])
                fidelity.numbers_of("pooled", limits(first(found)), [mean, mean - Z * error, mean + Z * error])
                fidelity.number("tau²", found["variance between sites (tau²)"]["value"], tau)
                fidelity.number("Q", found["heterogeneity (Q)"]["value"], q)
                reach = T_OF_TWO[2] * math.sqrt(tau + error * error)
                fidelity.numbers_of("prediction", limits(found["prediction"]), [mean, mean - reach, mean + reach])
                self.assertEqual(found["sites"]["value"], 4)
                self.assertLessEqual(got[f"{measure}-random"]["error_bound"], 1e-6)

    def check_pooled(self, entry, got):
        want, found = POOLED[entry], estimates(got)
        with Fidelity(self, f"metafor {entry}", 1e-6) as fidelity:
            fidelity.numbers_of("pooled", limits(list(found.values())[0]), want["pooled"])
            fidelity.numbers_of("z, p, se", [got["statistic"], got["p"], found["standard error"]["value"]],
                                [want["z"], want["p"], want["se"]])
            fidelity.number("tau²", found["variance between sites (tau²)"]["value"], want["between"])
            fidelity.numbers_of("Q, p", [found["heterogeneity (Q)"]["value"], found["p of heterogeneity"]["value"]],
                                [want["Q"], want["p_Q"]])
            self.assertLessEqual(got["error_bound"], 1e-6)

    METHODS = {"DL": "random", "REML": "reml"}

    def test_random_effects_as_metafor(self):
        analyses = {}
        for entry in (name for name in POOLED if name.startswith("heart4")):
            _, measure, method = entry.split()
            of = {"column": "age"} if measure == "mean_difference" else {"outcome": "disease", "positive": [1]}
            by = {} if measure == "logit" else {"by": "sex"}
            analyses[f"{measure}-{method}"] = {"kind": "meta_analysis", "measure": measure, "method": self.METHODS[method],
                                               **of, **by}
        for name, got in self.run_study("heart", self.COLUMNS, analyses, records=self.sites(self.heart())).items():
            self.check_pooled("heart4 " + name.replace("-", " "), got)

    def test_thirteen_trials_of_bcg_as_metafor(self):
        cells, records = POOLED["bcg counts"], {}
        kinds = {"vaccinated_ill": "1,1", "vaccinated_well": "1,0", "control_ill": "0,1", "control_well": "0,0"}
        for trial in range(13):
            folder = records[f"trial{trial + 1}"] = self.folder / f"trial{trial + 1}"
            folder.mkdir()
            rows = "".join(f"{row}\n" * int(cells[kind][trial]) for kind, row in kinds.items())
            (folder / "bcg.csv").write_text("vaccinated,ill\n" + rows)
        measures = ("log_odds_ratio", "log_risk_ratio", "risk_difference")
        analyses = {f"{measure}-{method}": {"kind": "meta_analysis", "measure": measure, "method": name, "by": "vaccinated",
                                            "outcome": "ill", "positive": [1]}
                    for measure in measures for method, name in self.METHODS.items()}
        columns = {"vaccinated": category(1, 0), "ill": category(1, 0)}
        for name, got in self.run_study("bcg", columns, analyses, records=records).items():
            self.check_pooled("bcg " + name.replace("-", " "), got)

    def test_of_three_sites_no_equation_too_many_is_shown(self):
        people = {site: rows for site, rows in self.heart().items() if site != "switzerland"}
        entry = {"kind": "meta_analysis", "measure": "log_odds_ratio", "by": "sex", "outcome": "disease", "positive": [1]}
        found = estimates(self.run_study("heart", self.COLUMNS, {"m": entry}, records=self.sites(people))["m"])
        mean, error, _, _ = random_effects(self.studies(people, "log_odds_ratio"))
        with Fidelity(self, "meta-analysis heart4, three sites (formulas)", 1e-6) as fidelity:
            fidelity.numbers_of("pooled", limits(found["log odds ratio"]), [mean, mean - Z * error, mean + Z * error])
        self.assertNotIn("heterogeneity (Q)", found)

    def test_sites_without_an_estimate_take_no_part(self):
        people = self.heart()
        people["va"] = people["va"][:0]
        people["switzerland"] = [r for r in people["switzerland"] if int(float(r["sex"])) == 1]
        entry = {"kind": "meta_analysis", "measure": "log_odds_ratio", "by": "sex", "outcome": "disease", "positive": [1]}
        got = self.run_study("heart", self.COLUMNS, {"m": entry}, records=self.sites(people))["m"]
        self.assertEqual(got["estimates"], [])
        self.assertIsNone(got["statistic"])


if __name__ == "__main__":
    unittest.main()
