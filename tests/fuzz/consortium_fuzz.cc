// A consortium file of any bytes: refused with a code of its own, or one with three or four compute parties.
#include "base/error.h"
#include "governance/consortium.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium;
  try {
    const governance::Consortium consortium =
        governance::parse_consortium({reinterpret_cast<const char*>(bytes), size}, "consortium.toml");
    const std::size_t parties = consortium.compute_parties().size();
    COHORTIUM_CHECK(parties == 3 || parties == 4);
    COHORTIUM_CHECK(consortium.find_member(consortium.coordinator) != nullptr);
  } catch (const Failure& failure) {
    COHORTIUM_CHECK(failure.error().code.starts_with("consortium."));
  }
  return 0;
}
