"""Cox regression by real nodes, everything hidden or with opened steps, equals what R's coxph finds on the pooled records."""

import csv
import math
import unittest

from golden import Fidelity, GoldenTest, category, duration, golden, number
from need import SHARED, needs_data
from records import SITES, read_split, site_of

HIDDEN, OPENED = 1e-6, 1e-9  # relative error of what iterations under the protocol give
MINIMUM = 11


def event(code, *censored):
    return {"type": "event", "event": [code], "censored": list(censored)}


# Of each entry of golden/cox.json: the table, its columns, the study's fields, and how R names the terms.
MODELS = {
    "lung": ("lung", {"time": duration(0, 1100), "status": event(2, 1), "age": number(30, 90), "sex": number(1, 2),
                      "ph.ecog": number(0, 4, ["", "NA"])},
             {"time": "time", "event": "status", "formula": "~ age + sex + ph.ecog"}),
    "veteran": ("veteran", {"time": duration(0, 1000), "status": event(1, 0), "trt": number(1, 2),
                            "celltype": category("squamous", "smallcell", "adeno", "large"), "karno": number(0, 100),
                            "diagtime": number(0, 100), "age": number(20, 100), "prior": number(0, 10)},
                {"time": "time", "event": "status",
                 "formula": "~ trt + celltype + karno + diagtime + age + prior"}),
    "pbc": ("pbc", {"time": duration(0, 5000), "status": event(2, 0, 1), "trt": category(1, 2, missing=["", "NA"]),
                    "age": number(20, 90), "edema": number(0, 1), "bili": number(0.1, 40), "albumin": number(1, 6),
                    "protime": number(5, 25, ["", "NA"])},
            {"time": "time", "event": "status",
             "formula": "~ age + edema + log(bili) + log(albumin) + log(protime)"}),
    "rotterdam": ("rotterdam", {"dtime": duration(0, 7500), "death": event(1, 0), "age": number(20, 100),
                                "meno": number(0, 1), "size": category("<=20", "20-50", ">50"), "grade": number(1, 3),
                                "nodes": number(0, 50), "pgr": number(0, 6000), "er": number(0, 4000),
                                "hormon": number(0, 1), "chemo": number(0, 1)},
                  {"time": "dtime", "event": "death",
                   "formula": "~ age + meno + size + grade + nodes + pgr + er + hormon + chemo"}),
    "gbsg": ("gbsg", {"rfstime": duration(0, 3000), "status": event(1, 0), "age": number(20, 100), "meno": number(0, 1),
                      "size": number(0, 200), "grade": number(1, 3), "nodes": number(0, 60), "pgr": number(0, 3000),
                      "er": number(0, 2000), "hormon": number(0, 1)},
             {"time": "rfstime", "event": "status",
              "formula": "~ age + meno + size + grade + nodes + pgr + er + hormon"}),
    "flchain": ("flchain", {"futime": duration(0, 5500), "death": event(1, 0), "age": number(40, 110),
                            "sex": category("M", "F"), "kappa": number(0, 30), "lambda": number(0, 30),
                            "mgus": number(0, 1)},
                {"time": "futime", "event": "death", "formula": "~ age + sex + kappa + lambda + mgus"}),
    "heart_start_stop": ("heart", {"start": duration(0, 2000, step=0.5), "stop": duration(0, 2000, step=0.5),
                                   "event": event(1, 0), "age": number(-50, 30), "surgery": number(0, 1),
                                   "transplant": number(0, 1)},
                         {"time": "stop", "event": "event", "entry": "start",
                          "formula": "~ age + surgery + transplant"}),
}
STRATIFIED = {"strata": "site"}
FOUR = {"breslow": {"ties": "breslow"}, "efron": {}, "stratified_by_site_breslow": {"ties": "breslow", **STRATIFIED},
        "stratified_by_site_efron": STRATIFIED}
ZPH, OPEN = {"proportional_hazards": True}, {"strength": "opened"}
WHERE = {"pbc": "trt IS NOT NULL", "flchain": "futime > 0"}
SITE = {"site": category("siteA", "siteB", "siteC")}


@needs_data("golden/cox.json")
class CoxGoldenTest(GoldenTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expected = golden("cox")

    def run_models(self, name, variants):
        """The results of golden entry `name`: R's block to the fields of the study's entry."""
        table, columns, fields = MODELS[name]
        analyses = {block: {"kind": "cox", **fields, **extra} for block, extra in variants.items()}
        return self.run_study(table, columns | SITE, analyses, where=WHERE.get(name), records=self.records(table, columns))

    def check(self, name, block, got, variant):
        want, opened = self.expected[name][block.removesuffix("_opened")], variant.get("strength") == "opened"
        with Fidelity(self, f"cox {name} {block}", OPENED if opened else HIDDEN) as fidelity:
            self.assertEqual(len(got["terms"]), len(want["coef"]), got.get("note"))
            for i, (term, key) in enumerate(zip(got["terms"], want["coef"])):
                for ours, theirs in (("estimate", "coef"), ("se", "se"), ("statistic", "z"), ("ratio", "hazard_ratio"),
                                     ("ratio_lower", "hr_lower95"), ("ratio_upper", "hr_upper95")):
                    fidelity.number(f"{theirs} {key}", term[ours], want[theirs][key])
                if want["p"][key] > 0:
                    fidelity.number(f"p {key}", term["p"], want["p"][key])
            scale = [math.sqrt(row[i]) for i, row in enumerate(want["vcov"]["rows"])]
            for i, row in enumerate(want["vcov"]["rows"]):
                for j, value in enumerate(row):  # relative to the standard errors
                    fidelity.number(f"vcov[{i}][{j}]", 1 + (got["vcov"][i][j] - value) / (scale[i] * scale[j]), 1)
            fit, tests = got["fit"], {test["name"]: test for test in got["tests"]}
            for ours in ("loglik_null", "loglik", "aic"):
                fidelity.number(ours, fit[ours], want[ours])
            fidelity.number("concordance", fit["concordance"], want["concordance"])
            few_censored = 1 <= want["n"] - want["nevent"] < MINIMUM
            fidelity.numbers_of("n, events", [got["n"], got["events"]],
                                [None if few_censored else want["n"], want["nevent"]])
            for ours, theirs in (("likelihood ratio", "lr_test"), ("score", "score_test")):
                fidelity.number(theirs, tests[ours]["statistic"], want[theirs]["test"])
                if want[theirs]["pvalue"] > 0:
                    fidelity.number(f"{theirs} p", tests[ours]["p"], want[theirs]["pvalue"])
            if "proportional_hazards" in variant:
                zph = self.expected[name]["zph_efron_km"]
                found = [test for key, test in tests.items() if key.startswith("proportional hazards")]
                fidelity.numbers_of("zph", [test["statistic"] for test in found], zph["chisq"])
                fidelity.numbers_of("zph p", [test["p"] for test in found], zph["p"])
            # R prints this one with two digits behind the point.
            self.assertAlmostEqual(tests["Wald"]["statistic"], want["wald_test"]["test"], delta=0.00501)
        return fidelity

    def parts(self, table):
        """Header and, per site, rows."""
        if table != "flchain":
            return read_split(table)
        with open(SHARED / "data/survival/flchain.csv", newline="") as file:
            header, *rows = list(csv.reader(file))
        parts = {site: [] for site in SITES}
        for row in rows:
            parts[site_of(table, row[0])].append(row)
        return header, parts

    def records(self, table, columns):
        """The records of each site, with the site's name as a column."""
        header, parts = self.parts(table)
        records = {}
        for site, rows in parts.items():
            place = self.folder / table / site
            place.mkdir(parents=True)
            with open(place / f"{table}.csv", "w", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow([*columns, "site"])
                for row in rows:
                    record = dict(zip(header, row))
                    writer.writerow([*(record[name] for name in columns), site])
            records[site.lower()] = place
        return records

    def check_all(self, name, variants):
        got = self.run_models(name, variants)
        for block, variant in variants.items():
            fidelity = self.check(name, block, got[block], variant)
            print(f"cox {name} {block}: {fidelity.numbers} numbers, largest error {fidelity.largest:.1e} "
                  f"at {fidelity.at}", flush=True)

    def test_lung(self):
        self.check_all("lung", FOUR | {"efron": ZPH, "efron_opened": OPEN})

    def test_veteran(self):
        # Here R stops where the coefficient of diagtime, 1/100 of its standard error, is still off by 4e-8 of itself.
        self.check_all("veteran", FOUR | {"efron": ZPH})

    def test_pbc(self):
        self.check_all("pbc", FOUR | {"efron": ZPH})

    def test_gbsg(self):
        self.check_all("gbsg", FOUR | {"efron": ZPH})

    def test_rotterdam(self):
        self.check_all("rotterdam", FOUR | {"efron": ZPH})

    def test_flchain(self):
        self.check_all("flchain", FOUR | {"efron": ZPH})

    def test_cause_specific_hazards(self):
        """Death before progression is censored: golden/competing_risks.json."""
        columns = {"etime": duration(0, 500), "cause": event(1, 0, 2), "age": number(20, 100), "male": number(0, 1),
                   "mspike": number(0, 4, ["", "NA"])}
        derive = {"etime": lambda row: row["ptime"] if row["pstat"] == "1" else row["futime"],
                  "cause": lambda row: 1 if row["pstat"] == "1" else 2 * int(row["death"]),
                  "male": lambda row: int(row["sex"] == "M")}
        entry = {"kind": "cox", "time": "etime", "event": "cause", "formula": "~ age + male + mspike"}
        got = self.run_study("mgus2", columns, {"hidden": entry, "opened": entry | OPEN}, derive=derive)
        want = golden("competing_risks")["cause_specific_cox_pcm_efron"]
        for name, bound in (("hidden", HIDDEN), ("opened", OPENED)):
            with Fidelity(self, f"competing_risks cause_specific_cox_pcm_efron, {name}", bound) as fidelity:
                for ours, theirs in (("estimate", "coef"), ("se", "se")):
                    fidelity.numbers_of(theirs, [term[ours] for term in got[name]["terms"]], list(want[theirs].values()))
                fit = got[name]["fit"]
                fidelity.numbers_of("loglik", [fit["loglik_null"], fit["loglik"]], want["loglik"])

    def test_heart_with_entries(self):
        self.check_all("heart_start_stop", {"breslow": {"ties": "breslow"}, "efron": {}, "efron_opened": OPEN})


if __name__ == "__main__":
    unittest.main()
