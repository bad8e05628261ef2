// What one record becomes, what a newer one changes, and what is refused, on hand-written resources.
#include <fmt/format.h>

#include <functional>

#include "omop/fhir.h"
#include "omop/testing/golden.h"
#include "omop/vocabulary.h"

namespace cohortium::omop {
namespace {

constexpr const char* kPatient =
    R"({"resourceType":"Patient","id":"p1","gender":"female","birthDate":"1970-02-28","deceasedDateTime":"2020-05-04"})";

std::string condition(const std::string& id, const std::string& code, const std::string& more) {
  return fmt::format(R"({{"resourceType":"Condition","id":"{}","subject":{{"reference":"Patient/p1"}},)"
                     R"("code":{{"coding":[{{"system":"http://snomed.info/sct","code":"{}"}}]}}{}}})",
                     id, code, more);
}

class LoaderTest : public ::testing::Test {
 protected:
  // Loads the lines as one file of any types.
  Summary load(const std::vector<std::string>& lines, const std::string& name = "all.ndjson") {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    folder_.write(name, text);
    Loader loader(store_);
    load_fhir(loader, folder_.path() / name, {.line_bytes = 100'000}, [](const Progress&) {});
    loader.finish();
    EXPECT_TRUE(loader.summary().accounts_for_all());
    return loader.summary();
  }
  std::vector<std::string> rows(const std::string& sql) { return rows_of(store_, sql); }
  using Rows = std::vector<std::string>;

  data::TestFolder folder_;
  Store store_{folder_.path() / "omop.duckdb"};
};

TEST_F(LoaderTest, OneOfEachKind) {
  const Summary summary = load(
      {condition("c1", "44054006",
                 R"(,"onsetDateTime":"2010-06-19T23:30:00-05:00","encounter":{"reference":"Encounter/e1"})"),
       R"({"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"IMP"},"subject":{"reference":"Patient/p1"},"period":{"start":"2010-06-18","end":"2010-06-21T10:00:00Z"},"serviceProvider":{"reference":"Organization/o1"}})",
       R"({"resourceType":"Organization","id":"o1","name":"St. Mary","address":[{"city":"Bern"}]})",
       R"({"resourceType":"Observation","id":"b1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"urn:uuid:p1"},"effectiveDateTime":"2010-06-19","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120.5,"unit":"mmHg","code":"mm[Hg]","comparator":"<"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":80}}]})",
       R"({"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","medicationReference":{"reference":"Medication/x"},"subject":{"reference":"Patient/p1"},"authoredOn":"2010-06-20","dispenseRequest":{"expectedSupplyDuration":{"value":30,"code":"d"},"quantity":{"value":60},"numberOfRepeatsAllowed":2}})",
       R"({"resourceType":"Medication","id":"x","code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"314076"}]}})",
       R"({"resourceType":"Immunization","id":"i1","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"140"}]},"patient":{"reference":"Patient/p1"},"occurrenceDateTime":"2011"})",
       R"({"resourceType":"Procedure","id":"r1","status":"completed","code":{"text":"appendectomy"},"subject":{"reference":"Patient/p1"},"performedPeriod":{"start":"2012-01-01","end":"2012-01-02"}})",
       R"({"resourceType":"Claim","id":"z"})", kPatient});
  EXPECT_EQ(summary.read, 10);
  EXPECT_EQ(summary.mapped(), 9);
  EXPECT_EQ(summary.not_mapped, (Counts{{"Claim", 1}}));
  EXPECT_EQ(summary.notes, (Counts{{"partial_date", 1}}));
  EXPECT_EQ(
      rows("SELECT year_of_birth, month_of_birth, day_of_birth, gender_concept_id, person_source_value FROM person"),
      Rows{"1970|2|28|8532|p1"});
  EXPECT_EQ(rows("SELECT death_date FROM death"), Rows{"2020-05-04"});
  EXPECT_EQ(
      rows("SELECT visit_concept_id, visit_start_date, visit_start_datetime, visit_end_datetime, care_site_name, city "
           "FROM visit_occurrence JOIN care_site USING (care_site_id) JOIN location USING (location_id)"),
      Rows{"9201|2010-06-18|NULL|2010-06-21 10:00:00|St. Mary|Bern"});
  // The local day and time, not those of UTC; the offset is kept beside them.
  EXPECT_EQ(rows("SELECT condition_start_date, condition_start_datetime, condition_concept_id, condition_source_value, "
                 "c.visit_occurrence_id = v.visit_occurrence_id, utc_offset_minutes FROM condition_occurrence c, "
                 "visit_occurrence v, cohortium_row r WHERE r.row_id = condition_occurrence_id"),
            Rows{"2010-06-19|2010-06-19 23:30:00|0|44054006|true|-300"});
  EXPECT_EQ(
      rows("SELECT measurement_source_value, value_as_number, unit_source_value, operator_concept_id FROM measurement "
           "ORDER BY 1"),
      (Rows{"8462-4|80.0|NULL|NULL", "8480-6|120.5|mm[Hg]|4171756"}));
  EXPECT_EQ(
      rows(
          "SELECT drug_source_value, drug_exposure_start_date, drug_exposure_end_date, quantity, days_supply, refills, "
          "drug_type_concept_id FROM drug_exposure ORDER BY 1"),
      (Rows{"140|2011-01-01|2011-01-01|NULL|NULL|NULL|32818", "314076|2010-06-20|2010-07-19|60.0|30|2|32838"}));
  EXPECT_EQ(rows("SELECT procedure_source_value, procedure_date, procedure_end_date FROM procedure_occurrence"),
            Rows{"appendectomy|2012-01-01|2012-01-02"});
  EXPECT_EQ(rows("SELECT observation_period_start_date, observation_period_end_date FROM observation_period"),
            Rows{"2010-06-18|2012-01-02"});
}

TEST_F(LoaderTest, ANewerVersionReplacesAnOlderOneDoesNot) {
  const auto version = [](const char* day, const char* code) {
    return condition("c1", code,
                     fmt::format(R"(,"onsetDateTime":"2010-06-19","meta":{{"lastUpdated":"{}T00:00:00Z"}})", day));
  };
  load({kPatient, version("2020-01-02", "1")});
  EXPECT_EQ(load({version("2020-01-03", "2")}).total("replaced"), 1);
  EXPECT_EQ(rows("SELECT condition_source_value FROM condition_occurrence"), Rows{"2"});
  EXPECT_EQ(load({version("2020-01-01", "3")}).total("outdated"), 1);
  EXPECT_EQ(rows("SELECT condition_source_value FROM condition_occurrence"), Rows{"2"});
  // Two versions in one file: the later one stays, whatever their order.
  load({version("2020-01-05", "5"), version("2020-01-04", "4")});
  EXPECT_EQ(rows("SELECT condition_source_value FROM condition_occurrence"), Rows{"5"});
}

TEST_F(LoaderTest, WhatWasEnteredInErrorGoesAway) {
  load({kPatient, condition("c1", "1", R"(,"onsetDateTime":"2010-06-19")")});
  const Summary summary =
      load({condition("c1", "1", R"(,"verificationStatus":{"coding":[{"code":"entered-in-error"}]})")}, "later.ndjson");
  EXPECT_EQ(summary.reasons, (Counts{{"entered_in_error", 1}}));
  EXPECT_EQ(rows("FROM condition_occurrence"), Rows{});
  EXPECT_EQ(rows("FROM observation_period"), Rows{});
}

TEST_F(LoaderTest, ARecordWhosePatientComesLaterIsRejectedAndThenMapped) {
  const std::string line = condition("c1", "1", R"(,"onsetDateTime":"2010-06-19")");
  EXPECT_EQ(load({line}).reasons, (Counts{{"unknown_patient", 1}}));
  EXPECT_EQ(rows("SELECT line, kind, id, reason, raw FROM cohortium_reject"),
            Rows{"1|Condition|c1|unknown_patient|" + line});
  load({kPatient}, "patient.ndjson");
  EXPECT_EQ(load({line}).total("new"), 1);
  EXPECT_EQ(rows("FROM cohortium_reject"), Rows{});
}

TEST_F(LoaderTest, EveryFaultHasItsReason) {
  const std::pair<std::string, const char*> faults[] = {
      {"{", "bad_json"},
      {"[1]", "not_a_resource"},
      {R"({"resourceType":"Wizard","id":"1"})", "unknown_resource_type"},
      {R"({"resourceType":"Patient","id":"a/b","birthDate":"1970"})", "bad_id"},
      {R"({"resourceType":"Patient","id":"p2"})", "birth_date_missing"},
      {R"({"resourceType":"Patient","id":"p2","birthDate":"1970-02-30"})", "bad_date"},
      {R"({"resourceType":"Patient","id":"p2","id":"p3","birthDate":"1970"})", "duplicate_name"},
      {R"({"resourceType":"Patient","id":"p2","birthDate":1970})", "wrong_type"},
      {"{\"resourceType\":\"Patient\",\"id\":\"p\xff\"}", "invalid_utf8"},
      {std::string(5000, '[') + std::string(5000, ']'), "nested_too_deep"},
      {std::string(200'000, ' ') + "{}", "line_too_long"},
      {R"({"resourceType":"Patient","id":"p2","multipleBirthInteger":1e999})", "number_out_of_range"},
      {condition("c2", "", R"(,"onsetDateTime":"2010")"), "code_missing"},
      {condition("c2", "1", ""), "date_missing"},
      {condition("c2", "1", R"(,"onsetDateTime":"2010-02-01","abatementDateTime":"2010-01-01")"), "end_before_start"},
      {R"({"resourceType":"Condition","id":"c3"})", "patient_missing"},
      {R"({"resourceType":"Condition","id":"c3","subject":{"reference":"Group/1"}})", "subject_is_no_patient"},
      {R"({"resourceType":"Procedure","id":"r","status":"not-done","subject":{"reference":"Patient/p1"}})", "not_done"},
      {R"({"resourceType":"MedicationRequest","id":"m","subject":{"reference":"Patient/p1"},"authoredOn":"2010","medicationReference":{"reference":"Medication/none"}})",
       "unknown_medication"}};
  for (const auto& [line, reason] : faults) {
    const Summary summary = load({kPatient, line});
    EXPECT_EQ(summary.read, 2) << reason;
    EXPECT_EQ(summary.reasons, (Counts{{reason, 1}})) << line.substr(0, 100);
    EXPECT_EQ(rows("SELECT line, reason FROM cohortium_reject"), Rows{fmt::format("2|{}", reason)});
  }
}

TEST_F(LoaderTest, IdsThatCollideAreRefusedNotMixedUp) {
  store_.database().execute("CREATE OR REPLACE MACRO cohortium_id(key) AS 17::BIGINT");
  const Summary summary = load({kPatient, R"({"resourceType":"Patient","id":"p2","birthDate":"1970"})"});
  EXPECT_EQ(summary.reasons, (Counts{{"id_collision", 2}}));
  EXPECT_EQ(rows("FROM person"), Rows{});
  load({kPatient});
  EXPECT_EQ(load({R"({"resourceType":"Patient","id":"p2","birthDate":"1970"})"}).reasons,
            (Counts{{"id_collision", 1}}));
  EXPECT_EQ(rows("SELECT person_source_value FROM person"), Rows{"p1"});
}

TEST_F(LoaderTest, CodesMapThroughTheVocabularyAndTheSitesOwnMap) {
  const std::string lines[] = {
      kPatient, condition("c1", "44054006", R"(,"onsetDateTime":"2010-01-01")"),
      condition("c2", "160903007", R"(,"onsetDateTime":"2010-01-01")"),  // a finding whose domain is Observation
      R"({"resourceType":"Condition","id":"c3","subject":{"reference":"Patient/p1"},"onsetDateTime":"2010","code":{"coding":[{"system":"urn:local","code":"DM"},{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E11.9"}]}})",
      R"({"resourceType":"Condition","id":"c4","subject":{"reference":"Patient/p1"},"onsetDateTime":"2010","code":{"coding":[{"system":"urn:local","code":"HT"}]}})"};
  load({std::begin(lines), std::end(lines)});
  EXPECT_EQ(rows("SELECT DISTINCT condition_concept_id FROM condition_occurrence"), Rows{"0"});
  EXPECT_EQ(rows("SELECT system, code, rows FROM cohortium_unmapped ORDER BY 1, 2"),
            (Rows{"http://snomed.info/sct|160903007|1", "http://snomed.info/sct|44054006|1", "urn:local|DM|1",
                  "urn:local|HT|1"}));
  const auto folder = folder_.path() / "vocabulary";
  std::filesystem::create_directory(folder);
  folder_.write("vocabulary/CONCEPT.csv",
                "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tstandard_concept\tconcept_code\t"
                "valid_start_date\tvalid_end_date\tinvalid_reason\n"
                "201826\tType 2 \"diabetes\"\tCondition\tSNOMED\tDisorder\tS\t44054006\t19700101\t20991231\t\n"
                "4059317\tFull-time employment\tObservation\tSNOMED\tFinding\tS\t160903007\t19700101\t20991231\t\n"
                "35206882\tE11.9\tCondition\tICD10CM\tcode\t\tE11.9\t19700101\t20991231\t\n"
                "316866\tHypertension\tCondition\tSNOMED\tDisorder\tS\t38341003\t19700101\t20991231\t\n");
  folder_.write("vocabulary/concept_relationship.csv",
                "concept_id_1,concept_id_2,relationship_id,valid_start_date,valid_end_date,invalid_reason\n"
                "35206882,201826,Maps to,1970-01-01,2099-12-31,\n35206882,316866,Maps to,1970-01-01,2099-12-31,D\n");
  folder_.write("vocabulary/source_to_concept_map.csv",
                "source_code,source_vocabulary_id,target_concept_id\nHT,urn:local,316866\n");
  // A database has one writer: hand it over for the vocabulary.
  const auto path = folder_.path() / "second.duckdb";
  {
    Store second(path, Store::OtherFiles::kReadable);
    EXPECT_EQ(load_vocabulary(second, folder),
              (Counts{{"concept", 4}, {"concept_relationship", 2}, {"source_to_concept_map", 1}}));
  }
  Store second(path);
  Loader loader(second);
  load_fhir(loader, folder_.path() / "all.ndjson", {}, [](const Progress&) {});
  loader.finish();
  EXPECT_EQ(rows_of(second,
                    "SELECT condition_source_value, condition_concept_id, condition_source_concept_id FROM "
                    "condition_occurrence ORDER BY 1"),
            (Rows{"44054006|201826|201826", "E11.9|201826|35206882", "HT|316866|0"}));
  EXPECT_EQ(rows_of(second, "SELECT observation_source_value, observation_concept_id FROM observation"),
            Rows{"160903007|4059317"});
  EXPECT_EQ(rows_of(second, "FROM cohortium_unmapped"), Rows{});
}

TEST_F(LoaderTest, AStoreOfSomebodyElseIsLeftAlone) {
  const auto path = folder_.path() / "theirs.duckdb";
  { data::Database(path, data::Database::Access::kWritable, {}).execute("CREATE TABLE person (id INTEGER)"); }
  EXPECT_EQ(data::error_of([&] { Store store(path); }).code, "omop.not_ours");
  folder_.write("text.duckdb", "not a database, but long enough to be mistaken for one");
  EXPECT_EQ(data::error_of([&] { Store store(folder_.path() / "text.duckdb"); }).code, "omop.cannot_open");
}

}  // namespace
}  // namespace cohortium::omop
