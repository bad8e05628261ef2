// Comparisons of shared elements, and choices by their outcome.
//
// The forms without `bits` compare signed values. Their domain: the difference a - b, taken as an integer, lies in
// [-2^(k-1), 2^(k-1)); it does whenever -2^(k-2) <= a, b < 2^(k-2). The forms with `bits` are for operands known to lie
// in [0, 2^bits), 1 <= bits <= k-1, and cost accordingly less. Within their domain all are exact.
//
// Reveals    nothing
// Rounds     less_than: those of Engine::bit (replicated3: 2 + ceil(log2(bits))); equal: of Engine::is_zero; select: 2
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

template <RingWord W>
SharedBits less_than(Engine& engine, const Shared<W>& a, const Shared<W>& b);
template <RingWord W>
SharedBits less_than(Engine& engine, const Shared<W>& a, const Shared<W>& b, int bits);

// Of all unsigned values: no assumption on the difference. Three bits instead of one, and a conjunction.
template <RingWord W>
SharedBits less_than_unsigned(Engine& engine, const Shared<W>& a, const Shared<W>& b);

// a < bound, for one public bound.
template <RingWord W>
SharedBits less_than_public(Engine& engine, const Shared<W>& a, W bound);
// The bound may be 2^bits, too.
template <RingWord W>
SharedBits less_than_public(Engine& engine, const Shared<W>& a, W bound, int bits);

// Of all values; with `bits`, of operands in [0, 2^bits), bits <= k.
template <RingWord W>
SharedBits equal(Engine& engine, const Shared<W>& a, const Shared<W>& b);
template <RingWord W>
SharedBits equal(Engine& engine, const Shared<W>& a, const Shared<W>& b, int bits);
template <RingWord W>
SharedBits equal_zero(Engine& engine, const Shared<W>& a, int bits);

// bit ? a : b, element by element.
template <RingWord W>
Shared<W> select(Engine& engine, const SharedBits& bit, const Shared<W>& a, const Shared<W>& b);
// bit ? a : 0.
template <RingWord W>
Shared<W> keep_where(Engine& engine, const SharedBits& bit, const Shared<W>& a);

}  // namespace cohortium::oblivious
