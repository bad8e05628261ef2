// Results of SQL over pooled OMOP tables (../shared/data/golden/omop.json), from cohorts and features at three sites.
#include <functional>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cohort/features.h"
#include "cohort/test_data.h"
#include "data/duckdb_source.h"

namespace cohortium::cohort {
namespace {

using Json = nlohmann::json;
using Row = std::vector<std::string>;  // of features, as text; "" where missing

Json set_of(int id, std::vector<std::int64_t> concepts, bool descendants = true) {
  Json items = Json::array();
  for (const std::int64_t code : concepts)
    items.push_back({{"concept", {{"CONCEPT_ID", code}}}, {"includeDescendants", descendants}});
  return {{"id", id}, {"name", ""}, {"expression", {{"items", items}}}};
}

// One data set, held by three sites.
class Sites {
 public:
  explicit Sites(const std::string& set) {
    golden_ = Json::parse(read_file(shared_data() / "golden" / "omop.json", 1 << 24)).at(set);
    auto database = load_omop(set);
    split_by_site(*database, set);
    source_ = data::make_duckdb_source(std::move(database), "", "three sites");
  }

  const Json& golden(const std::string& name) const { return golden_.at(name).at("rows"); }

  // The rows of all sites: what each of their databases answers, nothing joined between them.
  std::vector<Row> rows(const Json& data) {
    std::vector<std::string> columns;
    for (const auto& [name, feature] : data.at("features").items()) columns.push_back(name);
    const CohortTable table = parse_cohort_table(data, "/data", columns);
    std::vector<Row> all;
    for (const std::string site : {"site0", "site1", "site2"}) {
      const Query query =
          feature_query(table, [&](const std::string& name) { return site + "." + data::sql_name(name); });
      const auto found = source_->query(query.sql);
      data::Batch batch;
      while (found->next(batch)) {
        for (std::size_t row = 0; row < batch.rows; ++row) {
          all.emplace_back();
          for (const auto& column : batch.columns) all.back().push_back(column.text(row));
        }
      }
    }
    return all;
  }
  std::size_t count(const std::string& sql) {
    return rows({{"cohort", {{"sql", sql}}}, {"features", {{"a", {{"is", "age"}}}}}}).size();
  }

 private:
  Json golden_;
  std::unique_ptr<data::Source> source_;
};

std::int64_t how_many(const std::vector<Row>& rows, const std::function<bool(const Row&)>& holds) {
  return std::count_if(rows.begin(), rows.end(), holds);
}
std::int64_t total(const std::vector<Row>& rows, std::size_t column) {
  std::int64_t sum = 0;
  for (const Row& row : rows) sum += row[column].empty() ? 0 : std::stoll(row[column]);
  return sum;
}
std::function<bool(const Row&)> between(std::size_t column, std::int64_t low, std::int64_t high) {
  return [=](const Row& row) {
    return !row[column].empty() && std::stoll(row[column]) >= low && std::stoll(row[column]) <= high;
  };
}
constexpr std::int64_t kAny = 1'000'000;

class Golden : public testing::Test {
 protected:
  void SetUp() override { NEEDS_SHARED_DATA(); }
};

std::string descendants_of(std::int64_t code) {
  return "(SELECT a.descendant_concept_id FROM concept_ancestor a WHERE a.ancestor_concept_id = " +
         std::to_string(code) + ")";
}
std::string first_bleed() {
  return "SELECT person_id AS subject_id, min(condition_start_date) AS cohort_start_date, min(condition_start_date) AS "
         "cohort_end_date FROM condition_occurrence WHERE condition_concept_id = 192671 GROUP BY person_id";
}
std::string first_exposure(const std::string& concepts) {
  return "SELECT person_id AS subject_id, min(drug_exposure_start_date) AS cohort_start_date, "
         "min(drug_exposure_start_date) AS cohort_end_date FROM drug_exposure WHERE drug_concept_id IN " +
         concepts + " GROUP BY person_id";
}
const Json kBleed = {{"ConditionOccurrence", {{"CodesetId", 0}}}};

void check_persons(Sites& sites) {
  for (const Json& row : sites.golden("eunomia_reference_cohorts")) {
    const std::string name = row[0];
    const std::string drugs = name == "celecoxib"    ? "(1118084)"
                              : name == "diclofenac" ? "(1124300)"
                                                     : "(1118084, 1124300)";
    const std::string sql =
        "SELECT person_id AS subject_id, min(drug_era_start_date) AS cohort_start_date, min(drug_era_start_date) AS "
        "cohort_end_date FROM drug_era WHERE drug_concept_id IN " +
        drugs + " GROUP BY person_id";
    EXPECT_EQ(sites.count(name == "gi_bleed" ? first_bleed() : sql), row[1]) << name;
  }
  for (const auto& [name, code] :
       std::vector<std::pair<std::string, std::int64_t>>{{"asthma_317009", 317009},
                                                         {"osteoarthritis_80180", 80180},
                                                         {"viral_sinusitis_40481087", 40481087},
                                                         {"sprain_of_ankle_81151", 81151}}) {
    const Json& expected = sites.golden("condition_persons_" + name)[0];
    const std::string rest = " FROM condition_occurrence WHERE condition_concept_id IN " + descendants_of(code);
    const std::string dates = "condition_start_date AS cohort_start_date, condition_start_date AS cohort_end_date";
    EXPECT_EQ(sites.count("SELECT person_id AS subject_id, " + dates + rest), expected[1]) << name;
    EXPECT_EQ(sites.count("SELECT person_id AS subject_id, min(condition_start_date) AS cohort_start_date, "
                          "min(condition_start_date) AS cohort_end_date" +
                          rest + " GROUP BY person_id"),
              expected[0])
        << name;
  }
}

void check_days_after_exposure(Sites& sites) {
  for (const auto& [name, code] : {std::pair("celecoxib", 1118084), {"diclofenac", 1124300}}) {
    const auto rows = sites.rows({{"cohort", {{"sql", first_exposure(descendants_of(code))}}},
                                  {"concept_sets", {set_of(0, {192671})}},
                                  {"features", {{"day", {{"is", "first_day"}, {"events", kBleed}}}}}});
    const Json expected = {rows.size(),
                           how_many(rows, between(0, 1, kAny)),
                           how_many(rows, between(0, 1, 30)),
                           how_many(rows, between(0, 1, 90)),
                           how_many(rows, between(0, 1, 365)),
                           how_many(rows, between(0, 0, 0)),
                           how_many(rows, between(0, -kAny, -1))};
    EXPECT_EQ(expected, sites.golden(std::string("gi_bleed_after_first_") + name)[0]) << name;
  }

  Json ages = Json::array();
  std::map<std::int64_t, std::int64_t> by_age;
  for (const Row& row : sites.rows({{"cohort", {{"sql", first_bleed()}}}, {"features", {{"age", {{"is", "age"}}}}}}))
    ++by_age[std::stoll(row[0])];
  for (const auto& [age, n] : by_age) ages.push_back({age, n});
  EXPECT_EQ(ages, sites.golden("age_at_first_gi_bleed"));

  const Json aspirin = {{"DrugExposure", {{"CodesetId", 1}}}};
  const auto treated = sites.rows({{"cohort", {{"sql", first_bleed()}}},
                                   {"concept_sets", {set_of(1, {1112807})}},
                                   {"features",
                                    {{"after", {{"is", "present"}, {"events", aspirin}, {"from", 1}}},
                                     {"at", {{"is", "present"}, {"events", aspirin}, {"from", 0}}}}}});
  EXPECT_EQ((Json{treated.size(), total(treated, 0), total(treated, 1)}),
            sites.golden("drug_after_condition_aspirin_after_gi_bleed")[0]);

  const auto episodes = sites.rows(
      {{"cohort",
        {{"sql",
          "SELECT person_id AS subject_id, condition_start_date AS cohort_start_date, condition_start_date AS "
          "cohort_end_date FROM condition_occurrence WHERE condition_concept_id IN " +
              descendants_of(260139)}}},
       {"concept_sets", {set_of(0, {1125315})}},
       {"features",
        {{"n", {{"is", "present"}, {"events", {{"DrugExposure", {{"CodesetId", 0}}}}}, {"from", 0}, {"to", 30}}}}}});
  EXPECT_EQ(total(episodes, 0),
            sites.golden("drug_after_condition_acetaminophen_within_30d_of_acute_bronchitis")[0][1]);
}

void check_incidence_after_exposure(Sites& sites) {
  for (const Json& expected : sites.golden("incidence_rate_gi_bleed_after_first_nsaid")) {
    const std::string drug = std::to_string(expected[0].get<int>());
    const Json outcome = {{"outcome", kBleed}, {"from", 1}};
    Json days = outcome, event = outcome;
    days["is"] = "follow_up_days";
    event["is"] = "follow_up_event";
    const auto rows = sites.rows(
        {{"cohort",
          {{"sql",
            "SELECT n.person_id AS subject_id, n.s AS cohort_start_date, n.s AS cohort_end_date FROM (SELECT "
            "person_id, "
            "min(drug_era_start_date) AS s FROM drug_era WHERE drug_concept_id = " +
                drug +
                " GROUP BY person_id) n JOIN "
                "observation_period o ON o.person_id = n.person_id AND n.s BETWEEN o.observation_period_start_date AND "
                "o.observation_period_end_date WHERE NOT EXISTS (SELECT 1 FROM condition_occurrence c WHERE "
                "c.person_id = "
                "n.person_id AND c.condition_concept_id = 192671 AND c.condition_start_date <= n.s)"}}},
         {"concept_sets", {set_of(0, {192671}, false)}},
         {"features", {{"a_days", days}, {"b_event", event}}}});
    EXPECT_EQ((Json{expected[0], rows.size(), total(rows, 1), static_cast<double>(total(rows, 0))}), expected);
  }
}

// One row per person and calendar year that she is observed in.
void check_calendar_years(Sites& sites) {
  std::string years = "(VALUES ";
  for (int year = 1980; year <= 2018; ++year)
    years += (year == 1980 ? "(" : ", (") + std::to_string(year) + ", DATE '" + std::to_string(year) +
             "-01-01', DATE '" + std::to_string(year) + "-12-31')";
  years += ") AS y (yr, a, z)";
  const auto person_years = [&](const std::string& condition, const std::string& also, int concept_id) {
    return sites.rows(
        {{"cohort",
          {{"sql",
            "SELECT o.person_id AS subject_id, greatest(y.a, o.observation_period_start_date) AS cohort_start_date, "
            "least(y.z, o.observation_period_end_date) AS cohort_end_date FROM observation_period o JOIN person p "
            "ON p.person_id = o.person_id JOIN " +
                years +
                " ON o.observation_period_start_date <= y.z AND "
                "o.observation_period_end_date >= y.a WHERE " +
                condition}}},
         {"concept_sets", {set_of(0, {concept_id}, false)}},
         {"features",
          {{"a_year", {{"is", "index_year"}}},
           {"b_sex", {{"is", "sex"}}},
           {"c_case", {{"is", also}, {"events", kBleed}, {"during_cohort", true}}}}}});
  };
  const auto by_year_and_sex = [](const std::vector<Row>& rows, int from) {
    std::map<std::pair<int, int>, std::pair<std::int64_t, std::int64_t>> cells;
    for (int year = from; year <= 2018; ++year)
      for (const int sex : {8507, 8532}) cells[{year, sex}] = {0, 0};
    for (const Row& row : rows) {
      const std::pair key(std::stoi(row[0]), std::stoi(row[1]));
      if (key.first < from) continue;
      ++cells[key].first;
      cells[key].second += std::stoi(row[2]) > 0 ? 1 : 0;
    }
    Json answer = Json::array();
    for (const auto& [key, n] : cells) answer.push_back({key.first, key.second, n.first, n.second});
    return answer;
  };
  const std::string without_earlier_bleed =
      "NOT EXISTS (SELECT 1 FROM condition_occurrence c WHERE c.person_id = o.person_id AND c.condition_concept_id = "
      "192671 AND c.condition_start_date < y.a)";
  EXPECT_EQ(by_year_and_sex(person_years(without_earlier_bleed, "present", 192671), 1980),
            sites.golden("incidence_gi_bleed_by_year_and_sex"));
  EXPECT_EQ(by_year_and_sex(person_years("y.yr >= 1990", "count", 40481087), 1990),
            sites.golden("prevalence_viral_sinusitis_by_year_and_sex"));
}

TEST_F(Golden, GiBleed) {
  Sites sites("gibleed");
  check_persons(sites);
  check_days_after_exposure(sites);
  check_incidence_after_exposure(sites);
  check_calendar_years(sites);
}

TEST_F(Golden, MimicReadmissions) {
  Sites sites("mimic_demo");
  const Json stays = set_of(0, {9201, 262, 8870, 581385, 8883}, false);
  const Json stay = {{"VisitOccurrence", {{"CodesetId", 0}}}};
  const auto rows = sites.rows(
      {{"cohort",
        {{"sql",
          "SELECT person_id AS subject_id, visit_start_date AS cohort_start_date, visit_end_date AS cohort_end_date "
          "FROM visit_occurrence WHERE visit_concept_id IN (9201, 262, 8870, 581385, 8883)"}}},
       {"concept_sets", {stays}},
       {"features",
        {{"a_days", {{"is", "cohort_days"}}},
         {"b_death", {{"is", "present"}, {"events", {{"Death", Json::object()}}}, {"to", 0}, {"since", "end"}}},
         {"c_back", {{"is", "present"}, {"events", stay}, {"from", 1}, {"to", 30}, {"since", "end"}}},
         {"d_sex", {{"is", "sex"}}}}}});
  const Json& los = sites.golden("acute_stays_los")[0];
  std::int64_t longest = 0;
  for (const Row& row : rows) longest = std::max<std::int64_t>(longest, std::stoll(row[0]));
  EXPECT_EQ((Json{rows.size(), total(rows, 0), longest}), (Json{los[0], los[2], los[3]}));

  const Json& readmission = sites.golden("readmission_30d_acute")[0];
  const auto alive = [](const Row& row) { return row[1] == "0"; };
  EXPECT_EQ((Json{rows.size(), total(rows, 1), how_many(rows, alive),
                  how_many(rows, [&](const Row& row) { return alive(row) && row[2] == "1"; })}),
            (Json{readmission[0], readmission[1], readmission[2], readmission[3]}));
  for (const Json& expected : sites.golden("readmission_30d_by_gender")) {
    const std::string code = expected[0] == "F" ? "8532" : "8507";
    const auto of_sex = [&](const Row& row) { return row[3] == code; };
    EXPECT_EQ(
        (Json{how_many(rows, of_sex), how_many(rows, [&](const Row& row) { return of_sex(row) && row[2] == "1"; })}),
        (Json{expected[1], expected[2]}));
  }

  const auto hypertension = sites.rows(
      {{"cohort",
        {{"sql",
          "SELECT person_id AS subject_id, min(condition_start_date) AS cohort_start_date, min(condition_start_date) "
          "AS cohort_end_date FROM condition_occurrence WHERE condition_concept_id = 320128 GROUP BY person_id"}}},
       {"concept_sets", {set_of(0, {1332418}, false)}},
       {"features", {{"n", {{"is", "present"}, {"events", {{"DrugEra", {{"CodesetId", 0}}}}}, {"from", 0}}}}}});
  EXPECT_EQ((Json{hypertension.size(), total(hypertension, 0)}),
            sites.golden("hypertension_320128_and_any_drug_1332418_amlodipine_after")[0]);
}

}  // namespace
}  // namespace cohortium::cohort
