#include "mpc/permutation.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/error.h"

namespace cohortium::mpc {
namespace {

// Draws below a bound, from a block of generator output at a time.
class BoundedDraws {
 public:
  explicit BoundedDraws(crypto::RandomGenerator& generator) : generator_(generator) {}
  ~BoundedDraws() { wipe(words_.data(), sizeof words_); }

  // Uniform in [0, bound).
  std::uint32_t below(u64 bound) {
    while (true) {
      const u128 product = static_cast<u128>(next()) * bound;
      // The low half decides whether this draw belongs to the few that would favour some results.
      if (static_cast<u64>(product) >= bound || static_cast<u64>(product) >= (u64{0} - bound) % bound) {
        return static_cast<std::uint32_t>(product >> 64);
      }
    }
  }

 private:
  u64 next() {
    if (used_ == words_.size()) {
      generator_.fill(writable_bytes_of(words_));
      used_ = 0;
    }
    return words_[used_++];
  }

  crypto::RandomGenerator& generator_;
  std::array<u64, 512> words_{};
  std::size_t used_ = words_.size();
};

}  // namespace

Buffer<std::uint32_t> draw_permutation(crypto::RandomGenerator& generator, std::size_t size) {
  COHORTIUM_CHECK(size <= 0xffffffff);
  Buffer<std::uint32_t> p(size);
  std::iota(p.begin(), p.end(), 0U);
  BoundedDraws draws(generator);
  for (std::size_t i = size; i > 1; --i) std::swap(p[i - 1], p[draws.below(i)]);
  return p;
}

template <RingWord W>
void move_columns(std::span<const std::uint32_t> p, Direction direction, std::span<const W> in, std::span<W> out) {
  const std::size_t n = p.size();
  COHORTIUM_CHECK(in.size() == out.size() && (n == 0 ? in.empty() : in.size() % n == 0));
  for (std::size_t from = 0; from < in.size(); from += n) {
    const W* source = in.data() + from;
    W* target = out.data() + from;
    if (direction == Direction::kForwards) {
      for (std::size_t i = 0; i < n; ++i) target[i] = source[p[i]];
    } else {
      for (std::size_t i = 0; i < n; ++i) target[p[i]] = source[i];
    }
  }
}

void move_bits(std::span<const std::uint32_t> p, Direction direction, std::span<const u64> in, std::span<u64> out) {
  COHORTIUM_CHECK(in.size() == (p.size() + 63) / 64 && out.size() == in.size());
  std::fill(out.begin(), out.end(), 0);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const std::size_t from = direction == Direction::kForwards ? p[i] : i,
                      to = direction == Direction::kForwards ? i : p[i];
    out[to / 64] |= (in[from / 64] >> (from % 64) & 1) << (to % 64);
  }
}

template void move_columns(std::span<const std::uint32_t>, Direction, std::span<const u64>, std::span<u64>);
template void move_columns(std::span<const std::uint32_t>, Direction, std::span<const u128>, std::span<u128>);

}  // namespace cohortium::mpc
