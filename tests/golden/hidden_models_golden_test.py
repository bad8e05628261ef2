"""Generalised linear models with every step hidden equal R's glm and glm.nb on the pooled records."""

import unittest

import models_golden_test as opened
from golden import Fidelity, GoldenTest, category, duration, golden, number
from model_studies import ModelStudies
from models_golden_test import BIRTHWT, HIDDEN, PIMA
from need import needs_data


@needs_data("golden/glm.json")
class HiddenModelsGoldenTest(ModelStudies, GoldenTest):
    strength = "hidden"
    check_terms = opened.ModelsGoldenTest.check_terms
    check_p = opened.ModelsGoldenTest.check_p
    check_entry = opened.ModelsGoldenTest.check_glm

    @classmethod
    def setUpClass(cls):
        cls.expected = golden("glm")

    def check_glm(self, entry, got):
        self.check_entry(entry, got, HIDDEN, "hidden")
        if "auc" in self.expected[entry]:
            with Fidelity(self, f"glm {entry} (area under the curve)", note="hidden") as fidelity:
                fidelity.number("auc", got["fit"]["auc"], self.expected[entry]["auc"])

    def test_births_and_diabetes_of_the_pima(self):
        everything = "age + lwt + race + smoke + ptl + ht + ui + ftv"
        got = self.run_study("birthwt", BIRTHWT, {"m": self.model(f"low ~ {everything}", family="binomial")}, minimum=1)
        self.check_glm("logistic_birthwt", got["m"])
        got = self.run_study("pima", PIMA, {
            "logit": self.model("type ~ npreg + glu + bp + skin + bmi + ped + age", family="binomial", positive=["Yes"]),
            "probit": self.model("type ~ npreg + glu + bmi + ped + age", family="binomial", positive=["Yes"], link="probit"),
        })
        self.check_glm("logistic_pima", got["logit"])
        self.check_glm("probit_pima", got["probit"])

    def test_rates_and_pressures(self):
        columns = {"age": number(0, 120), "grade": number(2, 3), "chemo": number(0, 1), "hormon": number(0, 1),
                   "dtime": duration(1, 10000), "death": {"type": "event", "event": ["1"], "censored": ["0"]}}
        got = self.run_study("rotterdam", columns, {
            "m": self.model("death ~ age + factor(grade) + chemo + hormon + offset(log(dtime / 365.25))",
                       family="poisson")})
        self.check_glm("poisson_rate_rotterdam", got["m"])
        columns = {"Age": number(0, 120), "BMI": number(10, 100, ["", "NA"]), "BPSysAve": number(50, 300, ["", "NA"]),
                   "TotChol": number(0, 20, ["", "NA"]), "male": number(0, 1)}
        got = self.run_study("nhanes", columns, {
            "m": self.model("BPSysAve ~ Age + BMI + male", family="gamma", link="log")},
            derive={"male": lambda r: int(r["Gender"] == "male")}, where="Age >= 20 AND TotChol IS NOT NULL")
        self.check_glm("gamma_log_nhanes_bp", got["m"])

    def test_counts(self):
        inpatient = "number_inpatient ~ age_mid + female + time_in_hospital + number_diagnoses + insulin_any"
        got = self.diabetes({
            "procedures": self.model("num_procedures ~ age_mid + female + emerg_adm + time_in_hospital + number_diagnoses",
                                family="poisson"),
            "inpatient": self.model(inpatient, family="poisson"),
            "negbin": self.model(inpatient, family="negative_binomial"),
        })
        self.check_glm("poisson_diabetes130_num_procedures", got["procedures"])
        self.check_glm("poisson_diabetes130_number_inpatient", got["inpatient"])
        want, fit = self.expected["negbin_diabetes130_number_inpatient"], got["negbin"]["fit"]
        with Fidelity(self, "glm negbin_diabetes130_number_inpatient", HIDDEN, "hidden") as fidelity:
            self.check_terms(fidelity, got["negbin"], want)
            fidelity.number("theta", fit["theta"], want["theta"])
            fidelity.number("twologlik", 2 * fit["loglik"], want["twologlik"])
        with Fidelity(self, "glm negbin_diabetes130_number_inpatient (error of theta)", 1e-4,
                      "hidden; MASS takes the information one step before theta") as fidelity:
            fidelity.number("se_theta", fit["se_theta"], want["se_theta"])


if __name__ == "__main__":
    unittest.main()
