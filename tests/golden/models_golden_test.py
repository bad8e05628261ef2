"""Linear and generalised linear models by real nodes equal R's lm, glm and glm.nb on the pooled records."""

import math
import unittest

from golden import Fidelity, GoldenTest, category, duration, golden, number
from model_studies import DERIVED, ModelStudies
from need import needs_data
from records import read_split

BOUND = 1e-9
HIDDEN = 1e-6
FIT = ("deviance", "null_deviance", "df_residual", "df_null", "aic", "loglik", "dispersion")
LINEAR_FIT = {"sigma": "sigma", "df_residual": "df_residual", "r_squared": "r_squared",
              "adj_r_squared": "adj_r_squared", "residual_sum_of_squares": "rss", "loglik": "loglik", "aic": "aic"}
BIRTHWT = {"bwt": number(0, 6000), "age": number(10, 60), "lwt": number(50, 300), "race": category(1, 2, 3),
           "smoke": number(0, 1), "ptl": number(0, 5), "ht": number(0, 1), "ui": number(0, 1), "ftv": number(0, 10),
           "low": {"type": "event", "event": ["1"], "censored": ["0"]}}
PIMA = {"npreg": number(0, 30), "glu": number(0, 250), "bp": number(0, 200), "skin": number(0, 110),
        "bmi": number(10, 80), "ped": number(0, 5), "age": number(0, 120), "type": category("No", "Yes")}


def linear(formula, **more):
    return {"kind": "linear", "formula": formula, **more}


def solve(matrix, right):
    """Gauss-Jordan elimination of a positive definite matrix."""
    rows = [row + [value] for row, value in zip(matrix, right)]
    for k, pivot in enumerate(rows):
        for i, row in enumerate(rows):
            if i != k:
                factor = row[k] / pivot[k]
                rows[i] = [u - factor * v for u, v in zip(row, pivot)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


@needs_data("golden/glm.json")
class ModelsGoldenTest(ModelStudies, GoldenTest):
    strength = "opened"

    @classmethod
    def setUpClass(cls):
        cls.expected = golden("glm")

    def check_terms(self, fidelity, got, want):
        self.assertEqual([term["term"] for term in got["terms"]], want["terms"])
        for key, golden_key in (("estimate", "coef"), ("se", "se"), ("statistic", "stat")):
            if golden_key in want:
                fidelity.numbers_of(golden_key, [term[key] for term in got["terms"]], want[golden_key])
        for term, p in zip(got["terms"], want.get("p", [])):
            self.check_p(fidelity, term["term"], term["p"], p)
        if got["vcov"] and "vcov" in want:
            rows = want["vcov"]["rows"]
            for i, (row, expected) in enumerate(zip(got["vcov"], rows)):
                # A covariance near 0 is the difference of large numbers in R, too: as correlations.
                scale = [math.sqrt(rows[i][i] * rows[j][j]) for j in range(len(rows))]
                fidelity.numbers_of(f"1 + vcov[{i}]", [1 + v / c for v, c in zip(row, scale)],
                                    [1 + v / c for v, c in zip(expected, scale)])

    def check_p(self, fidelity, what, p, want):
        """The error of a statistic z makes one z^2 times as large in p: small ones are compared by their logarithm."""
        if 0 < want < 1e-5 and p > 0:
            fidelity.number(f"log p of {what}", math.log(p), math.log(want))
        else:
            fidelity.number(f"p of {what}", p, want)

    def check_glm(self, entry, got, bound=BOUND, note="opened"):
        want = self.expected[entry]
        with Fidelity(self, f"glm {entry}", bound, note) as fidelity:
            self.check_terms(fidelity, got, want)
            for side in ("lower", "upper"):
                fidelity.numbers_of(side, [term[side] for term in got["terms"]], want[f"wald_ci95_{side}"])
            fidelity.number("n", got["n"], want["n"])
            for name in FIT:
                fidelity.number(name, got["fit"][name], want[name])

    def check_linear(self, entry, got, bound=BOUND, note=""):
        want = self.expected[entry]
        with Fidelity(self, f"glm {entry} ({got['strength']})", bound, note) as fidelity:
            self.check_terms(fidelity, got, want)
            for side in ("lower", "upper"):
                fidelity.numbers_of(side, [term[side] for term in got["terms"]], want["t_ci95"][side])
            fidelity.number("n", got["n"], want["n"])
            for name, golden_name in LINEAR_FIT.items():
                fidelity.number(name, got["fit"][name], want[golden_name])
            every = got["tests"][0]
            fidelity.numbers_of("F, df", [every["statistic"], *every["df"]], [want["f"], want["f_df1"], want["f_df2"]])
            if want["f_p"] > 1e-300:
                self.check_p(fidelity, "F", every["p"], want["f_p"])

    def test_birthwt(self):
        everything = "age + lwt + race + smoke + ptl + ht + ui + ftv"
        got = self.run_study("birthwt", BIRTHWT, {
            "opened": linear(f"bwt ~ {everything}", strength="opened"),
            "hidden": linear(f"bwt ~ {everything}"),
            "anova": linear("bwt ~ factor(race) * factor(smoke)", strength="opened"),
            "logistic": self.model(f"low ~ {everything}", family="binomial"),
        }, minimum=1)
        self.check_linear("linear_birthwt", got["opened"])
        self.check_linear("linear_birthwt", got["hidden"], HIDDEN)
        self.check_glm("logistic_birthwt", got["logistic"])
        want, tests = golden("tests")["anova_2way_birthwt_race_smoke_type1"], got["anova"]["tests"][1:]
        self.assertEqual([test["name"] for test in tests], want["terms"])
        with Fidelity(self, "tests anova_2way_birthwt_race_smoke_type1", BOUND) as fidelity:
            fidelity.numbers_of("sum_sq", [test["sum_of_squares"] for test in tests], want["sum_sq"])
            fidelity.numbers_of("df", [test["df"][0] for test in tests], want["df"])
            fidelity.numbers_of("f", [test["statistic"] for test in tests], want["f"])
            fidelity.numbers_of("p", [test["p"] for test in tests], want["p"])

    def test_pima(self):
        got = self.run_study("pima", PIMA, {
            "logit": self.model("type ~ npreg + glu + bp + skin + bmi + ped + age", family="binomial", positive=["Yes"]),
            "probit": self.model("type ~ npreg + glu + bmi + ped + age", family="binomial", positive=["Yes"], link="probit"),
        })
        self.check_glm("logistic_pima", got["logit"])
        self.check_glm("probit_pima", got["probit"], 5e-8,
                       "opened; R ends 1.6e-9 before the solution, z^2 times that in p; the equations hold to 1e-9")
        self.check_probit_equations([term["estimate"] for term in got["probit"]["terms"]])

    def check_probit_equations(self, b):
        """Another step of Fisher scoring from `b` changes nothing."""
        size, header = len(b), read_split("pima")[0]
        information, score = [[0.0] * size for _ in range(size)], [0.0] * size
        for row in (row for rows in read_split("pima")[1].values() for row in rows):
            record = dict(zip(header, row))
            x = [1.0] + [float(record[name]) for name in ("npreg", "glu", "bmi", "ped", "age")]
            eta = sum(u * v for u, v in zip(x, b))
            density = math.exp(-eta * eta / 2) / math.sqrt(2 * math.pi)
            tails = math.erfc(-eta / math.sqrt(2)) / 2, math.erfc(eta / math.sqrt(2)) / 2
            residual = density / tails[0] if record["type"] == "Yes" else -density / tails[1]
            for i in range(size):
                score[i] += residual * x[i]
                for j in range(size):
                    information[i][j] += density * density / tails[0] / tails[1] * x[i] * x[j]
        with Fidelity(self, "glm probit_pima: equations of the estimates", 1e-9) as fidelity:
            fidelity.numbers_of("coef", b, [u + v for u, v in zip(b, solve(information, score))])

    def test_diabetes(self):
        inpatient = "number_inpatient ~ age_mid + female + time_in_hospital + number_diagnoses + insulin_any"
        stay = "time_in_hospital ~ age_mid + female + num_lab_procedures + num_medications + number_diagnoses"
        got = self.diabetes({
            "procedures": self.model("num_procedures ~ age_mid + female + emerg_adm + time_in_hospital + number_diagnoses",
                                family="poisson"),
            "inpatient": self.model(inpatient, family="poisson"),
            "negbin": self.model(inpatient, family="negative_binomial"),
            "opened": linear(stay, strength="opened"),
            "hidden": linear(stay),
        })
        self.check_glm("poisson_diabetes130_num_procedures", got["procedures"])
        self.check_glm("poisson_diabetes130_number_inpatient", got["inpatient"])
        self.check_linear("linear_diabetes130_los", got["opened"])
        self.check_linear("linear_diabetes130_los", got["hidden"], HIDDEN)
        self.check_negative_binomial(got["negbin"])

    def check_negative_binomial(self, got):
        want = self.expected["negbin_diabetes130_number_inpatient"]
        with Fidelity(self, "glm negbin_diabetes130_number_inpatient", BOUND, "opened") as fidelity:
            self.check_terms(fidelity, got, want)
            fidelity.number("theta", got["fit"]["theta"], want["theta"])
            fidelity.number("twologlik", 2 * got["fit"]["loglik"], want["twologlik"])
        with Fidelity(self, "glm negbin_diabetes130_number_inpatient (error of theta)", 1e-4,
                      "MASS takes the information one step before theta; at theta itself it holds to 1e-9") as fidelity:
            fidelity.number("se_theta", got["fit"]["se_theta"], want["se_theta"])
        self.check_theta_equations([term["estimate"] for term in got["terms"]], got["fit"])

    def check_theta_equations(self, b, fit):
        """Score and observed information of theta, with sums in place of digamma and trigamma functions."""
        theta, score, information = fit["theta"], [], []
        header, parts = read_split("diabetes130")
        for row in (row for rows in parts.values() for row in rows):
            record = dict(zip(header, row))
            x = [1, *(make(record) for name, make in DERIVED.items() if name in ("age_mid", "female")),
                 int(record["time_in_hospital"]), int(record["number_diagnoses"]), DERIVED["insulin_any"](record)]
            y, both = int(record["number_inpatient"]), theta + math.exp(sum(u * v for u, v in zip(x, b)))
            terms = [1 / (theta + k) for k in range(y)]
            score.append(sum(terms) + math.log(theta) + 1 - math.log(both) - (y + theta) / both)
            information.append(sum(t * t for t in terms) - 1 / theta + 2 / both - (y + theta) / (both * both))
        total = math.fsum(information)
        with Fidelity(self, "glm negbin_diabetes130_number_inpatient: equations of theta", BOUND) as fidelity:
            fidelity.number("theta", theta, theta + math.fsum(score) / total)
            fidelity.number("se_theta", fit["se_theta"], 1 / math.sqrt(total))

    def test_rates_and_pressures(self):
        columns = {"age": number(0, 120), "grade": number(2, 3), "chemo": number(0, 1), "hormon": number(0, 1),
                   "dtime": duration(1, 10000), "death": {"type": "event", "event": ["1"], "censored": ["0"]}}
        got = self.run_study("rotterdam", columns, {
            "m": self.model("death ~ age + factor(grade) + chemo + hormon + offset(log(dtime / 365.25))",
                       family="poisson")})
        self.check_glm("poisson_rate_rotterdam", got["m"])
        columns = {"Age": number(0, 120), "BMI": number(10, 100, ["", "NA"]), "BPSysAve": number(50, 300, ["", "NA"]),
                   "TotChol": number(0, 20, ["", "NA"]), "male": number(0, 1)}
        linear_formula = "BPSysAve ~ Age + BMI + male + TotChol"
        got = self.run_study("nhanes", columns, {
            "m": self.model("BPSysAve ~ Age + BMI + male", family="gamma", link="log"),
            "opened": linear(linear_formula, strength="opened"),
            "hidden": linear(linear_formula),
        }, derive={"male": lambda r: int(r["Gender"] == "male")}, where="Age >= 20 AND TotChol IS NOT NULL")
        self.check_glm("gamma_log_nhanes_bp", got["m"])
        self.check_linear("linear_nhanes_bp", got["opened"])
        self.check_linear("linear_nhanes_bp", got["hidden"], HIDDEN)


if __name__ == "__main__":
    unittest.main()
