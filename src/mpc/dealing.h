// Secret sharing by someone who takes no part in the computation: a contributing site deals one part to each compute
// party.
//
// Security   any set of parties that the protocol allows to be corrupted learns nothing but the count; semi-honest
//            dealer
// Reveals    the number of elements
// Rounds     1 (one message per party)
// Sent       replicated3: 32 + 16n bytes in all to two of the parties each, 32 bytes to the third (two of the three
//            additive components are expanded from seeds)
// Source     Cramer, Damgard, Ishai, TCC 2005 (pseudo-random secret sharing), section 2
//
// Bundles of replicated3 (little-endian; x = x0 + x1 + x2; a seed is an AES-128 key whose counter stream is the
// component):
//   party 0   seed of x0 (16) | seed of x1 (16)
//   party 1   seed of x1 (16) | x2 (16n)
//   party 2   seed of x0 (16) | x2 (16n)
// Bundle of plaintext: x (16n).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

// One message per party of `protocol` ("replicated3", "plaintext"), for Engine::adopt.
std::vector<Bytes> deal(std::string_view protocol, std::span<const u128> values);

// Fails with mpc.bad_share_bundle when a part does not have the length its count calls for.
void check_bundle_size(std::size_t actual, std::size_t expected);

}  // namespace cohortium::mpc
