// JSON of any bytes, as what was signed and as a signature: one spelling that reads back the same, and no signature
// that fits.
#include "governance/signature.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "crypto/canonical_json.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium;
  const auto value = nlohmann::json::parse(bytes, bytes + size, nullptr, false);
  if (value.is_discarded()) return 0;
  const auto text = attempt([&] { return crypto::canonical_json(value); });
  if (text.ok())
    COHORTIUM_CHECK(crypto::canonical_json(nlohmann::json::parse(text.value())) == text.value());
  else
    COHORTIUM_CHECK(text.error().code == "codec.not_canonical");
  const auto good = attempt([&] {
    const auto signature = governance::signature_from_json(value);
    verify(signature, governance::fingerprint_of(signature), "fuzz", "what nobody signed");
    return true;
  });
  COHORTIUM_CHECK(!good.ok() && good.error().code.starts_with("signature."));
  return 0;
}
