// Shares of a linear function of what party 0 knows, with coefficients that parties 1 and 2 both know; see
// linear_transfer.cc.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "mpc/engine.h"

namespace cohortium::mpc {

template <RingWord W>
struct LinearTransfer {
  std::size_t count = 0;  // elements
  int secrets = 1;        // per element
  // Party 0: secret j of the elements from .. from + n - 1 goes to out[j * n], out[j * n + 1], …
  std::function<void(std::size_t from, std::size_t n, W* out)> secrets_of;
  // Parties 1 and 2: out[i] = the linear function of element from + i, of which shares stand like the secrets. Terms
  // without a secret are added by one of them, or split between them.
  std::function<void(std::size_t from, std::size_t n, const W* shares, W* out)> apply;
};

// By the form that is quicker on the link.
template <RingWord W>
Cost linear_transfer_cost(PartyId party, std::size_t count, int secrets, const Link& link);

// Calls body(word, shift, start, n): elements start .. start + n - 1 of the stretch that begins at element `from` have
// their bits in this word of a packed vector, from bit `shift` on.
template <class Body>
inline void by_words(std::size_t from, std::size_t count, Body body) {
  for (std::size_t start = 0; start < count;) {
    const std::size_t shift = (from + start) % 64, n = std::min(count - start, 64 - shift);
    body((from + start) / 64, shift, start, n);
    start += n;
  }
}

}  // namespace cohortium::mpc
