"""Models that are fitted in both strengths, on the same records."""

from golden import category, number

DERIVED = {
    "age_mid": lambda r: int(r["age"][1:].split("-")[0]) + 5,
    "female": lambda r: int(r["gender"] == "Female"),
    "emerg_adm": lambda r: int(r["admission_type_id"] == "1"),
    "insulin_any": lambda r: int(r["insulin"] != "No"),
    "a1c_high": lambda r: int(r["A1Cresult"] in (">7", ">8")),
}


class ModelStudies:
    """For a GoldenTest with check_glm(entry, result) and `strength`."""

    def model(self, formula, **more):
        return {"kind": "glm", "formula": formula, "strength": self.strength, **more}

    def test_tumours(self):
        columns = {name: number(0, high) for name, high in
                   {"x.texture_mean": 60, "x.smoothness_mean": .5, "x.symmetry_mean": .5}.items()}
        got = self.run_study("wdbc", {**columns, "y": category("B", "M")}, {
            "m": self.model("y ~ x.texture_mean + x.smoothness_mean + x.symmetry_mean", family="binomial", positive=["M"])})
        self.check_glm("logistic_wdbc_3features", got["m"])
        columns = {f"V{i}": number(0, 11, ["", "NA"]) for i in (1, 3, 4, 6, 7)}
        got = self.run_study("biopsy", {**columns, "class": category("benign", "malignant")}, {
            "m": self.model("class ~ V1 + V3 + V4 + V6 + V7", family="binomial", positive=["malignant"])})
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
        got = self.run_study("heart4", columns, {"m": self.model(formula, **more), "site": self.model(formula + " + site", **more)},
                             minimum=1)
        self.check_glm("logistic_heart4", got["m"])
        self.check_glm("logistic_heart4_site_fixed_effect", got["site"])

    def diabetes(self, analyses, **more):
        numbers = {"time_in_hospital": 14, "num_lab_procedures": 150, "num_procedures": 10, "num_medications": 100,
                   "number_outpatient": 50, "number_emergency": 100, "number_inpatient": 30, "number_diagnoses": 20}
        columns = {name: number(0, high) for name, high in numbers.items()}
        columns.update({"age_mid": number(0, 100), "female": number(0, 1), "emerg_adm": number(0, 1),
                        "insulin_any": number(0, 1), "a1c_high": number(0, 1),
                        "readmitted": category("NO", ">30", "<30"), "discharge_disposition_id": number(0, 50)})
        return self.run_study("diabetes130", columns, analyses, derive=DERIVED, **more)

    def test_readmission(self):
        formula = ("readmitted ~ age_mid + female + emerg_adm + time_in_hospital + num_lab_procedures + "
                   "num_procedures + num_medications + number_outpatient + number_emergency + number_inpatient + "
                   "number_diagnoses + insulin_any + a1c_high")
        got = self.diabetes({"readmission": self.model(formula, family="binomial", positive=["<30"])},
                            where="discharge_disposition_id NOT IN (11, 13, 14, 19, 20, 21)")
        self.check_glm("logistic_diabetes130_readm30", got["readmission"])
