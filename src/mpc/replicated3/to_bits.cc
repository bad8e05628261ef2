// Ring elements to bits: x = a + b, where party 0 knows a = x0 + x1 and parties 1 and 2 know b = x2. Both are shared as
// bit planes (b for nothing, a with one message) and added by a parallel-prefix adder over generate and propagate
// planes: all carries for to_bits, only the carry into the wanted position for bit. Work and traffic are modulo
// 2^(planes).
//
// Security   semi-honest, 1 corruption of 3
// Reveals    nothing
// Rounds     2 + ceil(log2(m)), with m = count - 1 carries (to_bits) or m = position (bit); 1 when m = 0
// Sent       party 0 sends one bit per plane and element more; then every party m bits per element, and
//            to_bits: about m log2(m), bit: about 2m
// Source     Sklansky 1960 (prefix adder); conversion: Mohassel and Rindal, CCS 2018, section 5.3
#include "mpc/bit_planes.h"
#include "mpc/replicated3/adder.h"
#include "mpc/replicated3/lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

Cost adder_cost(PartyId party, std::size_t count, int planes, const AdderSchedule& schedule) {
  const std::size_t plane_bytes = words_for_bits(count) * sizeof(u64);
  Cost cost{1, party == 0 ? planes * plane_bytes : 0};
  if (planes > 1) cost += {1, (planes - 1) * plane_bytes};
  for (const auto& level : schedule) cost += {1, conjunctions(level) * plane_bytes};
  return cost;
}

Components<u64> xor_components(const Components<u64>& a, const Components<u64>& b) {
  Components<u64> result;
  for (int c = 0; c < 2; ++c) {
    result[c].resize(a[c].size());
    xor_words(a[c].data(), b[c].data(), result[c].data(), a[c].size());
  }
  return result;
}

// The first `planes` planes of `words` words.
Components<u64> lowest(const Components<u64>& a, int planes, std::size_t words) {
  Components<u64> result;
  for (int c = 0; c < 2; ++c) result[c].assign(a[c].begin(), a[c].begin() + planes * words);
  return result;
}

}  // namespace

template <RingWord W>
Cost LaneCost::to_bits(std::size_t count, int bits) const {
  return adder_cost(party_, count, bits, all_carries(bits - 1));
}

template <RingWord W>
Cost LaneCost::bit(std::size_t count, int position) const {
  return adder_cost(party_, count, position + 1, last_carry(position));
}

// a = p0 xor p1 xor 0, where p0 is drawn by parties 0 and 2 and p1 sent from party 0 to party 1; b = 0 xor 0 xor b.
template <RingWord W>
Lane::Operands Lane::share_operands(ConstParts<W> a, std::size_t count, int bits) {
  const std::size_t words = words_for_bits(count) * bits;
  Operands operands;
  for (auto* component : {&operands.first, &operands.second}) {
    for (auto& planes : *component) planes.assign(words, 0);
  }
  if (self() == 0) {
    Buffer<W> sum(count);
    add_words(a.first, a.second, sum.data(), count);
    operands.first = {draw<u64>(with_previous_, words), to_planes(std::span<const W>(sum), bits)};
    xor_words(operands.first[0].data(), operands.first[1].data(), operands.first[1].data(), words);
    channels_.exchange({{1, bytes_of(operands.first[1])}}, {});
  } else if (self() == 1) {
    operands.second[1] = to_planes(std::span<const W>(a.second, count), bits);
    channels_.exchange({}, {{0, writable_bytes_of(operands.first[0])}});
  } else {
    operands.second[0] = to_planes(std::span<const W>(a.first, count), bits);
    operands.first[1] = draw<u64>(with_next_, words);
    channels_.exchange({}, {});
  }
  return operands;
}

// Turns generate and propagate planes into carries, level by level; a level is one exchange.
void Lane::run_adder(const AdderSchedule& schedule, std::size_t words, Components<u64>& generate,
                     Components<u64>& propagate) {
  for (const auto& level : schedule) {
    Components<u64> left, right;
    for (int c = 0; c < 2; ++c) {
      left[c].reserve(conjunctions(level) * words);
      right[c].reserve(conjunctions(level) * words);
      const auto append = [words](Buffer<u64>& to, const Buffer<u64>& planes, int index) {
        to.insert(to.end(), planes.begin() + index * words, planes.begin() + (index + 1) * words);
      };
      for (const auto& [high, low, joins] : level) {
        append(left[c], propagate[c], high);
        append(right[c], generate[c], low);
        if (!joins) continue;
        append(left[c], propagate[c], high);
        append(right[c], propagate[c], low);
      }
    }
    const Components<u64> products = and_components(left, right);
    for (int c = 0; c < 2; ++c) {
      const u64* product = products[c].data();
      for (const auto& [high, low, joins] : level) {
        u64* carry = generate[c].data() + high * words;
        xor_words(carry, product, carry, words);
        product += words;
        if (!joins) continue;
        std::copy_n(product, words, propagate[c].begin() + high * words);
        product += words;
      }
    }
  }
}

template <RingWord W>
void Lane::to_bits(ConstParts<W> a, std::size_t count, std::span<const Parts<u64>> planes) {
  const std::size_t words = words_for_bits(count);
  const int bits = static_cast<int>(planes.size());
  const Operands operands = share_operands<W>(a, count, bits);
  const Components<u64> sum_without_carries = xor_components(operands.first, operands.second);
  for (int c = 0; c < 2; ++c) {
    for (int j = 0; j < bits; ++j) std::copy_n(sum_without_carries[c].data() + j * words, words, planes[j][c]);
  }
  if (bits == 1) return;

  Components<u64> carries =
      and_components(lowest(operands.first, bits - 1, words), lowest(operands.second, bits - 1, words));
  Components<u64> propagate = lowest(sum_without_carries, bits - 1, words);
  run_adder(all_carries(bits - 1), words, carries, propagate);
  for (int c = 0; c < 2; ++c) {
    for (int j = 1; j < bits; ++j) {
      xor_words(planes[j][c], carries[c].data() + (j - 1) * words, planes[j][c], words);
    }
  }
}

template <RingWord W>
void Lane::bit(ConstParts<W> a, std::size_t count, int position, Parts<u64> out) {
  const std::size_t words = words_for_bits(count);
  const Operands operands = share_operands<W>(a, count, position + 1);
  Components<u64> propagate = xor_components(operands.first, operands.second);
  for (int c = 0; c < 2; ++c) std::copy_n(propagate[c].data() + position * words, words, out[c]);
  if (position == 0) return;

  Components<u64> carries =
      and_components(lowest(operands.first, position, words), lowest(operands.second, position, words));
  run_adder(last_carry(position), words, carries, propagate);
  for (int c = 0; c < 2; ++c) xor_words(out[c], carries[c].data() + (position - 1) * words, out[c], words);
}

#define COHORTIUM_FOR_RING(W)                                                           \
  template Cost LaneCost::to_bits<W>(std::size_t, int) const;                           \
  template Cost LaneCost::bit<W>(std::size_t, int) const;                               \
  template void Lane::to_bits(ConstParts<W>, std::size_t, std::span<const Parts<u64>>); \
  template void Lane::bit(ConstParts<W>, std::size_t, int, Parts<u64>);                 \
  template Lane::Operands Lane::share_operands(ConstParts<W>, std::size_t, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
