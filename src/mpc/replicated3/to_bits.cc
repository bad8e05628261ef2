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
#include "base/error.h"
#include "mpc/bit_planes.h"
#include "mpc/replicated3/adder.h"
#include "mpc/replicated3/replicated3.h"
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

SharedBits plane_of(const Components<u64>& planes, int index, std::size_t size) {
  SharedBits result(size, 2);
  for (int c = 0; c < 2; ++c) {
    std::copy_n(planes[c].begin() + index * result.words(), result.words(), result.component[c].begin());
  }
  return result;
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

Cost Replicated3Cost::to_bits(std::size_t count, int bits) const {
  return adder_cost(party_, count, bits, all_carries(bits - 1));
}

Cost Replicated3Cost::bit(std::size_t count, int position) const {
  return adder_cost(party_, count, position + 1, last_carry(position));
}

// a = p0 xor p1 xor 0, where p0 is drawn by parties 0 and 2 and p1 sent from party 0 to party 1; b = 0 xor 0 xor b.
template <RingWord W>
Replicated3::Operands Replicated3::share_operands(const Shared<W>& a, int count) {
  const std::size_t words = words_for_bits(a.size) * count;
  Operands operands;
  for (auto* component : {&operands.first, &operands.second}) {
    for (auto& planes : *component) planes.resize(words);
  }
  if (self() == 0) {
    Buffer<W> sum(a.size);
    add_words(a.component[0].data(), a.component[1].data(), sum.data(), a.size);
    operands.first = {draw<u64>(with_previous_, words), to_planes(std::span<const W>(sum), count)};
    xor_words(operands.first[0].data(), operands.first[1].data(), operands.first[1].data(), words);
    session_.exchange({{1, bytes_of(operands.first[1])}}, {});
  } else if (self() == 1) {
    operands.second[1] = to_planes(std::span<const W>(a.component[1]), count);
    session_.exchange({}, {{0, writable_bytes_of(operands.first[0])}});
  } else {
    operands.second[0] = to_planes(std::span<const W>(a.component[0]), count);
    operands.first[1] = draw<u64>(with_next_, words);
    session_.exchange({}, {});
  }
  return operands;
}

// Turns generate and propagate planes into carries, level by level; a level is one exchange.
void Replicated3::run_adder(const AdderSchedule& schedule, std::size_t words, Components<u64>& generate,
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
std::vector<SharedBits> Replicated3::to_bits(const Shared<W>& a, int count) {
  COHORTIUM_CHECK(a.components == 2 && count >= 1 && count <= bits_of<W>);
  const std::size_t words = words_for_bits(a.size);
  const Operands operands = share_operands(a, count);
  const Components<u64> sum_without_carries = xor_components(operands.first, operands.second);
  std::vector<SharedBits> bits;
  bits.reserve(count);
  for (int j = 0; j < count; ++j) bits.push_back(plane_of(sum_without_carries, j, a.size));
  if (count == 1) return bits;

  Components<u64> carries =
      and_components(lowest(operands.first, count - 1, words), lowest(operands.second, count - 1, words));
  Components<u64> propagate = lowest(sum_without_carries, count - 1, words);
  run_adder(all_carries(count - 1), words, carries, propagate);
  for (int j = 1; j < count; ++j) bits[j] = exclusive_or(bits[j], plane_of(carries, j - 1, a.size));
  return bits;
}

template <RingWord W>
SharedBits Replicated3::bit(const Shared<W>& a, int position) {
  COHORTIUM_CHECK(a.components == 2 && position >= 0 && position < bits_of<W>);
  const std::size_t words = words_for_bits(a.size);
  const Operands operands = share_operands(a, position + 1);
  Components<u64> propagate = xor_components(operands.first, operands.second);
  SharedBits result = plane_of(propagate, position, a.size);
  if (position == 0) return result;

  Components<u64> carries =
      and_components(lowest(operands.first, position, words), lowest(operands.second, position, words));
  run_adder(last_carry(position), words, carries, propagate);
  return exclusive_or(result, plane_of(carries, position - 1, a.size));
}

template std::vector<SharedBits> Replicated3::to_bits(const Shared<u64>&, int);
template std::vector<SharedBits> Replicated3::to_bits(const Shared<u128>&, int);
template SharedBits Replicated3::bit(const Shared<u64>&, int);
template SharedBits Replicated3::bit(const Shared<u128>&, int);

}  // namespace cohortium::mpc
