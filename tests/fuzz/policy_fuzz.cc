// A policy file of any bytes: refused with a code of its own, or one whose rules have names and say whom they are for.
#include "base/error.h"
#include "policy/policy_file.h"
#include "statistics/analysis.h"

// In the place of the list in statistics/analysis.cc, which needs every analysis.
const std::vector<std::string>& cohortium::statistics::analysis_kinds() {
  static const std::vector<std::string> kinds = {"count",        "table",    "histogram", "describe",
                                                 "kaplan_meier", "log_rank", "cox"};
  return kinds;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium;
  try {
    const policy::Policy policy = policy::parse_policy({reinterpret_cast<const char*>(bytes), size}, "policy.toml");
    COHORTIUM_CHECK(policy.version > 0 && !policy.site.empty());
    for (const policy::Rule& rule : policy.rules)
      COHORTIUM_CHECK(!rule.name.empty() && !rule.analysts.empty() && !rule.columns.empty() && rule.minimum_rows > 0);
    for (const auto& [table, columns] : policy.columns)
      for (const auto& [column, role] : columns) COHORTIUM_CHECK(policy.role_of(table, column) == role);
  } catch (const Failure& failure) {
    COHORTIUM_CHECK(failure.error().code == "policy.bad_file");
  }
  return 0;
}
