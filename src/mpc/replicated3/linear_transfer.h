// Shares of a linear function of what party 0 knows, with coefficients that parties 1 and 2 both know; see
// linear_transfer.cc.
#pragma once

#include <cstddef>
#include <functional>

#include "mpc/bit_planes.h"
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

}  // namespace cohortium::mpc
