// A filter of any bytes: refused, or printed anew as a text that asks for nothing but the declared columns.
#include "base/error.h"
#include "data/filter.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium::data;
  // Never deleted: what DuckDB keeps per thread dies before objects of static storage.
  static Database& database = *new Database(Database::Limits{});
  TableDeclaration declaration{
      .table = "t",
      .columns = {{.name = "age", .type = ColumnType::kNumber, .low = 0, .high = 120},
                  {.name = "rx", .type = ColumnType::kCategory, .levels = {{"Obs", "Obs"}, {"Lev", "Lev"}}},
                  {.name = "status", .type = ColumnType::kEvent, .event = {"1"}, .censored = {"0"}}},
      .where = std::string(reinterpret_cast<const char*>(bytes), size)};
  if (declaration.where.empty()) return 0;
  try {
    const Filter filter = compile_filter(declaration, database);
    COHORTIUM_CHECK(!filter.sql.empty() && filter.columns.size() <= 3);
    for (const Dialect dialect : {Dialect::kDuckDb, Dialect::kPostgreSql, Dialect::kOther})
      for (const std::string& part : pushed_conditions(declaration, database, dialect)) COHORTIUM_CHECK(!part.empty());
  } catch (const cohortium::Failure& failure) {
    COHORTIUM_CHECK(failure.error().code == "data.bad_filter");
  }
  return 0;
}
