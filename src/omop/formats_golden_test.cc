// FHIR exports against counts and statistics that Python's standard library drew from the same files
// (formats.json and its script).
#include <map>
#include <memory>

#include "omop/fhir.h"
#include "omop/testing/golden.h"

namespace cohortium::omop {
namespace {

class FormatsGolden : public ::testing::Test {
 protected:
  void load(const std::string& name) { summary_ = load_into(store_, name); }
  static Summary load_into(Store& store, const std::string& name) {
    Loader loader(store);
    load_fhir(loader, shared_data() / "fhir" / name, {}, [](const Progress&) {});
    loader.finish();
    EXPECT_TRUE(loader.summary().accounts_for_all());
    return loader.summary();
  }

  data::TestFolder folder_;
  Store store_{folder_.path() / "omop.duckdb"};
  Summary summary_;
};

// The complete sample, loaded once.
class PathlingGolden : public FormatsGolden {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(shared_data())) return;
    place_ = std::make_unique<data::TestFolder>();
    pathling_ = std::make_unique<Store>(place_->path() / "omop.duckdb");
    load_into(*pathling_, "pathling");
  }
  static void TearDownTestSuite() {
    pathling_.reset();
    place_.reset();
  }
  static std::int64_t number(const std::string& sql) { return single_number(pathling_->database(), sql); }

  // Counts of the golden by name against GROUP BY.
  static void same_counts(const nlohmann::json& golden, const std::string& sql) {
    std::map<std::string, std::string> expected, found;
    for (const auto& [name, count] : golden.items()) expected[name] = count.dump();
    for (const std::string& row : rows_of(*pathling_, sql))
      found[row.substr(0, row.find('|'))] = row.substr(row.find('|') + 1);
    EXPECT_EQ(found, expected);
  }

  static std::unique_ptr<data::TestFolder> place_;
  static std::unique_ptr<Store> pathling_;
};
std::unique_ptr<data::TestFolder> PathlingGolden::place_;
std::unique_ptr<Store> PathlingGolden::pathling_;

TEST_F(FormatsGolden, EveryResourceOfEveryExportIsAccountedFor) {
  NEEDS_SHARED_DATA();
  const nlohmann::json golden = formats_golden();
  for (const auto& [name, types] : golden["fhir"].items()) {
    load(name);
    for (const auto& [type, facts] : types.items()) {
      std::int64_t counted = summary_.not_mapped[type];
      for (const auto& [outcome, count] : summary_.kinds[type]) counted += count;
      EXPECT_EQ(counted, facts["resources"].get<std::int64_t>()) << name << " " << type;
      if (!summary_.not_mapped.contains(type)) {
        EXPECT_EQ(summary_.kinds[type]["new"], facts["distinct_ids"].get<std::int64_t>()) << name << " " << type;
      }
    }
  }
}

TEST_F(PathlingGolden, PeopleAndVisits) {
  NEEDS_SHARED_DATA();
  const nlohmann::json golden = formats_golden()["fhir"]["pathling"];
  const nlohmann::json& patients = golden["Patient"];
  same_counts(patients["gender"], "SELECT gender_source_value, count(*) FROM person GROUP BY ALL");
  same_counts(patients["birth_year"], "SELECT year_of_birth, count(*) FROM person GROUP BY ALL");
  EXPECT_EQ(number("SELECT count(*) FROM death"), patients["deceased"].get<std::int64_t>());
  EXPECT_EQ(number("SELECT count(*) FROM person WHERE (gender_source_value = 'male') = (gender_concept_id = 8507)"),
            patients["resources"].get<std::int64_t>());
  same_counts(golden["Encounter"]["class"], "SELECT visit_source_value, count(*) FROM visit_occurrence GROUP BY ALL");
  same_counts({{"AMB 9202", 205}, {"EMER 9203", 10}, {"IMP 9201", 2}},
              "SELECT visit_source_value || ' ' || visit_concept_id, count(*) FROM visit_occurrence GROUP BY ALL");
}

TEST_F(PathlingGolden, RowsOfEachPatient) {
  NEEDS_SHARED_DATA();
  const nlohmann::json golden = formats_golden();
  for (const auto& [type, table] :
       {std::pair("Encounter", "visit_occurrence"), std::pair("Condition", "condition_occurrence"),
        std::pair("Procedure", "procedure_occurrence")})
    for (const auto& [patient, counts] : golden["fhir_pathling_resources_per_patient"]["patients"].items())
      EXPECT_EQ(number("SELECT count(*) FROM " + std::string(table) +
                       " JOIN person USING (person_id) WHERE person_source_value = '" + patient + "'"),
                counts.value(type, 0))
          << type << " of " << patient;
  EXPECT_EQ(number("SELECT count(*) FROM condition_occurrence WHERE visit_occurrence_id NOT IN (SELECT "
                   "visit_occurrence_id FROM visit_occurrence)"),
            0);
}

TEST_F(FormatsGolden, CodesAsTheSourceHasThem) {
  NEEDS_SHARED_DATA();
  for (const auto& name : {"pathling", "synthea10"}) {
    load(name);
    const nlohmann::json golden = formats_golden()["fhir"][name];
    for (const char* type : {"Condition", "Procedure", "MedicationRequest", "AllergyIntolerance"})
      for (const auto& code : golden[type]["top_codes"])
        EXPECT_EQ(single_number(
                      store_.database(),
                      "SELECT count(*) FROM cohortium_row JOIN cohortium_record USING (record_id) WHERE key LIKE '" +
                          std::string(type) + "/%' AND system || '|' || code = '" + code[0].get<std::string>() + "'"),
                  code[1].get<std::int64_t>())
            << code;
    store_.database().execute("DELETE FROM cohortium_row");
  }
}

TEST_F(PathlingGolden, MeasuredNumbers) {
  NEEDS_SHARED_DATA();
  std::size_t compared = 0;
  const nlohmann::json golden = formats_golden();
  for (const auto& expected : golden["fhir"]["pathling"]["Observation"]["numeric"]) {
    const std::string code = expected["code"].get<std::string>();
    data::QueryResult found = pathling_->database().query(
        "SELECT count(*), avg(value_as_number), min(value_as_number), max(value_as_number), median(value_as_number) "
        "FROM "
        "measurement WHERE value_as_number IS NOT NULL AND measurement_source_value = '" +
        code.substr(code.find('|') + 1) + "' AND unit_source_value = '" + expected["unit"].get<std::string>() + "'");
    ASSERT_TRUE(found.next());
    EXPECT_EQ(found.values<std::int64_t>(0)[0], expected["n"].get<std::int64_t>()) << expected;
    const double mean = expected["mean"].get<double>();
    EXPECT_NEAR(found.values<double>(1)[0], mean, 1e-12 * std::abs(mean)) << expected;  // sums in another order
    EXPECT_EQ(found.values<double>(2)[0], expected["min"].get<double>()) << expected;
    EXPECT_EQ(found.values<double>(3)[0], expected["max"].get<double>()) << expected;
    EXPECT_EQ(found.values<double>(4)[0], expected["median"].get<double>()) << expected;
    ++compared;
  }
  EXPECT_GE(compared, 30u);
}

TEST_F(FormatsGolden, LoadingAgainChangesNothing) {
  NEEDS_SHARED_DATA();
  load("synthea10");
  const auto before = state_of(store_);
  const auto rejects = rows_of(store_, "SELECT * FROM cohortium_reject ORDER BY ALL");
  load("synthea10");
  EXPECT_EQ(state_of(store_), before);
  EXPECT_EQ(rows_of(store_, "SELECT * FROM cohortium_reject ORDER BY ALL"), rejects);
  EXPECT_EQ(summary_.total("new") + summary_.total("replaced"), 0);
  EXPECT_EQ(rejects.size(), 4u);  // the export's own log lies beside the resources
}

// The model's own files, written by other tools, fit our tables: same names, same order.
TEST_F(FormatsGolden, ColumnsAreThoseOfTheModel) {
  NEEDS_SHARED_DATA();
  std::size_t compared = 0;
  for (const char* table :
       {"person", "visit_occurrence", "condition_occurrence", "drug_exposure", "procedure_occurrence",
        "device_exposure", "measurement", "observation", "observation_period", "death", "provider", "visit_detail",
        "condition_era", "concept", "vocabulary", "cdm_source"}) {
    const auto file = shared_data() / "omop" / "synthea27nj" / (std::string(table) + ".csv.gz");
    ASSERT_TRUE(std::filesystem::exists(file)) << file;
    std::string header, ours;
    LineReader(file, LineEnds::kCarriageReturnToo, {}).next(header);
    std::transform(header.begin(), header.end(), header.begin(), [](unsigned char c) { return std::tolower(c); });
    std::erase(header, '"');
    const data::QueryResult schema = store_.database().query("SELECT * FROM " + std::string(table) + " LIMIT 0");
    for (std::size_t i = 0; i < schema.columns(); ++i) ours += (i == 0 ? "" : ",") + schema.column_name(i);
    EXPECT_EQ(ours, header) << table;
    ++compared;
  }
  EXPECT_EQ(compared, 16u);
}

}  // namespace
}  // namespace cohortium::omop
