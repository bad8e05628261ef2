"""Cumulative incidences and Gray's test by real nodes equal what survfit and cmprsk find on the pooled records."""

import unittest

from golden import Fidelity, GoldenTest, category, duration, golden
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


if __name__ == "__main__":
    unittest.main()
