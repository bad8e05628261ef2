#include "mpc/dealing.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "crypto/random_generator.h"
#include "mpc/protocols.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

Bytes joined(std::span<const std::byte> a, std::span<const std::byte> b) {
  Bytes result(a.size() + b.size());
  std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), result.begin()));
  return result;
}

// The values less the components that the seeds expand to.
Buffer<u128> last_component(std::span<const crypto::Seed> seeds, std::span<const u128> values) {
  Buffer<u128> last(values.begin(), values.end()), component(values.size());
  for (const auto& seed : seeds) {
    crypto::RandomGenerator(seed).fill(writable_bytes_of(component));
    subtract_words(last.data(), component.data(), last.data(), last.size());
  }
  return last;
}

std::vector<Bytes> deal_replicated3(std::span<const u128> values) {
  std::array<crypto::Seed, 2> seeds{crypto::random_seed(), crypto::random_seed()};
  const Buffer<u128> last = last_component(seeds, values);
  std::vector<Bytes> parts{joined(seeds[0], seeds[1]), joined(seeds[1], bytes_of(last)),
                           joined(seeds[0], bytes_of(last))};
  wipe(seeds.data(), sizeof seeds);
  return parts;
}

std::vector<Bytes> deal_replicated4(std::span<const u128> values) {
  std::array<crypto::Seed, 3> seeds{crypto::random_seed(), crypto::random_seed(), crypto::random_seed()};
  const Buffer<u128> last = last_component(seeds, values);
  std::vector<Bytes> parts{
      joined(joined(seeds[1], seeds[2]), bytes_of(last)), joined(joined(seeds[0], seeds[2]), bytes_of(last)),
      joined(joined(seeds[0], seeds[1]), bytes_of(last)), joined(joined(seeds[0], seeds[1]), seeds[2])};
  wipe(seeds.data(), sizeof seeds);
  return parts;
}

}  // namespace

std::vector<Bytes> deal(std::string_view protocol, std::span<const u128> values) {
  if (protocol == "replicated3" || protocol == "replicated3-malicious") return deal_replicated3(values);
  if (protocol == "replicated4") return deal_replicated4(values);
  if (protocol == "plaintext") return {joined(std::as_bytes(values), {})};
  throw unknown_protocol(protocol);
}

std::size_t dealt_bytes_per_element(std::string_view protocol) {
  const auto holders_of_last = static_cast<std::size_t>(std::max(1, parties_of(protocol) - 1));
  return holders_of_last * sizeof(u128);
}

void check_bundle_size(std::size_t actual, std::size_t expected) {
  if (actual == expected) return;
  throw Failure({.code = "mpc.bad_share_bundle",
                 .message = "a dealt part has " + std::to_string(actual) + " bytes where " + std::to_string(expected) +
                            " are due",
                 .remedy = "the contributing site and the compute parties must run the same study"});
}

}  // namespace cohortium::mpc
