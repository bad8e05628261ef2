// A formula of any bytes: refused with study.bad_formula, or terms that have labels.
#include "statistics/models/formula.h"

#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium;
  try {
    const auto formula = statistics::parse_formula({reinterpret_cast<const char*>(bytes), size}, "/formula");
    for (std::size_t term = 0; term < formula.terms.size(); ++term) COHORTIUM_CHECK(!formula.term_label(term).empty());
  } catch (const Failure& failure) {
    COHORTIUM_CHECK(failure.error().code == "study.bad_formula");
  }
  return 0;
}
