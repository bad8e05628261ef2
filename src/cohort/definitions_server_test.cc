// In PostgreSQL, too, definitions give the persons and days of the SQL that was written by hand beside them.
// tests/sources/cohorts_postgresql_test.py starts the server, fills it with one data set, and names that in COHORTIUM_TEST_SET.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cohort/compiler.h"
#include "cohort/test_definitions.h"
#include "data/testing/server.h"

namespace cohortium::cohort {
namespace {

// Every row, its fields as text, in any order.
std::vector<std::string> lines_of(data::Source& source, const std::string& sql) {
  std::vector<std::string> lines;
  const auto rows = source.query(sql);
  data::Batch batch;
  while (rows->next(batch)) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      lines.emplace_back();
      for (const auto& column : batch.columns) lines.back() += column.text(row) + "|";
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

class DefinitionsPostgreSqlTest : public data::ServerTest {};

TEST_F(DefinitionsPostgreSqlTest, GiveThePersonsAndDaysOfSqlWrittenByHand) {
  const char* set = std::getenv("COHORTIUM_TEST_SET");
  ASSERT_NE(set, nullptr) << "COHORTIUM_TEST_SET names no data set; tests/sources/cohorts_postgresql_test.py does";
  config.statement_timeout = std::chrono::minutes(2);
  const auto source = data::open_source(config);
  int compared = 0;
  for (const Example& example : examples()) {
    if (!is_of(example, set)) continue;
    SCOPED_TRACE(example.name + " on " + set);
    const Definition definition = parse_definition(nlohmann::json::parse(example.definition), "");
    const Query query = cohort_query(definition, [&](const std::string& name) { return source->table_name(name); });
    const auto ours = lines_of(*source, query.sql);
    EXPECT_EQ(ours, lines_of(*source, example.sql));
    EXPECT_GE(ours.size(), 1u);
    ++compared;
  }
  EXPECT_GE(compared, 2);
}

}  // namespace
}  // namespace cohortium::cohort
