"""docs/omop-goldens.md: how each entry of omop.json and formats.json is reproduced, or why not. Run it to print the page."""

import inspect
import re

from golden import golden

# Pattern of "set/entry", how three sites reproduce it, and the test; what is not exact says so.
OMOP = [
    ("(gibleed|mimic_demo|synthea27nj)/table_rows", "rows that each site's `cohortium source check` counts, added up; vocabulary tables are the same at every site",
     "check_table_rows"),
    ("(gibleed|mimic_demo|synthea27nj)/persons_by_gender", "`table` by `sex` over everybody", "test_people"),
    ("gibleed/persons_by_birth_decade", "`histogram` of `age` on one day over everybody", "test_people"),
    ("gibleed/persons_by_race", "`table` over the source's own table person; the one cell below 11, and the total that would tell it, are withheld at 11",
     "test_a_table_of_the_source"),
    ("gibleed/orphan_observation_periods", "`count` over a cohort in SQL", "test_a_table_of_the_source"),
    ("gibleed/(condition|drug)_persons_.*", "`histogram` (persons) and `describe` (records) of the feature `count` over everybody", "test_people"),
    ("gibleed/eunomia_reference_cohorts", "the same, of drug eras and conditions", "test_people"),
    ("(gibleed|mimic_demo)/top_(conditions|drugs)_by_persons", "the same; the concepts are named in the study, for a ranking over all codes would open rare ones", "test_people"),
    ("(mimic_demo|synthea27nj)/visits_by_concept|mimic_demo/deaths", "the same, of visits and deaths", "test_people"),
    ("gibleed/gi_bleed_after_first_.*", "`count` and `histogram` of `first_day` over first exposures", "test_days_from_drug_to_bleed"),
    ("gibleed/drug_after_condition_aspirin_after_gi_bleed", "`proportion` of `present` from day 1 and from day 0 after the first bleed", "test_at_the_first_bleed"),
    ("gibleed/drug_after_condition_acetaminophen_.*", "`count` over a cohort of events with correlated criteria, one row per person and one per episode", "test_drug_after_each_episode"),
    ("gibleed/two_by_two_first_nsaid_vs_bleed", "`table` over first drug eras", "test_the_first_nsaid"),
    ("gibleed/incidence_rate_gi_bleed_after_first_nsaid", "`rate` over `time_at_risk` from day 1 to the outcome or the end of observation", "test_incidence_after_a_drug"),
    ("gibleed/incidence_gi_bleed_by_year_and_sex", "`rate` over `time_at_risk` by calendar year and sex, with person-time besides", "test_incidence_and_prevalence"),
    ("gibleed/prevalence_viral_sinusitis_by_year_and_sex", "`prevalence` over `time_at_risk` by calendar year and sex", "test_incidence_and_prevalence"),
    ("gibleed/conditions_per_year", "`histogram` of `index_year` over a cohort of events", "test_conditions_per_year"),
    ("gibleed/age_at_first_gi_bleed", "`table` by `age` over first bleeds; the two ages below 11 are withheld at 11", "test_at_the_first_bleed"),
    ("gibleed/small_cells_condition_by_race", "`table` by `race` and `ethnicity` over first bleeds; at 11 the cell of 5 and the total that would tell it are withheld, all others equal",
     "test_at_the_first_bleed"),
    ("gibleed/inpatient_visits_and_los|mimic_demo/acute_stays_los", "`describe` and `quantiles` of `cohort_days` over a cohort of stays; the longest stay shows at a minimum of 1 only", "test_stays"),
    ("(gibleed|synthea27nj)/readmission_30d(_inpatient)?|mimic_demo/readmission_30d_by_gender", "`proportion` of `readmission` over a cohort of stays, by `sex`", "readmissions"),
    ("mimic_demo/readmission_30d_acute", "the same; those on the day of discharge, which need times of day, by `count` over a cohort in SQL", "test_readmissions_on_the_day"),
    ("gibleed/time_to_event_first_nsaid_summary", "`describe` and `quantiles` of `cohort_days` over a cohort in SQL, for it holds times that end before they begin; the shortest and longest show at a minimum of 1 only",
     "test_time_to_event"),
    ("mimic_demo/hypertension_.*", "`proportion` of `present` over first diagnoses", "test_a_drug_after_a_condition"),
    ("mimic_demo/conditions_without_concept_row", "records: `count` over a cohort in SQL. **Not** the number of different concepts: sites share sums, and one concept may occur at several",
     "test_conditions_without_a_concept"),
    ("synthea27nj/measurement_top", "`count` and `describe` over the source's own table measurement, means to 1e-9. **Not** the smallest and largest value, which are single persons'", "test_measured_numbers"),
    ("diabetes130/encounters_p.*", "`histogram` over one row per patient, as a view in the source gives it", "test_encounters_of_each_patient"),
    ("diabetes130/(readmission|mortality|primary)_.*", "`table` and `describe` over the encounters", "test_encounters"),
    (".*/note", "a remark, no result", ""),
]
FORMATS = [
    ("fhir/.*/(file|resource_types)", "names of what is read", "EveryResourceOfEveryExportIsAccountedFor"),
    ("fhir/.*/(resources|distinct_ids)", "every record is mapped, rejected or of a kind that is not mapped: `cohortium load --json`", "EveryResourceOfEveryExportIsAccountedFor"),
    ("fhir/(AllergyIntolerance|Condition|Procedure|MedicationRequest)/top_codes", "rows of the code as the source has it", "CodesAsTheSourceHasThem"),
    ("fhir/Observation/(top_codes|numeric)", "values and units of measurements", "MeasuredNumbers"),
    ("fhir/Patient/(gender|birth_year|deceased)|fhir/Encounter/class", "rows of person, death and visit_occurrence; of the complete sample also from three sites", "PeopleAndVisits"),
    ("fhir/.*/(status|clinical_status|distinct_subjects)", "**not** a column of OMOP; what it decides (entered in error, whose record it is) is tested by itself", "WhatWasEnteredInErrorGoesAway"),
    ("fhir/Patient/(with_ssn_identifier|ids_sha256)|fhir/MedicationRequest/with_medication_reference",
     "**not** reproduced: identifiers stay out of the tables; the sample has no references to medications", ""),
    ("hl7v2/.*", "header, patient and results of every message, then rows; `cohortium load --json`", "EveryPublicMessageAsTheGoldenHasIt"),
    ("fhir_pathling_resources_per_patient", "rows of each patient's visits, conditions and procedures", "RowsOfEachPatient"),
    ("fhir_pathling_eob", "**not** reproduced: bills are of a kind that is not mapped, and are counted as such", "EveryResourceOfEveryExportIsAccountedFor"),
]


def omop_entries():
    return [f"{name}/{entry}" for name, entries in golden("omop").items() if name != "meta" for entry in entries]


def formats_entries():
    found = []
    for kind, facts in golden("formats").items():
        if kind == "fhir":
            found += sorted({f"fhir/{resource}/{field}" for resources in facts.values() for resource, fields in resources.items()
                             for field in fields})
        elif kind == "hl7v2":
            found.append("hl7v2/every message")
        else:
            found.append(kind)
    return found


def rows(entries, table):
    """Each entry with the one line that is about it."""
    for entry in entries:
        lines = [line for line in table if re.fullmatch(line[0], entry)]
        if len(lines) != 1:
            raise ValueError(f"{entry}: {len(lines)} lines are about it")
        yield entry, *lines[0][1:]


def page():
    lines = ["# Results over OMOP, FHIR and HL7 v2, entry by entry", "",
             inspect.cleandoc("""
             What plain SQL gave over pooled public records (`omop.json`), and counts that were drawn from public FHIR exports and HL7 v2 messages
             (`formats.json`), with how three sites reproduce each: a folder of files, a DuckDB file and a PostgreSQL server, each with its own persons.
             Everything is equal exactly, with a minimum of 1 where the result holds smaller numbers, unless the line says otherwise.
             `ctest --test-dir build/release -R 'golden_omop|omop_test|end_to_end_load'` runs the tests; `python3 omop_page.py` in `tests/golden`
             (`PYTHONPATH=..:../end_to_end`) prints this page, and a test compares."""),
             "", "## omop.json", "| entry | how | test, of `tests/golden/omop_*_test.py` |", "| --- | --- | --- |"]
    lines += [f"| {entry} | {how} | {test and f'`{test}`'} |" for entry, how, test in rows(omop_entries(), OMOP)]
    lines += ["", "## formats.json", "| entry | how | test, of `src/omop` |", "| --- | --- | --- |"]
    lines += [f"| {entry} | {how} | {test and f'`{test}`'} |" for entry, how, test in rows(formats_entries(), FORMATS)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
