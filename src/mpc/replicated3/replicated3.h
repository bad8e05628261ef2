// Three parties, replicated additive sharing: x = x0 + x1 + x2, party i holds component 0 = x_i and component 1 =
// x_{i+1} (indices modulo 3). Bit vectors alike, with exclusive-or.
//
// Security   semi-honest, 1 corruption of 3
// Setup      one key per pair of parties and lane; both ends read the same key stream in step, so a kernel draws
//            equally much at both ends of a pair, and each stretch of the stream is used once
// Source     Araki et al., CCS 2016; Mohassel and Rindal, CCS 2018
//
// The kernels are members of Lane (lane.h), one per file. Here their shapes are checked, their results allocated, and
// long vectors split over the session's lanes, which work at the same time. Replicated3Cost declares the same.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "mpc/engine.h"
#include "mpc/lane_threads.h"
#include "mpc/replicated3/lane.h"
#include "mpc/session.h"

namespace cohortium::mpc {

struct Range {
  std::size_t from, count;
};

// The stretches of `count` elements that the lanes work on: lane 0 all of it where it is short, else about equal ones,
// the first the longest, that begin at multiples of 64 elements.
std::vector<Range> split(std::size_t count, int lanes);

// What a kernel costs a party, by public sizes. The member names are those of the kernels.
class Replicated3Cost {
 public:
  explicit Replicated3Cost(PartyId party, Link link = {}, int lanes = 1) : lane_(party, link), lanes_(lanes) {}

  template <RingWord W>
  Cost share(PartyId owner, std::size_t count) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.share<W>(owner, n); });
  }
  template <RingWord W>
  Cost open(std::size_t count) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.open<W>(n); });
  }
  template <RingWord W>
  Cost open_to(PartyId receiver, std::size_t count) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.open_to<W>(receiver, n); });
  }
  template <RingWord W>
  Cost multiply(std::size_t results, std::size_t /*length*/) const {
    return over_lanes(results, [&](std::size_t n) { return lane_.reshare<W>(n); });
  }
  template <RingWord W>
  Cost truncate(std::size_t count, int bits) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.truncate<W>(n, bits); });
  }
  template <RingWord W>
  Cost multiply_truncate(std::size_t results, std::size_t /*length*/, int bits) const {
    return over_lanes(results, [&](std::size_t n) { return lane_.multiply_truncate<W>(n, bits); });
  }
  template <RingWord W>
  Cost from_bit(std::size_t count) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.from_bit<W>(n); });
  }
  template <RingWord W>
  Cost from_bits(std::size_t count, int planes) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.from_bits<W>(n, planes); });
  }
  template <RingWord W>
  Cost keep_where(std::size_t count) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.keep_where<W>(n); });
  }
  template <RingWord W>
  Cost to_bits(std::size_t count, int bits) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.to_bits<W>(n, bits); });
  }
  template <RingWord W>
  Cost bit(std::size_t count, int position) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.bit<W>(n, position); });
  }
  template <RingWord W>
  Cost is_zero(std::size_t count, int bits) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.is_zero<W>(n, bits); });
  }
  template <RingWord W>
  Cost permute(std::size_t elements) const {
    return lane_.permute_words(elements * sizeof(W) / sizeof(u64));
  }
  Cost permute_bits(std::size_t size, std::size_t columns) const {
    return lane_.permute_words(words_for_bits(size) * columns);
  }
  Cost share_bits(PartyId owner, std::size_t count) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.share_bits(owner, n); });
  }
  Cost open_bits(std::size_t count) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.open_bits(n); });
  }
  Cost and_bits(std::size_t count) const {
    return over_lanes(count, [&](std::size_t n) { return lane_.and_bits(n); });
  }
  Cost adopt(std::size_t) const { return {}; }

 private:
  // Lane 0 has the longest stretch, hence no fewer rounds than the others.
  template <class OnLane>
  Cost over_lanes(std::size_t count, OnLane on_lane) const {
    Cost cost;
    for (const Range& range : split(count, lanes_)) {
      const Cost part = on_lane(range.count);
      cost.rounds = std::max(cost.rounds, part.rounds);
      cost.bytes_sent += part.bytes_sent;
    }
    return cost;
  }

  LaneCost lane_;
  int lanes_;
};

// What needs no communication, at party `self`.
template <RingWord W>
Shared<W> replicated_constant(PartyId self, std::span<const W> values);
SharedBits replicated_constant_bits(PartyId self, std::span<const u64> words, std::size_t count);
SharedBits replicated_not(PartyId self, const SharedBits& a);
// A dealt part (mpc/dealing.h).
Shared<u128> replicated_adopt(PartyId self, std::span<const std::byte> part, std::size_t count);

class Replicated3 {
 public:
  explicit Replicated3(Session& session);

  std::string_view name() const { return "replicated3"; }
  PartyId self() const { return session_.self(); }
  int parties() const { return 3; }
  Cost cost() const { return session_.cost(); }
  Link link() const { return session_.link(); }

  template <RingWord W>
  Shared<W> constant(std::span<const W> values) {
    return replicated_constant(self(), values);
  }
  template <RingWord W>
  Shared<W> share(PartyId owner, std::span<const W> values, std::size_t count);
  template <RingWord W>
  std::vector<W> open(const Shared<W>& a);
  template <RingWord W>
  std::optional<std::vector<W>> open_to(PartyId receiver, const Shared<W>& a);
  template <RingWord W>
  Shared<W> multiply(const Shared<W>& a, const Shared<W>& b);
  template <RingWord W>
  Shared<W> dot(const Shared<W>& a, const Shared<W>& b, std::size_t length);
  template <RingWord W>
  Shared<W> matrix_product(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                           std::size_t columns);
  template <RingWord W>
  Shared<W> truncate(const Shared<W>& a, int bits);
  template <RingWord W>
  Shared<W> multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits);
  template <RingWord W>
  Shared<W> dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits);
  template <RingWord W>
  Shared<W> matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                    std::size_t columns, int bits);
  template <RingWord W>
  std::vector<SharedBits> to_bits(const Shared<W>& a, int count);
  template <RingWord W>
  SharedBits bit(const Shared<W>& a, int position);
  template <RingWord W>
  SharedBits is_zero(const Shared<W>& a, int count);
  template <RingWord W>
  Shared<W> from_bit(const SharedBits& bits);
  template <RingWord W>
  Shared<W> from_bits(std::span<const SharedBits> planes);
  template <RingWord W>
  Shared<W> keep_where(const SharedBits& bit, const Shared<W>& a);
  template <RingWord W>
  Shared<W> permute(const SecretPermutation& p, const Shared<W>& columns, Direction direction);
  template <RingWord W>
  Shared<W> random(std::size_t count);

  SharedBits constant_bits(std::span<const u64> words, std::size_t count) {
    return replicated_constant_bits(self(), words, count);
  }
  SharedBits share_bits(PartyId owner, std::span<const u64> words, std::size_t count);
  std::vector<u64> open_bits(const SharedBits& a);
  std::vector<u64> open_coins(const SharedBits& a) { return open_bits(a); }
  SharedBits and_bits(const SharedBits& a, const SharedBits& b);
  SharedBits not_bits(const SharedBits& a) { return replicated_not(self(), a); }
  SharedBits random_bits(std::size_t count);
  SecretPermutation random_permutation(std::size_t size);
  std::vector<SharedBits> permute_bits(const SecretPermutation& p, std::span<const SharedBits> columns,
                                       Direction direction);
  Shared<u128> adopt(std::span<const std::byte> part, std::size_t count) {
    return replicated_adopt(self(), part, count);
  }

 private:
  // Runs body(lane, from, count) for every stretch of a vector of `count` elements, each on its lane.
  template <class Body>
  void over_lanes(std::size_t count, Body body);

  // This party's summands of products, made by all lanes, and what becomes of them.
  template <RingWord W>
  Buffer<W> sums(const Shared<W>& a, const Shared<W>& b, std::size_t length);
  template <RingWord W>
  Buffer<W> products(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner, std::size_t columns);
  template <RingWord W>
  Shared<W> reshared(Buffer<W> summands);
  template <RingWord W>
  Shared<W> reshared_truncated(const Buffer<W>& summands, int bits);

  Session& session_;
  std::deque<Lane> lanes_;
  LaneThreads threads_;
};

}  // namespace cohortium::mpc
