// Bytes of a connection: the same messages come out of them however they arrive, none longer than allowed.
#include <vector>

#include "base/error.h"
#include "omop/mllp.h"

namespace {

using cohortium::omop::Framing;

// The messages, then how it ended; `input` arrives in blocks of `block` bytes.
std::vector<std::string> messages(const std::string& input, std::size_t block) {
  constexpr std::size_t limit = 4096;
  std::vector<std::string> all;
  std::string arrived, message;
  for (std::size_t at = 0; at < input.size(); at += block) {
    arrived += input.substr(at, block);
    for (;;) {
      const Framing framing = cohortium::omop::take_frame(arrived, limit, message);
      if (framing == Framing::kFault) return all.push_back("fault"), all;
      if (framing == Framing::kNone) break;
      COHORTIUM_CHECK(message.size() <= limit);
      all.push_back(message);
    }
    COHORTIUM_CHECK(arrived.size() <= limit + block);
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(bytes), std::min<std::size_t>(size, 1 << 14));
  const std::vector<std::string> at_once = messages(input, 1 << 14);
  COHORTIUM_CHECK(messages(input, 1) == at_once && messages(input, 7) == at_once);
  return 0;
}
