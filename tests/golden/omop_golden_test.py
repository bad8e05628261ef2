"""Every result of SQL over the pooled tables of GiBleed (omop.json), from three sites: files, a DuckDB file and PostgreSQL at once.

docs/omop-goldens.md lists how each entry is reproduced, or why not; omop_more_golden_test.py has the other data sets.
"""

import json
import unittest

from golden import category, number
from harness import REPOSITORY
from need import needs_data
from omop_sites import DAYS, YES, OmopSites, concepts, of
from postgresql_server import needs_postgresql

BLEED, CELECOXIB, DICLOFENAC, ASPIRIN, ACETAMINOPHEN, BRONCHITIS, SINUSITIS = range(7)


@needs_data("golden/omop.json")
@needs_postgresql
class GiBleedTest(OmopSites):
    dataset = "gibleed"
    tables = ("person", "observation_period", "condition_occurrence", "drug_exposure", "drug_era", "visit_occurrence",
              "concept_ancestor", "death")
    sets = [concepts(BLEED, 192671), concepts(CELECOXIB, 1118084, descendants=True),
            concepts(DICLOFENAC, 1124300, descendants=True), concepts(ASPIRIN, 1112807, descendants=True),
            concepts(ACETAMINOPHEN, 1125315, descendants=True), concepts(BRONCHITIS, 260139, descendants=True),
            concepts(SINUSITIS, 40481087)]

    def test_people_and_their_records(self):
        self.check_table_rows()
        wanted, sets, expected = {}, [], {}

        def want(name, domain, codes, descendants):
            wanted[name] = of(domain, len(sets))
            sets.append(concepts(len(sets), *codes, descendants=descendants))

        codes = {"condition_persons_bronchitis_256451_desc": 256451, "drug_persons_celecoxib": 1118084,
                 "drug_persons_diclofenac": 1124300, "drug_persons_aspirin": 1112807, "drug_persons_acetaminophen": 1125315,
                 "drug_persons_naproxen": 1115008, "drug_persons_ibuprofen": 1177480, "drug_persons_simvastatin": 1539403}
        for entry, facts in self.golden.items():
            if entry.startswith(("condition_persons_", "drug_persons_")):
                domain = "ConditionOccurrence" if entry.startswith("condition") else "DrugExposure"
                want(entry, domain, [codes.get(entry) or int(entry.split("_")[-1])], True)
                expected[entry] = facts["rows"][0]
        self.assertEqual(len(expected), 14)
        for row in self.rows("top_conditions_by_persons"):
            want(f"c{row[0]}", "ConditionOccurrence", [row[0]], False)
        for row in self.rows("top_drugs_by_persons"):
            want(f"d{row[0]}", "DrugExposure", [row[0]], False)
        references = {"celecoxib": [1118084], "diclofenac": [1124300], "nsaids": [1118084, 1124300]}
        for name, drugs in references.items():
            want(name, "DrugEra", drugs, False)
        want("gi_bleed", "ConditionOccurrence", [192671], False)
        want("inpatient", "VisitOccurrence", [9201], False)
        result, found = self.people(wanted, sets)
        self.assertEqual({entry: found[entry] for entry in expected}, expected)
        self.check_top(found, "top_conditions_by_persons", "c")
        self.check_top(found, "top_drugs_by_persons", "d")
        self.assertEqual({name: found[name][0] for name in (*references, "gi_bleed")},
                         dict(self.rows("eunomia_reference_cohorts")))
        visits, persons, *_ = self.rows("inpatient_visits_and_los")[0]
        self.assertEqual(found["inpatient"], [persons, visits])
        self.assertEqual([[int(code[0]), n] for code, n in self.cells(result["sex"]).items()], self.rows("persons_by_gender"))
        by_decade = dict(zip(range(1980, 1890, -10), result["age"]["groups"][0]["counts"]))
        self.assertEqual({decade: n for decade, n in by_decade.items() if n}, dict(self.rows("persons_by_birth_decade")))

    def test_a_table_of_the_source_and_persons_without_a_row(self):
        races = [row[0] for row in self.rows("persons_by_race")]
        columns = {"race_source_value": category(*races)}
        for minimum in (1, 11):
            result = self.run_study("person", columns, {"race": {"kind": "table", "by": ["race_source_value"]}}, minimum=minimum,
                                    records=self.records)["race"]
            self.assertEqual([[code[0], n] for code, n in self.cells(result).items()],
                             [[race, n if n >= minimum else None] for race, n in self.rows("persons_by_race")])
            self.assertEqual(result["totals"][0]["n"], 2694 if minimum == 1 else None)  # it would tell the one withheld
        orphans = self.count("orphans", {"sql": """
            SELECT o.person_id AS subject_id, o.observation_period_start_date AS cohort_start_date,
                   o.observation_period_end_date AS cohort_end_date
            FROM observation_period o WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.person_id = o.person_id)"""})
        self.assertEqual(orphans, self.rows("orphan_observation_periods")[0][0])

    def first_bleed(self, minimum):
        aspirin = {"is": "present", "events": of("DrugExposure", ASPIRIN)}
        ages = [str(age) for age, _ in self.rows("age_at_first_gi_bleed")]
        return self.run_cohort(
            f"bleed-{minimum}", {"events": of("ConditionOccurrence", BLEED, First=True)},
            {"age": {"is": "age"}, "race": {"is": "race"}, "ethnicity": {"is": "ethnicity"},
             "after": {**aspirin, "from": 1}, "at": {**aspirin, "from": 0}},
            {"age": category(*ages), "race": category("8515", "8516", "8527", "0"), "ethnicity": category("0", "38003563"),
             "after": YES, "at": YES},
            {"age": {"kind": "table", "by": ["age"]}, "race": {"kind": "table", "by": ["race", "ethnicity"]},
             "after": {"kind": "proportion", "outcome": "after", "positive": ["1"]},
             "at": {"kind": "proportion", "outcome": "at", "positive": ["1"]}}, self.sets, minimum)

    def test_at_the_first_bleed_and_small_cells_withheld(self):
        native, hispanic = ("0", "0"), ("0", "38003563")
        races = {("8515", "0"): "asian", ("8516", "0"): "black", hispanic: "hispanic", native: "native", ("8527", "0"): "white"}
        for minimum in (1, 11):
            result = self.first_bleed(minimum)
            self.assertEqual([[int(code[0]), n] for code, n in self.cells(result["age"]).items()],
                             [[age, n if n >= minimum else None] for age, n in self.rows("age_at_first_gi_bleed")])
            found = {races[code]: n for code, n in self.cells(result["race"]).items() if code in races}
            expected = dict(self.rows("small_cells_condition_by_race"))
            self.assertEqual(expected["native"], 5)
            self.assertEqual(found, {race: n if n >= minimum else None for race, n in expected.items()})
            total = result["race"]["totals"][-1]
            self.assertEqual((total["levels"], total["n"]), ([], 479 if minimum == 1 else None))
            drugs = [result[name]["groups"][0] for name in ("after", "at")]
            self.assertEqual([drugs[0]["n"], *(group["events"] for group in drugs)],
                             self.rows("drug_after_condition_aspirin_after_gi_bleed")[0])

    def test_days_from_drug_to_bleed(self):
        for name, drug in (("celecoxib", CELECOXIB), ("diclofenac", DICLOFENAC)):
            result = self.run_cohort(
                name, {"events": of("DrugExposure", drug)},
                {"day": {"is": "first_day", "events": of("ConditionOccurrence", BLEED)}},
                {"day": number(-DAYS, DAYS, [""])},
                {"n": {"kind": "count"}, "day": {"kind": "histogram", "column": "day", "breaks": [-DAYS, 0, 1, 31, 91, 366, DAYS]}},
                self.sets, members="person")
            before, same, month, quarter, year, later = (n or 0 for n in result["day"]["groups"][0]["counts"])
            self.assertEqual([result["n"]["cells"][0]["n"], month + quarter + year + later, month, month + quarter,
                              month + quarter + year, same, before], self.rows(f"gi_bleed_after_first_{name}")[0])

    def test_drug_after_each_episode(self):
        treated = {"Type": "ALL", "CriteriaList": [{
            "Criteria": of("DrugExposure", ACETAMINOPHEN), "Occurrence": {"Type": 2, "Count": 1}, "IgnoreObservationPeriod": True,
            "StartWindow": {"Start": {"Days": 0, "Coeff": 1}, "End": {"Days": 30, "Coeff": 1}}}]}
        episodes = {"events": of("ConditionOccurrence", BRONCHITIS, CorrelatedCriteria=treated)}
        self.assertEqual([self.count(f"episodes-{members}", episodes, self.sets, members=members)
                          for members in ("person", "cohort")],
                         self.rows("drug_after_condition_acetaminophen_within_30d_of_acute_bronchitis")[0])

    def test_the_first_nsaid_against_a_bleed(self):
        sets = [*self.sets, concepts(10, 1118084), concepts(11, 1118084, 1124300)]
        result = self.run_cohort(
            "nsaid", {"events": of("DrugEra", 11, First=True)},
            {"celecoxib": {"is": "present", "events": of("DrugEra", 10), "from": 0, "to": 0},
             "bleed": {"is": "present", "events": of("ConditionOccurrence", BLEED), "from": 1}},
            {"celecoxib": YES, "bleed": YES}, {"t": {"kind": "table", "by": ["celecoxib", "bleed"]}}, sets)
        cells = self.cells(result["t"])
        self.assertEqual([[1118084, cells["1", "1"], cells["1", "0"]], [1124300, cells["0", "1"], cells["0", "0"]]],
                         self.rows("two_by_two_first_nsaid_vs_bleed"))

    def test_incidence_after_a_drug(self):
        for drug, persons, events, days in self.rows("incidence_rate_gi_bleed_after_first_nsaid"):
            result = self.run_cohort(
                f"drug-{drug}", {"events": of("DrugEra", 10, First=True)},
                {"days": {"is": "days_at_risk"}, "bleed": {"is": "outcome"}},
                {"days": number(0, DAYS), "bleed": {"type": "event", "event": [1], "censored": [0]}},
                {"rate": {"kind": "rate", "time": "days", "outcome": "bleed"}}, [*self.sets, concepts(10, drug)],
                time_at_risk={"outcome": of("ConditionOccurrence", BLEED)})
            group = result["rate"]["groups"][0]
            self.assertEqual([group["n"], group["events"], group["person_time"]], [persons, events, days])

    def by_year(self, name, first, feature, kind, **at_risk):
        years = [str(year) for year in range(first, 2019)]
        features = {"year": {"is": "index_year"}, "sex": {"is": "sex"}, "case": feature, "days": {"is": "days_at_risk"}}
        columns = {"year": category(*years), "sex": category("8507", "8532", missing=[""]), "case": YES, "days": number(0, 366)}
        entry = {"kind": kind, "outcome": "case", "positive": ["1"], "by": ["year", "sex"]}
        if kind == "rate":
            entry["time"] = "days"
        result = self.run_cohort(name, {"events": {"ObservationPeriod": {}}}, features, columns, {"cases": entry}, self.sets,
                                 time_at_risk={"during_cohort": True, "years": {"from": first, "to": 2018}, **at_risk})
        return result["cases"]["groups"]

    def test_incidence_and_prevalence_by_calendar_year_and_sex(self):
        bleed, sinusitis = of("ConditionOccurrence", BLEED), of("ConditionOccurrence", SINUSITIS)
        incidence = self.by_year("incidence", 1980, {"is": "outcome"}, "rate", outcome=bleed)
        present = {"is": "present", "events": sinusitis, "during_cohort": True}
        prevalence = self.by_year("prevalence", 1990, present, "prevalence")
        for groups, entry in ((incidence, "incidence_gi_bleed_by_year_and_sex"),
                              (prevalence, "prevalence_viral_sinusitis_by_year_and_sex")):
            self.assertEqual([[*(int(code) for code in group["group"].split(", ")), group["n"], group["events"]]
                              for group in groups], self.rows(entry))
        self.assertTrue(all(group["person_time"] <= 366 * group["n"] for group in incidence))

    def test_conditions_per_year(self):
        years = [int(year) for year, _ in self.rows("conditions_per_year")]
        columns = {"year": number(1900, 2100)}
        data = {"cohort": {"events": {"ConditionOccurrence": {}}}, "features": {"year": {"is": "index_year"}}, "columns": columns,
                "where": "year >= 1970"}
        result = self.run_study("years", columns, {"n": {"kind": "histogram", "column": "year",
                                                         "breaks": [*years, years[-1] + 1]}}, minimum=1,
                                records=self.records, extra={"data": data})
        self.assertEqual(result["n"]["groups"][0]["counts"], [n for _, n in self.rows("conditions_per_year")])

    def test_stays_and_readmissions(self):
        sets = [concepts(0, 9201)]
        stay = of("VisitOccurrence", 0)
        result = self.run_cohort(
            "stays", {"events": stay}, {"days": {"is": "cohort_days"}, "back": {"is": "readmission", "events": stay}},
            {"days": number(0, 1000), "back": category("0", "1", missing=[""])},
            {"days": {"kind": "describe", "column": "days"}, "most": {"kind": "quantiles", "column": "days", "probabilities": [1]},
             "back": {"kind": "proportion", "outcome": "back", "positive": ["1"]}}, sets)
        group = result["days"]["groups"][0]
        visits, _, days, most = self.rows("inpatient_visits_and_los")[0]
        self.assertEqual([group["n"], self.whole(group["mean"] * group["n"]), result["most"]["groups"][0]["quantiles"][0]],
                         [visits, days, most])
        self.assertEqual(result["back"]["groups"][0]["events"], self.rows("readmission_30d")[0][0])

    def test_time_to_event(self):
        cohort = {"sql": """
            WITH n AS (SELECT person_id, drug_concept_id, drug_era_start_date AS s, row_number() OVER (PARTITION BY person_id
                         ORDER BY drug_era_start_date, drug_concept_id) AS k FROM drug_era WHERE drug_concept_id IN (1118084, 1124300)),
                 e AS (SELECT person_id, min(condition_start_date) AS d FROM condition_occurrence
                       WHERE condition_concept_id = 192671 GROUP BY person_id)
            SELECT n.person_id AS subject_id, n.s AS cohort_start_date,
                   CASE WHEN e.d > n.s AND e.d <= o.observation_period_end_date THEN e.d ELSE o.observation_period_end_date END
                     AS cohort_end_date
            FROM n JOIN observation_period o ON o.person_id = n.person_id LEFT JOIN e ON e.person_id = n.person_id
            WHERE n.k = 1"""}
        result = self.run_cohort(
            "time", cohort,
            {"days": {"is": "cohort_days"}, "drug": {"is": "present", "events": of("DrugEra", 10), "from": 0, "to": 0},
             "bleed": {"is": "present", "events": of("ConditionOccurrence", BLEED), "from": 0, "to": 0, "since": "end"}},
            {"days": number(-DAYS, DAYS), "drug": YES, "bleed": YES},
            {"days": {"kind": "describe", "column": "days", "by": "drug"},
             "events": {"kind": "describe", "column": "days", "by": ["drug", "bleed"]},
             "ends": {"kind": "quantiles", "column": "days", "by": "drug", "probabilities": [0, 1]}},
            [*self.sets, concepts(10, 1118084)])

        def total(groups, code):
            group = next(group for group in groups if group["group"] == code)
            return group["n"], self.whole(group["mean"] * group["n"])

        found = []
        for drug, code in ((1118084, "1"), (1124300, "0")):
            n, days = total(result["days"]["groups"], code)
            events, until = total(result["events"]["groups"], f"{code}, 1")
            ends = next(group for group in result["ends"]["groups"] if group["group"] == code)["quantiles"]
            found.append([drug, n, events, days, *ends, until])
        self.assertEqual(found, self.rows("time_to_event_first_nsaid_summary"))

    def test_a_funnel_and_a_definition_of_atlas(self):
        definition = json.loads((REPOSITORY / "tests/cohorts/01_first_condition.json").read_text())
        definition["InclusionRules"] = [
            {"name": "women", "expression": {"Type": "ALL", "DemographicCriteriaList": [{"Gender": [{"CONCEPT_ID": 8532}]}]}},
            {"name": "older than 31", "expression": {"Type": "ALL", "DemographicCriteriaList": [{"Age": {"Op": "gt", "Value": 31}}]}},
            {"name": "40 or older", "expression": {"Type": "ALL", "DemographicCriteriaList": [{"Age": {"Op": "gte", "Value": 40}}]}},
        ]
        columns = {"step": {"type": "category", "levels": "steps"}, "sex": category("8507", "8532"), "age": number(0, 120)}
        result = self.run_cohort(
            "funnel", definition, {"step": {"is": "steps"}, "sex": {"is": "sex"}, "age": {"is": "age"}}, columns,
            {"f": {"kind": "funnel", "column": "step"}, "sex": {"kind": "table", "by": ["sex"]},
             "age": {"kind": "describe", "column": "age"}}, minimum=11, members="entry")
        men, women = self.cells(result["sex"]).values()
        ages = self.rows("age_at_first_gi_bleed")
        self.assertEqual(men + women, sum(n for _, n in ages))
        self.assertAlmostEqual(result["age"]["groups"][0]["mean"], sum(age * n for age, n in ages) / (men + women), places=9)
        steps = result["f"]["steps"]
        self.assertEqual([step["label"] for step in steps], ["entry events", "women", "older than 31", "40 or older", "final cohort"])
        self.assertEqual([step["n"] for step in steps[:3]], [479, women, women])  # nobody is younger than 32
        self.assertEqual([step["lost"] for step in steps[:3]], [None, men, 0])
        self.assertEqual(steps[3]["n"], steps[4]["n"])


if __name__ == "__main__":
    unittest.main()
