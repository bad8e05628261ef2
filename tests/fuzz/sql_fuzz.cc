// SQL of any bytes as a cohort: refused with cohort.bad_sql, or one statement without comments over tables of the model.
#include "base/error.h"
#include "cohort/sql_cohort.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium;
  const std::string sql(reinterpret_cast<const char*>(bytes), size);
  try {
    const std::set<std::string> tables = cohort::check_sql_cohort(sql, "/sql");
    for (const char* never : {";", "--", "/*", "\"", "$", "\\"}) COHORTIUM_CHECK(sql.find(never) == std::string::npos);
    cohort::Statement statement([](const std::string& table) { return "cdm." + table; });
    COHORTIUM_CHECK(!cohort::sql_cohort_select(sql, tables, statement).empty());
  } catch (const Failure& failure) {
    COHORTIUM_CHECK(failure.error().code == "cohort.bad_sql");
  }
  return 0;
}
