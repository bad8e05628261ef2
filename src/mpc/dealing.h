// Secret sharing by someone who takes no part in the computation: a contributing site deals one part to each compute
// party.
//
// Security   any set of parties that the protocol allows to be corrupted learns nothing but the count. replicated3:
//            semi-honest dealer. replicated3-malicious, replicated4: parties compare what a dealer gave several of them
//            before they use it (mpc.inconsistent_shares)
// Reveals    the number of elements
// Rounds     1 (one message per party)
// Sent       replicated3: 32 + 16n bytes in all to two of the parties each, 32 bytes to the third (two of the three
//            additive components are expanded from seeds). replicated4: 32 + 16n bytes to three, 48 to the fourth
// Source     Cramer, Damgard, Ishai, TCC 2005 (pseudo-random secret sharing), section 2
//
// Bundles of replicated3 and replicated3-malicious (little-endian; x = x0 + x1 + x2; a seed is an AES-128 key whose counter stream is the
// component):
//   party 0   seed of x0 (16) | seed of x1 (16)
//   party 1   seed of x1 (16) | x2 (16n)
//   party 2   seed of x0 (16) | x2 (16n)
// Bundles of replicated4 (x = x0 + x1 + x2 + x3; party i gets all but x_i, in order, x3 last):
//   party 0   seed of x1 (16) | seed of x2 (16) | x3 (16n)        party 1 and 2 alike
//   party 3   seed of x0 (16) | seed of x1 (16) | seed of x2 (16)
// Bundle of plaintext: x (16n).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

// One message per party of `protocol` (protocols.h), for Engine::adopt.
std::vector<Bytes> deal(std::string_view protocol, std::span<const u128> values);

// What a dealer sends all parties together for each of many elements.
std::size_t dealt_bytes_per_element(std::string_view protocol);

// Fails with mpc.bad_share_bundle when a part does not have the length its count calls for.
void check_bundle_size(std::size_t actual, std::size_t expected);

}  // namespace cohortium::mpc
