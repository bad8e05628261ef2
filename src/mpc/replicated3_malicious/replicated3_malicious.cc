// Set-up, inputs, products and openings, and when proofs are made.
//
// Security   as replicated3_malicious.h. An opening begins when everything sent
// before is proved. The component that a
//            receiver lacks comes from its previous party; its next party,
//            which holds it too, sends the hash
// Reveals    what is opened, to its receivers
// Rounds     products: 1; openings: 1, and those of the proofs of what waits
// Sent       products: k bits per result and party; openings: k bits per
// element, and 32 bytes, per receiver
#include "mpc/replicated3_malicious/replicated3_malicious.h"

#include <algorithm>

#include "base/error.h"
#include "crypto/hash.h"
#include "mpc/replicated3/replicated3.h"
#include "mpc/replicated3_malicious/bit_proof.h"
#include "mpc/replicated3_malicious/cost.h"
#include "mpc/replicated3_malicious/ring_proof.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

template <class Vector>
void check_alike(const Vector& a, const Vector& b) {
  COHORTIUM_CHECK(a.size == b.size && a.components == 2 && b.components == 2);
}

PendingCounts counts_of(const PendingStatements& pending) {
  const auto moved = [](const auto& moves) {
    std::size_t count = 0;
    for (const auto& move : moves) count += move.count;
    return count / 3;  // by every prover
  };
  return {.words = pending.bits.products(),
          .bits_moved = moved(pending.bits.moves),
          .products = {pending.words.products(), pending.wide.products()},
          .moved = {moved(pending.words.moves), moved(pending.wide.moves)}};
}

constexpr const char* purpose = "replicated3-malicious";

}  // namespace

Replicated3Malicious::Replicated3Malicious(Session& session)
    : session_(session),
      channels_(session.lane(0)),
      lane_(session, 0, &pending_),
      with_next_(session.pair_seed(channels_.next(), purpose)),
      with_previous_(session.pair_seed(channels_.previous(), purpose)),
      verifiers_(channels_, with_next_, with_previous_) {
  COHORTIUM_CHECK(session.parties() == 3);
}

void Replicated3Malicious::prove_all() {
  if (pending_.bits.empty() && pending_.words.empty() && pending_.wide.empty()) return;
  verifiers_.meet();  // nobody names a challenge before all messages have arrived
  if (!pending_.bits.empty()) prove_conjunctions(verifiers_, pending_.bits);
  if (!pending_.words.empty()) prove_products(verifiers_, pending_.words);
  if (!pending_.wide.empty()) prove_products(verifiers_, pending_.wide);
}

void Replicated3Malicious::prove_if_many() {
  if (counts_of(pending_).many()) prove_all();
}

template <RingWord W>
Shared<W> Replicated3Malicious::constant(std::span<const W> values) {
  return replicated_constant(self(), values);
}

SharedBits Replicated3Malicious::constant_bits(std::span<const u64> words, std::size_t count) {
  return replicated_constant_bits(self(), words, count);
}

SharedBits Replicated3Malicious::not_bits(const SharedBits& a) { return replicated_not(self(), a); }

template <RingWord W>
Shared<W> Replicated3Malicious::random(std::size_t count) {
  auto result = Shared<W>::uninitialised(count, 2);
  lane_.random<W>(count, parts_of(result));
  return result;
}

SharedBits Replicated3Malicious::random_bits(std::size_t count) {
  auto result = SharedBits::uninitialised(count, 2);
  lane_.random(result.words(), parts_of(result));
  return result;
}

template <RingWord W>
Shared<W> Replicated3Malicious::share(PartyId owner, std::span<const W> values, std::size_t count) {
  COHORTIUM_CHECK(owner >= 0 && owner < 3 && values.size() == (self() == owner ? count : 0));
  auto result = Shared<W>::uninitialised(count, 2);
  lane_.share<W>(owner, values.data(), count, parts_of(result));
  return result;
}

SharedBits Replicated3Malicious::share_bits(PartyId owner, std::span<const u64> words, std::size_t count) {
  auto result = SharedBits::uninitialised(count, 2);
  COHORTIUM_CHECK(owner >= 0 && owner < 3 && words.size() == (self() == owner ? result.words() : 0));
  lane_.share_bits(owner, words.data(), count, parts_of(result));
  return result;
}

// A site's sharing is consistent where every two parties hold the same
// component in common.
Shared<u128> Replicated3Malicious::adopt(std::span<const std::byte> part, std::size_t count) {
  Shared<u128> result = replicated_adopt(self(), part, count);
  const crypto::Digest first = crypto::sha256(bytes_of(result.component[0])),
                       second = crypto::sha256(bytes_of(result.component[1]));
  crypto::Digest of_previous, of_next;
  channels_.exchange({{channels_.previous(), first}, {channels_.next(), second}},
                     {{channels_.previous(), of_previous}, {channels_.next(), of_next}});
  for (const auto& [mine, theirs, peer] :
       {std::tuple(&first, &of_previous, channels_.previous()), std::tuple(&second, &of_next, channels_.next())}) {
    if (equal_in_constant_time(*mine, *theirs)) continue;
    throw Failure({.code = "mpc.inconsistent_shares",
                   .message = "a site dealt different shares of one component "
                              "to this party and to a peer",
                   .where = channels_.channel(peer).peer(),
                   .remedy = "either the site that dealt them or the peer did not "
                             "keep to the protocol; compare the "
                             "site's program version and its log, then the peer's"});
  }
  return result;
}

void Replicated3Malicious::complete(std::span<const std::byte> first, std::span<const std::byte> second,
                                    std::span<std::byte> missing, std::array<bool, 3> receives) {
  const bool mine = receives[self()], for_next = receives[channels_.next()],
             for_previous = receives[channels_.previous()];
  crypto::Digest hash = crypto::sha256(second), hash_of_next;
  const auto out = [](std::span<const std::byte> bytes) {
    return [bytes](std::size_t from, std::size_t count) { return bytes.subspan(from, count); };
  };
  const auto in = [](std::span<std::byte> bytes) {
    return [bytes](std::size_t from, std::size_t count) { return bytes.subspan(from, count); };
  };
  const std::array sends{OutgoingStream{channels_.next(), for_next ? first.size() : 0, 8, out(first)},
                         OutgoingStream{channels_.previous(), for_previous ? hash.size() : 0, 8, out(hash)}};
  const std::array receipts{IncomingStream{channels_.previous(), mine ? missing.size() : 0, 8, in(missing)},
                            IncomingStream{channels_.next(), mine ? hash_of_next.size() : 0, 8, in(hash_of_next)}};
  channels_.stream(sends, receipts);
  if (mine && !equal_in_constant_time(hash_of_next, crypto::sha256(missing))) {
    throw cheating_detected(channels_, channels_.previous(), channels_.next(),
                            "two peers send different values of what they hold in common");
  }
}

template <RingWord W>
std::vector<W> Replicated3Malicious::open(const Shared<W>& a) {
  COHORTIUM_CHECK(a.components == 2);
  prove_all();
  std::vector<W> value(a.size);
  complete(bytes_of(a.component[0]), bytes_of(a.component[1]), writable_bytes_of(value), {true, true, true});
  add_sum(a.component[0].data(), a.component[1].data(), value.data(), a.size);
  return value;
}

template <RingWord W>
std::optional<std::vector<W>> Replicated3Malicious::open_to(PartyId receiver, const Shared<W>& a) {
  COHORTIUM_CHECK(a.components == 2 && receiver >= 0 && receiver < 3);
  prove_all();
  const bool mine = self() == receiver;
  std::vector<W> value(mine ? a.size : 0);
  complete(bytes_of(a.component[0]), bytes_of(a.component[1]), writable_bytes_of(value),
           {receiver == 0, receiver == 1, receiver == 2});
  if (!mine) return std::nullopt;
  add_sum(a.component[0].data(), a.component[1].data(), value.data(), a.size);
  return value;
}

std::vector<u64> Replicated3Malicious::open_bits(const SharedBits& a) {
  COHORTIUM_CHECK(a.components == 2);
  prove_all();
  std::vector<u64> value(a.words());
  Buffer<u64> first = a.component[0], second = a.component[1];
  if (!value.empty()) {
    first.back() &= last_word_mask(a.size);
    second.back() &= last_word_mask(a.size);
  }
  complete(bytes_of(first), bytes_of(second), writable_bytes_of(value), {true, true, true});
  xor_words(value.data(), first.data(), value.data(), value.size());
  xor_words(value.data(), second.data(), value.data(), value.size());
  if (!value.empty()) value.back() &= last_word_mask(a.size);
  return value;
}

template <RingWord W>
void Replicated3Malicious::take_down(ConstParts<W> x, ConstParts<W> y, std::size_t results, std::size_t length,
                                     const W* received) {
  Statements<W>& pending = pending_.of<W>();
  const std::size_t products = results * length;
  const auto append = [products](Buffer<W>& to, const W* from) {
    to.resize(to.size() + products);
    std::copy_n(from, products, to.data() + to.size() - products);
  };
  append(pending.x0, x.first);
  append(pending.x1, x.second);
  append(pending.y0, y.first);
  append(pending.y1, y.second);
  pending.groups.push_back({results, length});
  const std::size_t before = pending.of_next.size();
  pending.of_next.resize(before + results);
  if (length == 1) {
    W* const of_next = pending.of_next.data() + before;
    const W* const with_next = pending.with_next.data() + before;
    for (std::size_t i = 0; i < results; ++i) of_next[i] = received[i] + with_next[i] - x.second[i] * y.second[i];
    return;
  }
  for (std::size_t i = 0; i < results; ++i) {
    pending.of_next[before + i] = received[i] + pending.with_next[before + i] -
                                  sum_of_products(x.second + i * length, y.second + i * length, length);
  }
}

template <RingWord W>
Shared<W> Replicated3Malicious::multiply(const Shared<W>& a, const Shared<W>& b) {
  check_alike(a, b);
  auto result = Shared<W>::uninitialised(a.size, 2);
  in_kernel_calls(a.size, 1, [&](std::size_t from, std::size_t n, std::size_t, std::size_t) {
    const ConstParts<W> x = parts_of(a).from(from), y = parts_of(b).from(from);
    const Parts<W> out = parts_of(result).from(from);
    lane_.multiply<W>(x, y, n, out);
    take_down<W>(x, y, n, 1, out.second);
    prove_if_many();
  });
  return result;
}

template <RingWord W>
void Replicated3Malicious::sum_products(ConstParts<W> x, ConstParts<W> y, std::size_t results, std::size_t length,
                                        Parts<W> out) {
  for (std::size_t i = 0; i < results; ++i) {
    const ConstParts<W> a = x.from(i * length), b = y.from(i * length);
    out.first[i] = sum_of_cross_products(a.first, a.second, b.first, b.second, length);
  }
  lane_.reshare<W>(results, out);
  take_down<W>(x, y, results, length, out.second);
  prove_if_many();
}

template <RingWord W>
Shared<W> Replicated3Malicious::dot(const Shared<W>& a, const Shared<W>& b, std::size_t length) {
  check_alike(a, b);
  COHORTIUM_CHECK(length > 0 && a.size % length == 0);
  Shared<W> result(a.size / length, 2);
  in_kernel_calls(result.size, length, [&](std::size_t i, std::size_t results, std::size_t j, std::size_t factors) {
    const std::size_t from = i * length + j;
    auto part = Shared<W>::uninitialised(results, 2);
    sum_products<W>(parts_of(a).from(from), parts_of(b).from(from), results, factors, parts_of(part));
    for (int c = 0; c < 2; ++c) {
      W* const to = result.component[c].data() + i;
      add_words(to, part.component[c].data(), to, results);
    }
  });
  return result;
}

// Every element is a sum of products of a row and a column, which are written
// out side by side.
template <RingWord W>
Shared<W> Replicated3Malicious::matrix_product(const Shared<W>& a, const Shared<W>& b, std::size_t rows,
                                               std::size_t inner, std::size_t columns) {
  COHORTIUM_CHECK(a.size == rows * inner && b.size == inner * columns && a.components == 2 && b.components == 2);
  Shared<W> result(rows * columns, 2);
  if (inner == 0) return result;  // sums of nothing
  in_kernel_calls(result.size, inner, [&](std::size_t i, std::size_t results, std::size_t j, std::size_t factors) {
    auto x = Shared<W>::uninitialised(results * factors, 2), y = Shared<W>::uninitialised(results * factors, 2),
         part = Shared<W>::uninitialised(results, 2);
    for (int c = 0; c < 2; ++c) {
      for (std::size_t r = 0; r < results; ++r) {
        const std::size_t row = (i + r) / columns, column = (i + r) % columns;
        for (std::size_t f = 0; f < factors; ++f) {
          x.component[c][r * factors + f] = a.component[c][row * inner + j + f];
          y.component[c][r * factors + f] = b.component[c][(j + f) * columns + column];
        }
      }
    }
    sum_products<W>(parts_of(x), parts_of(y), results, factors, parts_of(part));
    for (int c = 0; c < 2; ++c) {
      W* const to = result.component[c].data() + i;
      add_words(to, part.component[c].data(), to, results);
    }
  });
  return result;
}

#define COHORTIUM_FOR_RING(W)                                                                              \
  template Shared<W> Replicated3Malicious::constant(std::span<const W>);                                   \
  template Shared<W> Replicated3Malicious::random(std::size_t);                                            \
  template Shared<W> Replicated3Malicious::share(PartyId, std::span<const W>, std::size_t);                \
  template std::vector<W> Replicated3Malicious::open(const Shared<W>&);                                    \
  template std::optional<std::vector<W>> Replicated3Malicious::open_to(PartyId, const Shared<W>&);         \
  template Shared<W> Replicated3Malicious::multiply(const Shared<W>&, const Shared<W>&);                   \
  template Shared<W> Replicated3Malicious::dot(const Shared<W>&, const Shared<W>&, std::size_t);           \
  template Shared<W> Replicated3Malicious::matrix_product(const Shared<W>&, const Shared<W>&, std::size_t, \
                                                          std::size_t, std::size_t);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
