// The same records in a folder and in a PostgreSQL server give the same counts. tests/sources/quality_postgresql_test.py
// starts the server, fills it, and names the folder in COHORTIUM_TEST_RECORDS.
#include <gtest/gtest.h>

#include <cstdlib>

#include "data/testing/server.h"
#include "quality/gate.h"

namespace cohortium::quality {
namespace {

std::map<std::string, std::string> counts(const data::SourceConfig& config) {
  const auto source = data::open_source(config);
  const Rules rules;
  std::map<std::string, std::string> result;
  for (const Outcome& outcome : run_checks(*source, cdm_checks(*source, rules, "2024-06-30"), rules.thresholds))
    result[outcome.check.id] = std::to_string(outcome.violated) + " of " + std::to_string(outcome.looked) + " " +
                               name_of(outcome.verdict) + " " + outcome.check.not_run;
  return result;
}

class QualityPostgreSqlTest : public data::ServerTest {};

TEST_F(QualityPostgreSqlTest, CountsWhatTheEmbeddedDatabaseCounts) {
  const char* records = std::getenv("COHORTIUM_TEST_RECORDS");
  ASSERT_NE(records, nullptr)
      << "COHORTIUM_TEST_RECORDS names no folder; tests/sources/quality_postgresql_test.py does";
  config.statement_timeout = std::chrono::minutes(2);
  const auto expected = counts({.path = records});
  EXPECT_GT(expected.size(), 150u);
  EXPECT_EQ(counts(config), expected);
}

}  // namespace
}  // namespace cohortium::quality
