// What a site says of its codes, units and dates, of any bytes: a map, a unit, a format, or a refusal of its own.
#include <cmath>

#include "base/error.h"
#include "harmonise/date_format.h"
#include "harmonise/site_map.h"
#include "harmonise/unit.h"
#include "memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  const auto refused = [](auto body, std::initializer_list<const char*> codes) {
    try {
      body();
    } catch (const Failure& failure) {
      bool known = false;
      for (const char* code : codes) known = known || failure.error().code == code;
      COHORTIUM_CHECK(known);
    }
  };
  refused(
      [&] {
        for (const auto& [code, targets] : harmonise::read_site_map(fuzz::memory_file(bytes, size)))
          COHORTIUM_CHECK(!code.empty() && !targets.empty());
      },
      {"harmonise.bad_map", "data.unreadable_file"});
  refused(
      [&] {
        const harmonise::Unit unit = harmonise::parse_unit(text);
        COHORTIUM_CHECK(std::isfinite(unit.mantissa));
        COHORTIUM_CHECK(harmonise::conversion(unit, unit)(2.0) == 2.0);
      },
      {"harmonise.unknown_unit"});
  refused(
      [&] {
        std::int64_t days = 0;
        const std::string format = text.substr(0, text.find('\n'));
        static_cast<void>(
            harmonise::DateFormat(format).parse(text.substr(std::min(text.size(), format.size() + 1)), days));
      },
      {"harmonise.bad_date_format"});
  return 0;
}
