"""Results over pooled records of other public data sets (omop.json), and counts of FHIR exports (formats.json), from three sites."""

import gzip
import json
import shutil
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import omop_page
from golden import GoldenTest, category, golden, number
from harness import REPOSITORY, cohortium, must
from need import SHARED, needs_data
from omop import site_of
from omop_sites import EVERYBODY, MANY, YES, OmopSites, concepts, of
from postgresql_server import needs_postgresql
from records import read_split

STAYS = (9201, 262, 8870, 581385, 8883)


@needs_data("golden/omop.json")
@needs_postgresql
class MimicTest(OmopSites):
    dataset = "mimic_demo"

    def test_people_and_their_records(self):
        self.check_table_rows()
        wanted, sets = {}, []
        for entry, prefix, domain in (("top_conditions_by_persons", "c", "ConditionOccurrence"),
                                      ("top_drugs_by_persons", "d", "DrugExposure"), ("visits_by_concept", "v", "VisitOccurrence")):
            for code, *_ in self.rows(entry):
                wanted[f"{prefix}{code}"] = of(domain, len(sets))
                sets.append(concepts(len(sets), code))
        wanted["dead"] = {"Death": {}}
        wanted["acute"] = of("VisitOccurrence", len(sets))
        sets.append(concepts(len(sets), *STAYS))
        result, found = self.people(wanted, sets, {"sql": EVERYBODY["sql"].replace("2000", "2150")})
        self.check_top(found, "top_conditions_by_persons", "c")
        self.check_top(found, "top_drugs_by_persons", "d")
        self.assertEqual([found[f"v{code}"] for code, *_ in self.rows("visits_by_concept")],
                         [[persons, visits] for _, visits, persons in self.rows("visits_by_concept")])
        self.assertEqual(found["dead"], self.rows("deaths")[0])
        stays, persons, *_ = self.rows("acute_stays_los")[0]
        self.assertEqual(found["acute"], [persons, stays])
        men, women = self.cells(result["sex"]).values()
        self.assertEqual([["F", women], ["M", men]], self.rows("persons_by_gender"))

    def test_stays_and_readmissions(self):
        stay = of("VisitOccurrence", 0)
        back = {"is": "readmission", "events": stay, "within": 30}
        result = self.run_cohort(
            "stays", {"events": stay}, {"days": {"is": "cohort_days"}, "back": back, "sex": {"is": "sex"}},
            {"days": number(0, 1000), "back": category("0", "1", missing=[""]), "sex": category("8507", "8532")},
            {"days": {"kind": "describe", "column": "days"}, "most": {"kind": "quantiles", "column": "days", "probabilities": [1]},
             "sex": {"kind": "table", "by": ["sex"]}, "back": {"kind": "proportion", "outcome": "back", "positive": ["1"]},
             "back_by_sex": {"kind": "proportion", "outcome": "back", "positive": ["1"], "by": "sex"}}, [concepts(0, *STAYS)])
        group = result["days"]["groups"][0]
        stays, _, days, most = self.rows("acute_stays_los")[0]
        self.assertEqual([group["n"], self.whole(group["mean"] * group["n"]), result["most"]["groups"][0]["quantiles"][0]],
                         [stays, days, most])
        stays, died, index, again, _ = self.rows("readmission_30d_acute")[0]
        back = result["back"]["groups"][0]
        self.assertEqual([group["n"], group["n"] - back["n"], back["n"], back["events"]], [stays, died, index, again])
        of_sex = {"8507": "M", "8532": "F"}
        by_sex = {of_sex[code[0]]: n for code, n in self.cells(result["sex"]).items()}
        again = {of_sex[group["group"]]: group["events"] for group in result["back_by_sex"]["groups"]}
        self.assertEqual([[sex, by_sex[sex], again[sex]] for sex in ("F", "M")], self.rows("readmission_30d_by_gender"))

    def test_readmissions_on_the_day_of_discharge(self):
        codes = ", ".join(map(str, STAYS))
        cohort = {"sql": f"""
            SELECT v.person_id AS subject_id, v.visit_start_date AS cohort_start_date, v.visit_end_date AS cohort_end_date
            FROM visit_occurrence v WHERE v.visit_concept_id IN ({codes})
              AND NOT EXISTS (SELECT 1 FROM death d WHERE d.person_id = v.person_id AND d.death_date <= v.visit_end_date)
              AND EXISTS (SELECT 1 FROM visit_occurrence b WHERE b.person_id = v.person_id AND b.visit_concept_id IN ({codes})
                            AND b.visit_occurrence_id <> v.visit_occurrence_id AND b.visit_start_datetime >= v.visit_end_datetime
                            AND b.visit_start_date - v.visit_end_date <= 30)"""}
        self.assertEqual(self.count("same-day", cohort), self.rows("readmission_30d_acute")[0][4])

    def test_a_drug_after_a_condition(self):
        result = self.run_cohort(
            "amlodipine", {"events": of("ConditionOccurrence", 0, First=True)},
            {"n": {"is": "present", "events": of("DrugEra", 1), "from": 0}}, {"n": YES},
            {"n": {"kind": "proportion", "outcome": "n", "positive": ["1"]}}, [concepts(0, 320128), concepts(1, 1332418)])
        group = result["n"]["groups"][0]
        self.assertEqual([group["n"], group["events"]], self.rows("hypertension_320128_and_any_drug_1332418_amlodipine_after")[0])

    def test_conditions_without_a_concept(self):
        cohort = {"sql": """
            SELECT c.person_id AS subject_id, c.condition_start_date AS cohort_start_date, c.condition_start_date AS cohort_end_date
            FROM condition_occurrence c LEFT JOIN concept k ON k.concept_id = c.condition_concept_id WHERE k.concept_id IS NULL"""}
        self.assertEqual(self.count("nameless", cohort), self.rows("conditions_without_concept_row")[0][0])


@needs_data("golden/omop.json")
@needs_postgresql
class SyntheaTest(OmopSites):
    dataset = "synthea27nj"

    def test_people_visits_and_readmissions(self):
        self.check_table_rows()
        codes = [code for code, *_ in self.rows("visits_by_concept")]
        wanted = {f"v{code}": of("VisitOccurrence", i) for i, code in enumerate(codes)}
        sets = [concepts(i, code) for i, code in enumerate(codes)]
        result, found = self.people(wanted, sets, {"sql": EVERYBODY["sql"].replace("2000", "2030")})
        self.assertEqual([[code, *reversed(found[f"v{code}"])] for code in codes], self.rows("visits_by_concept"))
        self.assertEqual([[int(code[0]), n] for code, n in self.cells(result["sex"]).items()], self.rows("persons_by_gender"))
        result = self.run_cohort(
            "stays", {"events": of("VisitOccurrence", 0)}, {"back": {"is": "readmission", "events": of("VisitOccurrence", 0)}},
            {"back": category("0", "1", missing=[""])}, {"back": {"kind": "proportion", "outcome": "back", "positive": ["1"]}}, sets)
        self.assertEqual(result["back"]["groups"][0]["events"], self.rows("readmission_30d_inpatient")[0][0])

    def test_measured_numbers(self):
        expected = self.rows("measurement_top")
        codes = [str(row[0]) for row in expected]
        columns = {"measurement_concept_id": category(*codes), "value_as_number": number(-MANY, MANY, [""])}
        where = "measurement_concept_id IN (" + ", ".join(codes) + ")"
        by = {"by": "measurement_concept_id"}
        result = self.run_study("measurement", columns, {
            "n": {"kind": "count", **by}, "value": {"kind": "describe", "column": "value_as_number", **by}},
            minimum=1, where=where, records=self.records)
        for row, n, value in zip(expected, result["n"]["cells"], result["value"]["groups"]):
            self.assertEqual([n["n"], value["n"] or 0], row[1:3], row)
            if row[2]:
                self.assertAlmostEqual(value["mean"], row[3], delta=1e-9 * abs(row[3]))


@needs_data("golden/omop.json")
class DiabetesTest(GoldenTest):
    """A table of encounters without OMOP: proportions of columns as they are."""

    TABLES = {"readmission_by_age": "age", "readmission_by_race": "race", "readmission_by_a1c": "A1Cresult",
              "readmission_by_payer": "payer_code", "readmission_by_specialty_top20": "specialty",
              "mortality_by_admission_type": "admission_type_id"}

    def setUp(self):
        super().setUp()
        self.golden = golden("omop")["diabetes130"]

    def rows(self, entry):
        return self.golden[entry]["rows"]

    def test_encounters(self):
        top = {row[0] for row in self.rows("readmission_by_specialty_top20")}

        def circulatory(record):
            code = record["diag_1"]
            digits = code.split(".")[0]
            return int(digits.isdigit() and (390 <= int(digits) <= 459 or int(digits) == 785))

        derive = {"back": lambda r: {"<30": 1, ">30": 2}.get(r["readmitted"], 0), "circulatory": circulatory,
                  "died": lambda r: int(r["discharge_disposition_id"] in ("11", "19", "20", "21")),
                  "specialty": lambda r: r["medical_specialty"] if r["medical_specialty"] in top else "other"}
        columns = {column: category(*(str(row[0]) for row in self.rows(entry)), *(["other"] if column == "specialty" else []))
                   for entry, column in self.TABLES.items()}
        columns |= {"back": category("0", "1", "2"), "died": YES, "circulatory": YES, "time_in_hospital": number(0, 30)}
        analyses = {entry: {"kind": "table", "by": [column, "died" if entry.startswith("mortality") else "back"]}
                    for entry, column in self.TABLES.items()}
        analyses["circulatory"] = {"kind": "table", "by": ["circulatory", "back"]}
        analyses["days"] = {"kind": "describe", "column": "time_in_hospital", "by": "specialty"}
        result = self.run_study("diabetes130", columns, analyses, minimum=1, derive=derive)
        days = {group["group"]: round(group["mean"] * group["n"]) for group in result["days"]["groups"]}

        def cells(entry, code, *levels):
            return sum(cell["n"] or 0 for cell in result[entry]["cells"] if cell["levels"][0] == str(code)
                       and (not levels or cell["levels"][1] in levels))

        for entry in self.TABLES:
            for code, n, *more in self.rows(entry):
                found = [cells(entry, code, "1")]
                if entry == "readmission_by_age":
                    found.append(cells(entry, code, "2"))
                if entry == "readmission_by_specialty_top20":
                    found.append(days[code])
                self.assertEqual([cells(entry, code), *found], [n, *more], f"{entry} {code}")
        self.assertEqual([cells("circulatory", 1), cells("circulatory", 1, "1")],
                         self.rows("primary_circulatory_icd9_390_459_or_785")[0])
        encounters = sum(cells("readmission_by_age", code) for code, *_ in self.rows("readmission_by_age"))
        self.assertEqual(encounters, self.rows("encounters_patients")[0][0])


    def test_encounters_of_each_patient(self):
        header, parts = read_split("diabetes130")
        records = {}
        for site, rows in parts.items():  # as a view in the site's database would have them
            records[site.lower()] = self.folder / site
            records[site.lower()].mkdir()
            patient = header.index("patient_nbr")
            encounters = Counter(row[patient] for row in rows).values()
            (records[site.lower()] / "patients.csv").write_text("encounters\n" + "".join(f"{n}\n" for n in encounters))
        result = self.run_study("patients", {"encounters": number(1, 100)}, {"n": {
            "kind": "histogram", "column": "encounters", "breaks": list(range(1, 42))}}, minimum=1, records=records)
        counts = [n or 0 for n in result["n"]["groups"][0]["counts"]]
        self.assertEqual([[k, n] for k, n in enumerate(counts, 1) if n], self.rows("encounters_per_patient"))
        self.assertEqual(sum(counts), self.rows("encounters_patients")[0][1])


@needs_data("golden/formats.json")
class FhirTest(OmopSites):
    """The complete FHIR sample, each patient's records exported at one of three sites and loaded there."""

    @classmethod
    def setUpClass(cls):
        cls.place = Path(tempfile.mkdtemp(prefix="cohortium-fhir-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        cls.golden = golden("formats")["fhir"]["pathling"]
        for kind in ("Patient", "Encounter", "Condition", "Procedure", "Observation"):
            with gzip.open(SHARED / "data/fhir/pathling" / f"{kind}.ndjson.gz", "rt") as file:
                for line in file:
                    resource = json.loads(line)
                    patient = resource["id"] if kind == "Patient" else resource["subject"]["reference"].split("/")[-1]
                    folder = cls.place / str(site_of("pathling", patient))
                    folder.mkdir(exist_ok=True)
                    with open(folder / f"{kind}.ndjson", "a") as out:
                        out.write(line)
        cls.records = {}
        for site in range(3):
            cls.records[f"site{site}"] = cls.place / f"{site}.duckdb"
            must(cohortium("load", "fhir", cls.place / str(site), "--into", cls.place / f"{site}.duckdb"))

    def test_people_visits_and_records(self):
        visits = {"AMB": 9202, "EMER": 9203, "IMP": 9201}
        wanted = {name: of("VisitOccurrence", i) for i, name in enumerate(visits)}
        wanted |= {"deceased": {"Death": {}}, "Condition": {"ConditionOccurrence": {}}, "Procedure": {"ProcedureOccurrence": {}}}
        result, found = self.people(wanted, [concepts(i, code) for i, code in enumerate(visits.values())])
        self.assertEqual({name: found[name][1] for name in visits}, self.golden["Encounter"]["class"])
        self.assertEqual(found["deceased"], [self.golden["Patient"]["deceased"]] * 2)
        for kind in ("Condition", "Procedure"):
            self.assertEqual(found[kind], [self.golden[kind]["distinct_subjects"], self.golden[kind]["resources"]])
        men, women = self.cells(result["sex"]).values()
        self.assertEqual({"male": men, "female": women}, self.golden["Patient"]["gender"])
        years = self.golden["Patient"]["birth_year"]
        table = self.run_study("person", {"year_of_birth": category(*years)}, {"n": {"kind": "count", "by": "year_of_birth"}},
                               minimum=1, records=self.records)
        self.assertEqual({cell["levels"][0]: cell["n"] for cell in table["n"]["cells"]}, years)


@needs_data("golden/omop.json")
class PageTest(unittest.TestCase):
    def test_every_entry_is_listed_and_its_test_is_there(self):
        self.assertEqual((REPOSITORY / "docs/omop-goldens.md").read_text(), omop_page.page())
        ours = "".join(path.read_text() for path in (REPOSITORY / "tests/golden").glob("omop_*.py") if path.name != "omop_page.py")
        theirs = "".join(path.read_text() for path in (REPOSITORY / "src/omop").glob("*_test.cc"))
        for _, _, test in omop_page.OMOP:
            if test:
                self.assertRegex(ours, rf"def \w*{test}\w*\(")
        for _, _, test in omop_page.FORMATS:
            self.assertIn(test, theirs)
        for entry in omop_page.omop_entries():  # each is compared under its name, or under a prefix of it
            name = entry.split("/")[1]
            self.assertTrue(name == "note" or name in ours or any(
                prefix in ours and name.startswith(prefix) for prefix in ("condition_persons_", "drug_persons_", "gi_bleed_after_first_")), entry)


if __name__ == "__main__":
    unittest.main()
