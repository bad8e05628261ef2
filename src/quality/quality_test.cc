#include <gtest/gtest.h>

#include <algorithm>

#include "data/test_folder.h"
#include "quality/gate.h"

namespace cohortium::quality {
namespace {

using Names = std::vector<std::string>;
constexpr const char* today = "2024-06-30";

// A common data model of two persons in which no check finds anything.
const std::map<std::string, std::string>& clean_tables() {
  static const std::map<std::string, std::string> tables = {
      {"person",
       "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,race_concept_id,ethnicity_concept_id\n"
       "1,8507,1950,5,17,8527,38003564\n"
       "9007199254740993,8532,1980,,,8527,38003564\n"},
      {"observation_period",
       "observation_period_id,person_id,observation_period_start_date,observation_period_end_date,"
       "period_type_concept_id\n"
       "1,1,2000-01-01,2020-12-31,44814724\n"
       "2,9007199254740993,2000-01-01,2023-12-31,44814724\n"},
      {"visit_occurrence",
       "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date,visit_type_concept_id\n"
       "11,1,9201,2010-01-01,2010-01-03,44818517\n"
       "12,9007199254740993,9201,2011-01-01,2011-01-03,44818517\n"},
      {"visit_detail",
       "visit_detail_id,person_id,visit_detail_concept_id,visit_detail_start_date,visit_detail_end_date,"
       "visit_occurrence_id\n"
       "21,1,9201,2010-01-01,2010-01-03,11\n"},
      {"condition_occurrence",
       "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_end_date,"
       "condition_type_concept_id,visit_occurrence_id\n"
       "31,1,192671,2010-01-02,,32020,11\n"
       "32,9007199254740993,192671,2011-01-02,2011-01-03,32020,0\n"},
      {"drug_exposure",
       "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,"
       "drug_type_concept_id,refills,quantity,days_supply,visit_occurrence_id\n"
       "41,1,1118084,2010-01-01,2010-01-20,581452,0,20.5,20,11\n"},
      {"procedure_occurrence",
       "procedure_occurrence_id,person_id,procedure_concept_id,procedure_date,procedure_type_concept_id,"
       "visit_occurrence_id\n"
       "51,1,4107731,2010-01-02,38000275,11\n"},
      {"device_exposure",
       "device_exposure_id,person_id,device_concept_id,device_exposure_start_date,device_exposure_end_date,"
       "device_type_concept_id,visit_occurrence_id\n"
       "61,1,4222966,2010-01-02,2010-01-03,44818707,11\n"},
      {"measurement",
       "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_type_concept_id,value_as_number,"
       "value_as_concept_id,unit_concept_id,visit_occurrence_id\n"
       "71,1,3004249,2010-01-02,5001,120,0,8876,11\n"
       "72,1,3004249,2010-01-03,5001,121.5,0,8876,11\n"},
      {"observation",
       "observation_id,person_id,observation_concept_id,observation_date,observation_type_concept_id,"
       "visit_occurrence_id\n"
       "81,1,4275495,2010-01-02,38000280,11\n"},
      {"death", "person_id,death_date\n1,2020-11-30\n"},
      {"condition_era",
       "condition_era_id,person_id,condition_concept_id,condition_era_start_date,condition_era_end_date,"
       "condition_occurrence_count\n"
       "91,1,192671,2010-01-02,2010-01-02,1\n"},
      {"drug_era",
       "drug_era_id,person_id,drug_concept_id,drug_era_start_date,drug_era_end_date,drug_exposure_count,gap_days\n"
       "95,1,1118084,2010-01-01,2010-01-20,1,0\n"},
      {"cdm_source", "cdm_source_name,cdm_version,vocabulary_version\ntest,5.4,v5.0 31-AUG-23\n"},
      {"concept",
       "concept_id,concept_name,domain_id,standard_concept,invalid_reason\n"
       "8507,MALE,Gender,S,\n8532,FEMALE,Gender,S,\n8527,White,Race,S,\n38003564,Not Hispanic,Ethnicity,S,\n"
       "44814724,Period,Type Concept,S,\n9201,Inpatient,Visit,S,\n44818517,Visit,Type Concept,S,\n"
       "192671,Bleeding,Condition,S,\n32020,EHR,Type Concept,S,\n1118084,celecoxib,Drug,S,\n"
       "581452,Dispensed,Type Concept,S,\n4107731,Angiogram,Procedure,S,\n38000275,EHR,Type Concept,S,\n"
       "4222966,Wheelchair,Device,S,\n44818707,EHR,Type Concept,S,\n3004249,Systolic,Measurement,S,\n"
       "5001,Test,Type Concept,S,\n8876,mm[Hg],Unit,S,\n4275495,Tobacco,Observation,S,\n"
       "38000280,EHR,Type Concept,S,\n35208414,K92.2,Condition,,\n4999999,Old bleeding,Condition,S,D\n"},
  };
  return tables;
}

// Every check as strict as it can be.
Thresholds strict() {
  Thresholds thresholds;
  for (const Kind& kind : kinds()) thresholds[std::string(kind.name)] = 0;
  return thresholds;
}

class CdmTest : public testing::Test {
 protected:
  CdmTest() {
    for (const auto& [name, text] : clean_tables()) folder.write(name + ".csv", text);
  }
  std::unique_ptr<data::Source> open() const { return data::open_source({.path = folder.path()}); }
  std::vector<Outcome> outcomes(const Rules& rules = {.thresholds = strict()}, const Names& tables = {}) const {
    const auto source = open();
    return run_checks(*source, cdm_checks(*source, rules, today, tables), rules.thresholds);
  }
  // Writes the table with `from` replaced by `to`, its first occurrence.
  void replace(const std::string& table, const std::string& from, const std::string& to) {
    std::string text = clean_tables().at(table);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << table << ": " << from;
    folder.write(table + ".csv", text.replace(at, from.size(), to));
  }
  data::TestFolder folder;
};

Names failed(const std::vector<Outcome>& outcomes) {
  Names names;
  for (const Outcome& outcome : outcomes) {
    if (outcome.verdict == Verdict::kFailed) names.push_back(outcome.check.id);
  }
  return names;
}

const Outcome& named(const std::vector<Outcome>& outcomes, const std::string& id) {
  const auto found = std::find_if(outcomes.begin(), outcomes.end(), [&](const Outcome& o) { return o.check.id == id; });
  if (found == outcomes.end()) throw std::runtime_error("no check " + id);
  return *found;
}

TEST_F(CdmTest, CleanTablesPassEveryCheckAndEveryCheckIsRun) {
  const auto all = outcomes();
  EXPECT_EQ(failed(all), Names{});
  std::map<std::string, int> names;
  for (const Outcome& outcome : all) {
    EXPECT_EQ(outcome.check.not_run, "") << outcome.check.id;
    EXPECT_EQ(++names[outcome.check.id], 1) << outcome.check.id;
    EXPECT_TRUE(is_threshold_name(outcome.check.id)) << outcome.check.id;
    EXPECT_EQ(outcome.check.id.substr(outcome.check.id.rfind('.') + 1), outcome.check.kind->name);
  }
  EXPECT_GT(all.size(), 200u);
  // 64-bit ids are told apart.
  EXPECT_EQ(named(all, "person.person_id.key").looked, 2);
}

struct Fault {
  const char *check, *table, *from, *to;
};

// One fault each; exactly the named check finds it.
constexpr Fault faults[] = {
    {"person.person_id.required", "person", "\n9007", "\n,8532,1980,,,8527,38003564\n9007"},
    {"person.person_id.key", "person", "\n9007", "\n1,8532,1980,,,8527,38003564\n9007"},
    {"person.gender_concept_id.required", "person", "1,8507", "1,"},
    {"person.gender_concept_id.concept", "person", "1,8507", "1,8551"},
    {"person.gender_concept_id.domain", "person", "1,8507", "1,8527"},
    {"person.year_of_birth.type", "person", "8532,1980", "8532,none"},
    {"person.year_of_birth.range", "person", "8532,1980", "8532,1080"},
    {"person.month_of_birth.range", "person", "1950,5,17", "1950,13,17"},
    {"person.day_of_birth.range", "person", "1950,5,17", "1950,5,0"},
    {"person.person_id.period", "person", "\n9007", "\n2,8532,1980,,,8527,38003564\n9007"},
    {"observation_period.person_id.reference", "observation_period", "2,9007",
     "3,17,2000-01-01,2023-12-31,44814724\n2,9007"},
    {"observation_period.observation_period_end_date.order", "observation_period", "2,9007",
     "3,1,2003-01-01,2002-12-31,44814724\n2,9007"},
    {"observation_period.observation_period_end_date.future", "observation_period", "2023-12-31", "2024-07-01"},
    {"observation_period.observation_period_start_date.birth", "observation_period", "2,9007",
     "3,1,1950-05-16,1960-01-01,44814724\n2,9007"},
    {"procedure_occurrence.procedure_concept_id.standard", "concept", "Procedure,S,", "Procedure,,"},
    {"visit_detail.visit_occurrence_id.reference", "visit_detail", "2010-01-03,11", "2010-01-03,13"},
    {"visit_detail.visit_detail_end_date.order", "visit_detail", "2010-01-03,11", "2009-12-31,11"},
    {"condition_occurrence.condition_concept_id.standard", "condition_occurrence", "31,1,192671", "31,1,35208414"},
    {"condition_occurrence.condition_concept_id.standard", "condition_occurrence", "31,1,192671", "31,1,4999999"},
    {"condition_occurrence.condition_concept_id.mapped", "condition_occurrence", "31,1,192671", "31,1,0"},
    {"condition_occurrence.condition_concept_id.domain", "condition_occurrence", "31,1,192671", "31,1,1118084"},
    {"condition_occurrence.visit_occurrence_id.reference", "condition_occurrence", "32020,11", "32020,13"},
    {"condition_occurrence.duplicate", "condition_occurrence", "\n32", "\n33,1,192671,2010-01-02,,32020,11\n32"},
    {"condition_occurrence.condition_start_date.in_period", "condition_occurrence", "192671,2011-01-02,2011-01-03",
     "192671,1999-12-31,2011-01-03"},
    {"condition_occurrence.condition_start_date.type", "condition_occurrence", "192671,2010-01-02",
     "192671,02.01.2010"},
    {"condition_occurrence.condition_end_date.future", "condition_occurrence", "2011-01-03,32020", "2031-01-03,32020"},
    {"drug_exposure.refills.range", "drug_exposure", ",0,20.5,20", ",-1,20.5,20"},
    {"drug_exposure.quantity.range", "drug_exposure", ",0,20.5,20", ",0,-0.5,20"},
    {"drug_exposure.days_supply.range", "drug_exposure", ",0,20.5,20", ",0,20.5,1096"},
    {"procedure_occurrence.procedure_date.required", "procedure_occurrence", "4107731,2010-01-02", "4107731,"},
    {"device_exposure.device_concept_id.concept", "device_exposure", "4222966", "4222967"},
    {"measurement.value_as_number.value", "measurement", "121.5,0,8876", ",0,8876"},
    {"measurement.unit_concept_id.unit", "measurement", "121.5,0,8876", "121.5,0,0"},
    {"measurement.value_as_number.3004249_8876.range", "measurement", "121.5", "1215"},
    {"measurement.measurement_id.key", "measurement", "72,1,3004249", "71,1,3004249"},
    {"measurement.measurement_type_concept_id.column", "measurement", "measurement_type_concept_id", "type"},
    {"observation.observation_concept_id.mapped", "observation", "4275495", "0"},
    {"death.person_id.reference", "death", "1,2020-11-30", "1,2020-11-30\n17,2020-11-30"},
    {"condition_era.condition_occurrence_count.range", "condition_era", "01-02,1", "01-02,0"},
    {"drug_era.gap_days.range", "drug_era", ",1,0", ",1,-1"},
    {"cdm_source.cdm_source_name.required", "cdm_source", "test,", ","},
};

TEST_F(CdmTest, EveryFaultIsFoundByItsCheckAlone) {
  for (const Fault& fault : faults) {
    replace(fault.table, fault.from, fault.to);
    const std::string table = fault.table;
    const bool read_by_all = table == "person" || table == "concept";
    const auto found = outcomes({.thresholds = strict()}, read_by_all ? Names{} : Names{table, "person"});
    EXPECT_EQ(failed(found), Names{fault.check}) << fault.to;
    folder.write(fault.table + std::string(".csv"), clean_tables().at(fault.table));
  }
}

TEST_F(CdmTest, MissingTablesFailAndWhatNeedsThemIsNotRun) {
  std::filesystem::remove(folder.path() / "visit_occurrence.csv");
  const auto all = outcomes();
  EXPECT_EQ(failed(all), Names{"visit_occurrence.table"});
  const Outcome& reference = named(all, "visit_detail.visit_occurrence_id.reference");
  EXPECT_EQ(reference.verdict, Verdict::kNotRun);
  EXPECT_EQ(reference.check.not_run, "the source has no visit_occurrence.visit_occurrence_id");
  // A study that does not read the table is not concerned.
  EXPECT_EQ(failed(outcomes({.thresholds = strict()}, {"measurement"})), Names{});
}

TEST_F(CdmTest, ThresholdsAreSharesByCheckThenByKind) {
  replace("measurement", "121.5,0,8876", "121.5,0,0");
  Rules rules;
  const auto fails = [&] { return failed(outcomes(rules, {"measurement"})); };
  const std::string id = "measurement.unit_concept_id.unit";
  EXPECT_EQ(fails(), Names{id});  // half of the rows; the default is 0.2
  rules.thresholds["unit"] = 0.5;
  EXPECT_EQ(fails(), Names{});
  rules.thresholds[id] = 0.49;
  EXPECT_EQ(fails(), Names{id});
  EXPECT_FALSE(is_threshold_name("measurement.unit_concept_id"));
  EXPECT_FALSE(is_threshold_name("measurement..unit"));
  EXPECT_FALSE(is_threshold_name("a.b.c.d.unit"));
  EXPECT_FALSE(is_threshold_name(""));
}

TEST_F(CdmTest, TheConsortiumsRangesReplaceOurs) {
  Rules rules{.thresholds = strict(), .ranges = {{3004249, 8876, 0, 121}, {3025315, 9529, 1, 100}}};
  const auto all = outcomes(rules, {"measurement"});
  EXPECT_EQ(failed(all), Names{"measurement.value_as_number.3004249_8876.range"});
  EXPECT_EQ(named(all, "measurement.value_as_number.3025315_9529.range").looked, 0);
}

TEST_F(CdmTest, NamesMayBeInUpperCase) {
  const std::string text = clean_tables().at("death");
  std::filesystem::remove(folder.path() / "death.csv");
  folder.write("DEATH.csv", "PERSON_ID,Death_Date\n17,2020-11-30\n");
  EXPECT_EQ(failed(outcomes()), Names{"death.person_id.reference"});
}

TEST_F(CdmTest, ARefusalNamesChecksAndNothingElse) {
  replace("measurement", "121.5,0,8876", "1215,0,0");
  const auto all = outcomes({.thresholds = strict()}, {"measurement"});
  const Error error = refusal("north", all);
  EXPECT_EQ(error.code, "quality.check_failed");
  EXPECT_EQ(error.message, "the records at north fail the quality gate: measurement.unit_concept_id.unit");
  std::filesystem::remove_all(folder.path());
  std::filesystem::create_directories(folder.path());
  folder.write("person.csv", "person_id\n1\n");
  EXPECT_TRUE(refusal("north", outcomes()).message.find(" more") != std::string::npos);
}

TEST_F(CdmTest, ProgressReachesItsEnd) {
  const auto source = open();
  std::vector<Progress> seen;
  run_checks(*source, cdm_checks(*source, {}, today), {}, [&](const Progress& progress) { seen.push_back(progress); });
  ASSERT_GT(seen.size(), 50u);
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_LT(seen[i - 1].done, seen[i].done);
  EXPECT_LT(seen.back().done, seen.back().total);
  EXPECT_EQ(seen.front().done, 0u);
}

TEST(FilledTest, CountsEmptyFieldsAndMissingCodesOfColumnsOfAnyTable) {
  data::TestFolder folder;
  folder.write("lung.csv", "id,weight,stage,note\n1,?,9,\n2,?,9,\n3,?,9.0,\n4,70,1,\n");
  const auto source = data::open_source({.path = folder.path()});
  EXPECT_FALSE(is_cdm(*source));
  const auto counted = [&](const DeclaredColumn& column, std::int64_t fewest = 1) {
    return run_checks(*source, filled_checks(*source, "lung", {column}, fewest), {{"filled", 0.6}}).at(0);
  };
  EXPECT_EQ(counted({"weight", {"?"}}).violated, 3);
  EXPECT_EQ(counted({"weight", {"?"}}).verdict, Verdict::kFailed);
  EXPECT_EQ(counted({"weight", {"?"}}, 4).verdict, Verdict::kPassed);  // too few people to decide
  EXPECT_EQ(counted({"weight", {"70"}}).violated, 1);
  EXPECT_EQ(counted({"stage", {"9"}}).violated, 3);
  EXPECT_EQ(counted({"stage", {"none"}}).violated, 0);
  EXPECT_EQ(counted({"note", {}}).violated, 4);
  EXPECT_EQ(filled_checks(*source, "lung", {{"age", {}}}, 1).size(), 0u);
  EXPECT_EQ(other_table_checks(*source, 1).size(), 4u);
}

}  // namespace
}  // namespace cohortium::quality
