"""What models gained beyond the shared golden results, in both strengths, equals R (more_models.R prints more_models.json)."""

import json
import pathlib
import unittest

from golden import Fidelity, GoldenTest
import models_golden_test as models
from models_golden_test import BIRTHWT, BOUND, HIDDEN, PIMA
from need import needs_data

LINKS = (("cloglog", "binomial", "cloglog", "low ~ age + smoke + ht + ui"),
         ("log_binomial", "binomial", "log", "low ~ smoke + ht + ui"),
         ("poisson_identity", "poisson", "identity", "I(ptl + 1) ~ age + smoke"),
         ("poisson_sqrt", "poisson", "sqrt", "ftv ~ age + race"),
         ("gamma_inverse", "gamma", "inverse", "lwt ~ age + race + smoke"),
         ("gamma_identity", "gamma", "identity", "lwt ~ age + race + ht"),
         ("gaussian", "gaussian", "identity", "bwt ~ age + lwt + race + smoke"),
         ("gaussian_log", "gaussian", "log", "lwt ~ age + race + ht"),
         ("gaussian_inverse", "gaussian", "inverse", "lwt ~ age + race"))
STRENGTHS = {"hidden": HIDDEN, "opened": BOUND}


@needs_data("split/siteA/birthwt.csv")
class MoreModelsGoldenTest(GoldenTest):
    check_glm = models.ModelsGoldenTest.check_glm
    check_terms = models.ModelsGoldenTest.check_terms
    check_p = models.ModelsGoldenTest.check_p

    @classmethod
    def setUpClass(cls):
        cls.expected = json.loads(pathlib.Path(__file__).with_name("more_models.json").read_text())

    def both(self, table, columns, entries, **more):
        """Of `entries` in each strength: results by name and strength."""
        analyses = {f"{name}_{strength}": {"kind": "glm", **entry, "strength": strength}
                    for name, entry in entries.items() for strength in STRENGTHS}
        return self.run_study(table, columns, analyses, **more)

    def check_calibration(self, entry, got, name):
        want = self.expected[entry]
        for strength, bound in STRENGTHS.items():
            result = got[f"{name}_{strength}"]
            groups, test = result["calibration"]["groups"], result["tests"][-1]
            with Fidelity(self, f"glm {entry} (base R)", bound, strength) as fidelity:
                for field, golden_field in (("n", "people"), ("events", "events"), ("mean_risk", "mean_risk")):
                    fidelity.numbers_of(field, [group[field] for group in groups], want[golden_field])
                fidelity.number("statistic", test["statistic"], want["statistic"])
                fidelity.number("df", test["df"][0], want["df"])
                fidelity.number("p", test["p"], want["p"])
                fidelity.number("auc", result["fit"]["auc"], want["auc"])

    def test_calibration(self):
        formula = "low ~ age + lwt + race + smoke + ptl + ht + ui + ftv"
        got = self.both("birthwt", BIRTHWT, {"m": {"formula": formula, "family": "binomial", "calibration": 10}}, minimum=1)
        self.check_calibration("calibration_birthwt", got, "m")
        model = {"formula": "type ~ npreg + glu + bmi + ped + age", "family": "binomial", "positive": ["Yes"]}
        got = self.both("pima", PIMA, {"logit": {**model, "calibration": 10},
                                       "probit": {**model, "link": "probit", "calibration": 8}}, minimum=1)
        self.check_calibration("calibration_pima", got, "logit")
        self.check_calibration("calibration_pima_probit", got, "probit")

    def test_links(self):
        got = self.both("birthwt", BIRTHWT, {f"{name}_birthwt": {"formula": formula, "family": family, "link": link}
                                             for name, family, link, formula in LINKS}, minimum=1)
        for name, family, link, _ in LINKS:
            for strength, bound in STRENGTHS.items():
                result = got[f"{name}_birthwt_{strength}"]
                if (family, link, strength) == ("binomial", "log", "opened"):
                    # R finds none either, unless it is told where to begin.
                    self.assertIn("no coefficients were found for which every row has a mean", result["note"])
                else:
                    self.check_glm(f"{name}_birthwt", result, bound, strength)

    def test_penalties(self):
        wanted = json.loads(pathlib.Path(__file__).with_name("penalised_models.json").read_text())
        terms = ["npreg", "I(glu / 40)", "I(bp / 12)", "I(skin / 10)", "I(bmi / 8)", "I(ped / 0.5)", "I(age / 12)"]
        model = {"formula": "type ~ " + " + ".join(terms), "family": "binomial", "positive": ["Yes"]}
        got = self.both("pima", PIMA, {name: {**model, "lasso": want["lasso"], "penalty": want["penalty"]}
                                       for name, want in wanted.items()})
        for name, want in wanted.items():
            for strength in STRENGTHS:
                result = got[f"{name}_{strength}"]
                estimates = [term["estimate"] for term in result["terms"]]
                with Fidelity(self, f"glm penalised {name} (scikit-learn)", HIDDEN, strength) as fidelity:
                    fidelity.numbers_of("coefficient", estimates, want["coef"])
                self.assertEqual([value == 0 for value in estimates], [value == 0 for value in want["coef"]])
                self.assertEqual({term["se"] for term in result["terms"]}, {None})
                self.assertEqual(result["vcov"], [])
            hidden, opened = (got[f"{name}_{strength}"]["fit"] for strength in STRENGTHS)
            for field in ("deviance", "null_deviance"):
                self.assertAlmostEqual(hidden[field] / opened[field], 1, delta=1e-8)

    def test_few_people_join_groups(self):
        model = {"formula": "type ~ npreg + glu + bmi + ped + age", "family": "binomial", "positive": ["Yes"],
                 "calibration": 10}
        got = self.both("pima", PIMA, {"m": model}, minimum=11)
        # R's groups have 1, 0, 5, 7, 13, 16, 21, 28, 40, 46 events among 54, 53, ..., 53, 54 people.
        for strength in STRENGTHS:
            groups = got[f"m_{strength}"]["calibration"]["groups"]
            self.assertEqual([group["n"] for group in groups], [213, 53, 53, 53, 53, 107])
            self.assertEqual([group["events"] for group in groups], [13, 13, 16, 21, 28, 86])
            self.assertEqual(got[f"m_{strength}"]["tests"][-1]["df"], [4])


if __name__ == "__main__":
    unittest.main()
