"""Cumulative incidences and Gray's test by real nodes equal what survfit and cmprsk find on the pooled records."""

import unittest

from golden import Fidelity, GoldenTest, category, duration, golden, number
from need import needs_data

DERIVED = {
    "etime": lambda record: record["futime"] if record["pstat"] == "0" else record["ptime"],
    "cause": lambda record: ["0", "death"][int(record["death"])] if record["pstat"] == "0" else "pcm",
}
COLUMNS = {"sex": category("F", "M"), "etime": duration(0, 424), "cause": category("0", "pcm", "death")}
COMPETING = {"time": "etime", "event": "cause", "censored": ["0"], "by": "sex"}
NAMES = {"1": "pcm", "2": "death"}
ANALYSES = {
    "incidence": {"kind": "aalen_johansen", **COMPETING},
    **{f"gray_{name}": {"kind": "gray_test", "positive": [name], **COMPETING} for name in NAMES.values()},
}


@needs_data("golden/competing_risks.json")
class CompetingGoldenTest(GoldenTest):
    def incidence_at(self, strata, sex, cause, time, key):
        (curve,) = [s for s in strata if s["stratum"] == sex and s["cause"] == cause]
        return [value for at, value in zip(curve["time"], curve[key], strict=True) if at <= time][-1]

    def run_mgus(self, curve, minimum):
        return self.run_study("mgus2", COLUMNS, ANALYSES, derive=DERIVED, curve=curve, minimum=minimum)

    def check_gray(self, analyses, expected):
        for i, name in enumerate(expected["causes"]):
            test = analyses[f"gray_{NAMES[name]}"]
            with Fidelity(self, f"competing gray_test {name}") as fidelity:
                fidelity.number("statistic", test["statistic"], expected["stat"][i])
                fidelity.number("p", test["p"], expected["p"][i])
                fidelity.numbers_of("df", test["df"], [expected["df"][i]])

    def test_exact(self):
        expected, analyses = golden("competing_risks"), self.run_mgus("exact", 1)
        strata = analyses["incidence"]["strata"]
        with Fidelity(self, "competing aalen_johansen_survfit") as fidelity:
            wanted = expected["aalen_johansen_survfit"]
            for i, (stratum, time) in enumerate(zip(wanted["strata"], wanted["time"], strict=True)):
                for j, state in enumerate(wanted["states"]):
                    if state == "(s0)":
                        continue
                    for key, values in (("cuminc", wanted["pstate"]), ("std_err", wanted["std_err"])):
                        value = self.incidence_at(strata, stratum.split("=")[1], state, time, key)
                        fidelity.number(f"{stratum} {state} {time} {key}", value, values[i][j])
        with Fidelity(self, "competing cuminc_at_months") as fidelity:
            wanted = expected["cuminc_at_months"]
            for i, curve in enumerate(wanted["curves"]):
                sex, cause = curve.split()
                for key, values in (("cuminc", wanted["est"]), ("variance_gray", wanted["var"])):
                    got = [self.incidence_at(strata, sex, NAMES[cause], time, key) for time in wanted["times"]]
                    fidelity.numbers_of(f"{curve} {key}", got, values[i])

    def test_merged(self):
        expected, analyses = golden("competing_risks"), self.run_mgus("merged", 11)
        self.check_gray(analyses, expected["gray_test"])
        exact = self.run_study("mgus2", COLUMNS, {"incidence": ANALYSES["incidence"]}, curve="exact", minimum=1,
                               records={site.lower(): self.folder / "mgus2" / site for site in ("siteA", "siteB", "siteC")})
        with Fidelity(self, "competing aalen_johansen, merged") as fidelity:
            for curve in analyses["incidence"]["strata"]:
                self.assertTrue(curve["time"])
                self.assertGreaterEqual(min(curve["n_event"]), 11)
                self.assertNotIn("n_risk", curve)
                for i, time in enumerate(curve["time"]):
                    for key in ("cuminc", "std_err"):
                        want = self.incidence_at(exact["incidence"]["strata"], curve["stratum"], curve["cause"], time, key)
                        fidelity.number(f"{curve['label']} {key}[{i}]", curve[key][i], want)

    def test_fine_gray(self):
        expected = golden("competing_risks")["fine_gray_pcm"]
        columns = {"age": number(18, 100), "mspike": number(0, 5, missing=[""]), **COLUMNS,
                   "male": number(0, 1)}
        derive = {**DERIVED, "male": lambda record: int(record["sex"] == "M"),
                  "mspike": lambda record: "" if record["mspike"] == "NA" else record["mspike"]}
        entry = {"kind": "fine_gray", "time": "etime", "event": "cause", "censored": ["0"], "positive": ["pcm"],
                 "formula": "~ age + male + mspike", "strength": "opened"}
        model = self.run_study("mgus2", columns, {"model": entry}, derive=derive)["model"]
        found = {estimate["name"]: estimate["value"] for estimate in model["estimates"]}
        with Fidelity(self, "competing fine_gray_pcm (opened)") as fidelity:
            fidelity.number("people", found["people"], expected["n"])
            for name in expected["coef"]:
                fidelity.number(f"coef {name}", found[name], expected["coef"][name])
                fidelity.number(f"se {name}", found[f"standard error, {name}"], expected["se"][name])
            fidelity.number("loglik", found["log-likelihood"], expected["loglik"])
            fidelity.number("loglik_null", found["log-likelihood without covariates"], expected["loglik_null"])

    def test_fine_gray_of_dependent_covariates_and_of_few_events(self):
        columns = {**COLUMNS, "male": number(0, 1), "again": number(0, 2)}
        derive = {**DERIVED, "male": lambda record: int(record["sex"] == "M"),
                  "again": lambda record: 2 * int(record["sex"] == "M")}
        entry = {"kind": "fine_gray", "time": "etime", "event": "cause", "censored": ["0"], "positive": ["pcm"],
                 "formula": "~ male + again", "strength": "opened"}
        model = self.run_study("mgus2", columns, {"model": entry}, derive=derive)["model"]
        self.assertIn("singular", model["note"])
        self.assertEqual([e["name"] for e in model["estimates"]], ["people", "events"])
        records = {site: self.folder / "mgus2" / site for site in ("siteA", "siteB", "siteC")}
        records = {site.lower(): folder for site, folder in records.items()}
        model = self.run_study("mgus2", columns, {"model": {**entry, "formula": "~ male"}}, records=records, minimum=60)["model"]
        self.assertTrue(model["note"].startswith("withheld"), model["note"])
        self.assertEqual(model["estimates"], [])

    def test_fine_gray_of_a_covariate_that_tells_the_cause(self):
        columns = {**COLUMNS, "known": number(0, 1)}
        derive = {**DERIVED, "known": lambda record: int(record["pstat"] == "1")}
        entry = {"kind": "fine_gray", "time": "etime", "event": "cause", "censored": ["0"], "positive": ["pcm"],
                 "formula": "~ known", "strength": "opened"}
        model = self.run_study("mgus2", columns, {"model": entry}, derive=derive)["model"]
        self.assertRegex(model["note"], "without end|sums of hazards exceed")  # whichever bound the growing coefficient meets first
        self.assertNotIn("known", [estimate["name"] for estimate in model["estimates"]])


if __name__ == "__main__":
    unittest.main()
