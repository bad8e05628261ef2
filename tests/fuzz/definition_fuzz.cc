// JSON of any bytes as a cohort definition: refused with a code and a path, or compiled to SQL.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cohort/compiler.h"
#include "data/duckdb.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium;
  const nlohmann::json json = nlohmann::json::parse(bytes, bytes + size, nullptr, false);
  if (json.is_discarded()) return 0;
  try {
    const cohort::Definition definition = cohort::parse_definition(json, "");
    const cohort::Query query =
        cohort::cohort_query(definition, [](const std::string& table) { return data::sql_name(table); });
    COHORTIUM_CHECK(!query.sql.empty());
  } catch (const Failure& failure) {
    COHORTIUM_CHECK(failure.error().code.starts_with("cohort.") && !failure.error().where.starts_with("//"));
  }
  return 0;
}
