// Definitions in the form ATLAS exports give the persons and days of the SQL that was written by hand beside them.
#include <nlohmann/json.hpp>

#include "cohort/compiler.h"
#include "cohort/test_data.h"
#include "cohort/test_definitions.h"

namespace cohortium::cohort {
namespace {

TEST(Definitions, GiveThePersonsAndDaysOfSqlWrittenByHand) {
  NEEDS_SHARED_DATA();
  const std::vector<Example> all = examples();
  ASSERT_GE(all.size(), 10u);
  for (const std::string set : {"gibleed", "mimic_demo", "synthea27nj"}) {
    const auto database = load_omop(set);
    for (const Example& example : all) {
      if (!is_of(example, set)) continue;
      SCOPED_TRACE(example.name + " on " + set);
      const Definition definition = parse_definition(nlohmann::json::parse(example.definition), "");
      const auto ours = rows_of(*database, cohort_query(definition, data::sql_name).sql);
      const auto theirs = rows_of(*database, example.sql);
      EXPECT_EQ(ours.size(), theirs.size());
      EXPECT_EQ(ours, theirs);
      EXPECT_GE(ours.size(), 1u);
      RecordProperty(example.name + "_" + set, static_cast<int>(ours.size()));
    }
  }
}

}  // namespace
}  // namespace cohortium::cohort
