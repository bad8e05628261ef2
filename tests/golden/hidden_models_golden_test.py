"""Generalised linear models with every step hidden equal R's glm and glm.nb on the pooled records."""

import unittest

import models_golden_test as opened
from golden import Fidelity, GoldenTest, category, duration, golden, number
from models_golden_test import BIRTHWT, HIDDEN, PIMA
from need import needs_data


def model(formula, **more):
    return {"kind": "glm", "formula": formula, "strength": "hidden", **more}


@needs_data("golden/glm.json")
class HiddenModelsGoldenTest(GoldenTest):
    check_terms = opened.ModelsGoldenTest.check_terms
    check_p = opened.ModelsGoldenTest.check_p
    check_entry = opened.ModelsGoldenTest.check_glm
    diabetes = opened.ModelsGoldenTest.diabetes

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
        got = self.run_study("birthwt", BIRTHWT, {"m": model(f"low ~ {everything}", family="binomial")}, minimum=1)
        self.check_glm("logistic_birthwt", got["m"])
        got = self.run_study("pima", PIMA, {
            "logit": model("type ~ npreg + glu + bp + skin + bmi + ped + age", family="binomial", positive=["Yes"]),
            "probit": model("type ~ npreg + glu + bmi + ped + age", family="binomial", positive=["Yes"], link="probit"),
        })
        self.check_glm("logistic_pima", got["logit"])
        self.check_glm("probit_pima", got["probit"])

    def test_tumours(self):
        columns = {name: number(0, high) for name, high in
                   {"x.texture_mean": 60, "x.smoothness_mean": .5, "x.symmetry_mean": .5}.items()}
        got = self.run_study("wdbc", {**columns, "y": category("B", "M")}, {
            "m": model("y ~ x.texture_mean + x.smoothness_mean + x.symmetry_mean", family="binomial", positive=["M"])})
        self.check_glm("logistic_wdbc_3features", got["m"])
        columns = {f"V{i}": number(0, 11, ["", "NA"]) for i in (1, 3, 4, 6, 7)}
        got = self.run_study("biopsy", {**columns, "class": category("benign", "malignant")}, {
            "m": model("class ~ V1 + V3 + V4 + V6 + V7", family="binomial", positive=["malignant"])})
        self.check_glm("logistic_biopsy", got["m"])
        self.assertEqual(got["m"]["n_missing"], 16)

    def test_heart(self):
        missing = ["", "NA"]
        columns = {"age": number(0, 120), "sex": number(0, 1), "cp": number(1, 4), "exang": number(0, 1, missing),
                   "oldpeak": number(-10, 20, missing), "thalach": number(0, 300, missing),
                   "site": category("cleveland", "hungarian", "switzerland", "va"),
                   "num": category(0, 1, 2, 3, 4)}
        formula = "num ~ age + sex + factor(cp) + exang + oldpeak + thalach"
        more = {"family": "binomial", "positive": [1, 2, 3, 4]}
        got = self.run_study("heart4", columns, {"m": model(formula, **more), "site": model(formula + " + site", **more)},
                             minimum=1)
        self.check_glm("logistic_heart4", got["m"])
        self.check_glm("logistic_heart4_site_fixed_effect", got["site"])

    def test_rates_and_pressures(self):
        columns = {"age": number(0, 120), "grade": number(2, 3), "chemo": number(0, 1), "hormon": number(0, 1),
                   "dtime": duration(1, 10000), "death": {"type": "event", "event": ["1"], "censored": ["0"]}}
        got = self.run_study("rotterdam", columns, {
            "m": model("death ~ age + factor(grade) + chemo + hormon + offset(log(dtime / 365.25))",
                       family="poisson")})
        self.check_glm("poisson_rate_rotterdam", got["m"])
        columns = {"Age": number(0, 120), "BMI": number(10, 100, ["", "NA"]), "BPSysAve": number(50, 300, ["", "NA"]),
                   "TotChol": number(0, 20, ["", "NA"]), "male": number(0, 1)}
        got = self.run_study("nhanes", columns, {
            "m": model("BPSysAve ~ Age + BMI + male", family="gamma", link="log")},
            derive={"male": lambda r: int(r["Gender"] == "male")}, where="Age >= 20 AND TotChol IS NOT NULL")
        self.check_glm("gamma_log_nhanes_bp", got["m"])

    def test_readmission(self):
        formula = ("readmitted ~ age_mid + female + emerg_adm + time_in_hospital + num_lab_procedures + "
                   "num_procedures + num_medications + number_outpatient + number_emergency + number_inpatient + "
                   "number_diagnoses + insulin_any + a1c_high")
        got = self.diabetes({"readmission": model(formula, family="binomial", positive=["<30"])},
                            where="discharge_disposition_id NOT IN (11, 13, 14, 19, 20, 21)")
        self.check_glm("logistic_diabetes130_readm30", got["readmission"])

    def test_counts(self):
        inpatient = "number_inpatient ~ age_mid + female + time_in_hospital + number_diagnoses + insulin_any"
        got = self.diabetes({
            "procedures": model("num_procedures ~ age_mid + female + emerg_adm + time_in_hospital + number_diagnoses",
                                family="poisson"),
            "inpatient": model(inpatient, family="poisson"),
            "negbin": model(inpatient, family="negative_binomial"),
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
