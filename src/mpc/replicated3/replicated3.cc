// The engine's operations: shapes are checked, results allocated, stretches handed to the lanes. What needs no
// communication stands here whole.
//
// Security   as replicated3.h
// Reveals    nothing but what open and open_to are asked for
#include "mpc/replicated3/replicated3.h"

#include "base/error.h"
#include "mpc/dealing.h"
#include "mpc/matrix_product.h"
#include "mpc/replicated3/over_lanes.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

// Below this many elements per lane, handing work to threads costs more than it saves.
constexpr std::size_t least_per_lane = 16384;

template <class Vector>
void check_shared(const Vector& a) {
  COHORTIUM_CHECK(a.components == 2);
}

template <class Vector>
void check_alike(const Vector& a, const Vector& b) {
  COHORTIUM_CHECK(a.size == b.size && a.components == 2 && b.components == 2);
}

}  // namespace

std::vector<Range> split(std::size_t count, int lanes) {
  if (lanes == 1 || count < lanes * least_per_lane) return {{0, count}};
  const std::size_t each = (count / lanes + 64) / 64 * 64;
  std::vector<Range> ranges;
  for (std::size_t from = 0; from < count; from += each) ranges.push_back({from, std::min(each, count - from)});
  return ranges;
}

Replicated3::Replicated3(Session& session) : session_(session), threads_(session.lanes()) {
  COHORTIUM_CHECK(session.parties() == 3);
  for (int lane = 0; lane < session.lanes(); ++lane) lanes_.emplace_back(session, lane);
}

// A public value stands in x0, which party 0 holds first and party 2 second.
template <RingWord W>
Shared<W> replicated_constant(PartyId self, std::span<const W> values) {
  Shared<W> result(values.size(), 2);
  if (self == 0) result.component[0].assign(values.begin(), values.end());
  if (self == 2) result.component[1].assign(values.begin(), values.end());
  return result;
}

SharedBits replicated_constant_bits(PartyId self, std::span<const u64> words, std::size_t count) {
  SharedBits result(count, 2);
  COHORTIUM_CHECK(words.size() == result.words());
  if (self == 0) result.component[0].assign(words.begin(), words.end());
  if (self == 2) result.component[1].assign(words.begin(), words.end());
  return result;
}

SharedBits replicated_not(PartyId self, const SharedBits& a) {
  SharedBits result = a;
  if (self == 1) return result;
  for (u64& word : result.component[self == 0 ? 0 : 1]) word = ~word;
  return result;
}

template <RingWord W>
Shared<W> Replicated3::random(std::size_t count) {
  auto result = Shared<W>::uninitialised(count, 2);
  over_lanes(count,
             [&](Lane& lane, std::size_t from, std::size_t n) { lane.random<W>(n, parts_of(result).from(from)); });
  return result;
}

SharedBits Replicated3::random_bits(std::size_t count) {
  auto result = SharedBits::uninitialised(count, 2);
  lanes_[0].random(result.words(), parts_of(result));
  return result;
}

SecretPermutation Replicated3::random_permutation(std::size_t size) { return lanes_[0].random_permutation(size); }

// The bundle's form is drawn in mpc/dealing.h.
Shared<u128> replicated_adopt(PartyId self, std::span<const std::byte> part, std::size_t count) {
  constexpr std::size_t seed_bytes = sizeof(crypto::Seed);
  const std::size_t explicit_bytes = self == 0 ? seed_bytes : count * sizeof(u128);
  check_bundle_size(part.size(), seed_bytes + explicit_bytes);

  const auto expand = [&](std::size_t at, Buffer<u128>& component) {
    crypto::Seed seed;
    std::copy_n(part.begin() + at, seed_bytes, seed.begin());
    crypto::RandomGenerator(seed).fill(writable_bytes_of(component));
    wipe(seed.data(), seed.size());
  };
  auto result = Shared<u128>::uninitialised(count, 2);
  const int seeded = self == 2 ? 1 : 0;
  expand(0, result.component[seeded]);
  if (self == 0) {
    expand(seed_bytes, result.component[1]);
  } else {
    std::copy(part.begin() + seed_bytes, part.end(), writable_bytes_of(result.component[1 - seeded]).begin());
  }
  return result;
}

template <RingWord W>
Shared<W> Replicated3::share(PartyId owner, std::span<const W> values, std::size_t count) {
  COHORTIUM_CHECK(owner >= 0 && owner < 3 && values.size() == (self() == owner ? count : 0));
  auto result = Shared<W>::uninitialised(count, 2);
  over_lanes(count, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.share<W>(owner, self() == owner ? values.data() + from : nullptr, n, parts_of(result).from(from));
  });
  return result;
}

SharedBits Replicated3::share_bits(PartyId owner, std::span<const u64> words, std::size_t count) {
  auto result = SharedBits::uninitialised(count, 2);
  COHORTIUM_CHECK(owner >= 0 && owner < 3 && words.size() == (self() == owner ? result.words() : 0));
  over_lanes(count, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.share_bits(owner, self() == owner ? words.data() + from / 64 : nullptr, n, parts_of(result).from(from / 64));
  });
  return result;
}

template <RingWord W>
std::vector<W> Replicated3::open(const Shared<W>& a) {
  check_shared(a);
  std::vector<W> value(a.size);
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.open<W>(parts_of(a).from(from), n, value.data() + from);
  });
  return value;
}

template <RingWord W>
std::optional<std::vector<W>> Replicated3::open_to(PartyId receiver, const Shared<W>& a) {
  check_shared(a);
  COHORTIUM_CHECK(receiver >= 0 && receiver < 3);
  const bool mine = self() == receiver;
  std::vector<W> value(mine ? a.size : 0);
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.open_to<W>(receiver, parts_of(a).from(from), n, mine ? value.data() + from : nullptr);
  });
  return mine ? std::optional(std::move(value)) : std::nullopt;
}

std::vector<u64> Replicated3::open_bits(const SharedBits& a) {
  check_shared(a);
  std::vector<u64> value(a.words());
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.open_bits(parts_of(a).from(from / 64), n, value.data() + from / 64);
  });
  return value;
}

template <RingWord W>
Shared<W> Replicated3::multiply(const Shared<W>& a, const Shared<W>& b) {
  check_alike(a, b);
  auto result = Shared<W>::uninitialised(a.size, 2);
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.multiply<W>(parts_of(a).from(from), parts_of(b).from(from), n, parts_of(result).from(from));
  });
  return result;
}

template <RingWord W>
Buffer<W> Replicated3::sums(const Shared<W>& a, const Shared<W>& b, std::size_t length) {
  check_alike(a, b);
  COHORTIUM_CHECK(length > 0 && a.size % length == 0);
  Buffer<W> result(a.size / length);
  // Many sums: each lane takes some. Few long ones: each lane takes a part of every sum.
  const std::size_t lanes = split(a.size, session_.lanes()).size();
  const bool whole = result.size() >= lanes;
  Buffer<W> partial(whole ? 0 : lanes * result.size());
  threads_.run(static_cast<int>(lanes), [&](int lane) {
    const auto share_of = [&](std::size_t total, std::size_t index) { return total * index / lanes; };
    const auto sum = [&](std::size_t block, std::size_t from, std::size_t to) {
      const std::size_t at = block * length + from;
      const auto x = parts_of(a).from(at), y = parts_of(b).from(at);
      return sum_of_cross_products(x.first, x.second, y.first, y.second, to - from);
    };
    if (whole) {
      for (std::size_t i = share_of(result.size(), lane); i < share_of(result.size(), lane + 1); ++i) {
        result[i] = sum(i, 0, length);
      }
    } else {
      for (std::size_t i = 0; i < result.size(); ++i) {
        partial[lane * result.size() + i] = sum(i, share_of(length, lane), share_of(length, lane + 1));
      }
    }
  });
  if (!whole) {
    std::fill(result.begin(), result.end(), W{0});
    for (std::size_t i = 0; i < partial.size(); ++i) result[i % result.size()] += partial[i];
  }
  return result;
}

template <RingWord W>
Buffer<W> Replicated3::products(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                std::size_t columns) {
  COHORTIUM_CHECK(a.size == rows * inner && b.size == inner * columns && a.components == 2 && b.components == 2);
  Buffer<W> result(rows * columns);
  const std::size_t lanes = split(rows * inner * columns / 64, session_.lanes()).size();
  threads_.run(static_cast<int>(lanes), [&](int lane) {
    const std::size_t from = rows * lane / lanes, to = rows * (lane + 1) / lanes;
    const MatrixTerm<W> terms[] = {{a.component[0].data() + from * inner, b.component[0].data(), b.component[1].data()},
                                   {a.component[1].data() + from * inner, b.component[0].data()}};
    sum_of_matrix_products(std::span<const MatrixTerm<W>>(terms), to - from, inner, columns,
                           result.data() + from * columns);
  });
  return result;
}

// This party's summands of sums of products, shared anew.
template <RingWord W>
Shared<W> Replicated3::reshared(Buffer<W> summands) {
  Shared<W> result;
  result.size = summands.size();
  result.components = 2;
  result.component = {std::move(summands), Buffer<W>(result.size)};
  over_lanes(result.size,
             [&](Lane& lane, std::size_t from, std::size_t n) { lane.reshare<W>(n, parts_of(result).from(from)); });
  return result;
}

template <RingWord W>
Shared<W> Replicated3::dot(const Shared<W>& a, const Shared<W>& b, std::size_t length) {
  return reshared(sums(a, b, length));
}

template <RingWord W>
Shared<W> Replicated3::matrix_product(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                      std::size_t columns) {
  return reshared(products(a, b, rows, inner, columns));
}

template <RingWord W>
Shared<W> Replicated3::truncate(const Shared<W>& a, int bits) {
  check_shared(a);
  COHORTIUM_CHECK(bits >= 1 && bits <= bits_of<W> - 2);
  auto result = Shared<W>::uninitialised(a.size, 2);
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.truncate<W>(parts_of(a).from(from), n, bits, parts_of(result).from(from));
  });
  return result;
}

template <RingWord W>
Shared<W> Replicated3::multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits) {
  check_alike(a, b);
  COHORTIUM_CHECK(bits >= 1 && bits <= bits_of<W> - 2);
  auto result = Shared<W>::uninitialised(a.size, 2);
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.multiply_truncate<W>(parts_of(a).from(from), parts_of(b).from(from), n, bits, parts_of(result).from(from));
  });
  return result;
}

// This party's summands of sums of products, shared anew and divided by 2^bits on the way.
template <RingWord W>
Shared<W> Replicated3::reshared_truncated(const Buffer<W>& summands, int bits) {
  COHORTIUM_CHECK(bits >= 1 && bits <= bits_of<W> - 2);
  auto result = Shared<W>::uninitialised(summands.size(), 2);
  over_lanes(result.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.reshare_truncated<W>(summands.data() + from, n, bits, parts_of(result).from(from));
  });
  return result;
}

template <RingWord W>
Shared<W> Replicated3::dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits) {
  return reshared_truncated(sums(a, b, length), bits);
}

template <RingWord W>
Shared<W> Replicated3::matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows,
                                               std::size_t inner, std::size_t columns, int bits) {
  return reshared_truncated(products(a, b, rows, inner, columns), bits);
}

template <RingWord W>
Shared<W> Replicated3::permute(const SecretPermutation& p, const Shared<W>& columns, Direction direction) {
  COHORTIUM_CHECK(columns.components == 2 && (p.size == 0 ? columns.size == 0 : columns.size % p.size == 0));
  auto result = Shared<W>::uninitialised(columns.size, 2);
  lanes_[0].permute<W>(p, direction, parts_of(columns), p.size == 0 ? 0 : columns.size / p.size, parts_of(result));
  return result;
}

std::vector<SharedBits> Replicated3::permute_bits(const SecretPermutation& p, std::span<const SharedBits> columns,
                                                  Direction direction) {
  const std::size_t words = words_for_bits(p.size);
  Components<u64> all, moved;
  for (const SharedBits& column : columns) {
    COHORTIUM_CHECK(column.size == p.size && column.components == 2);
    for (int c = 0; c < 2; ++c) all[c].insert(all[c].end(), column.component[c].begin(), column.component[c].end());
  }
  for (int c = 0; c < 2; ++c) moved[c].resize(all[c].size());
  lanes_[0].permute_bits(p, direction, parts_of(all), columns.size(), parts_of(moved));
  std::vector<SharedBits> result;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    SharedBits& column = result.emplace_back(SharedBits::uninitialised(p.size, 2));
    for (int c = 0; c < 2; ++c) std::copy_n(moved[c].begin() + i * words, words, column.component[c].begin());
  }
  return result;
}

#define COHORTIUM_FOR_RING(W)                                                                                  \
  template Shared<W> replicated_constant(PartyId, std::span<const W>);                                         \
  template Shared<W> Replicated3::random(std::size_t);                                                         \
  template Shared<W> Replicated3::share(PartyId, std::span<const W>, std::size_t);                             \
  template std::vector<W> Replicated3::open(const Shared<W>&);                                                 \
  template std::optional<std::vector<W>> Replicated3::open_to(PartyId, const Shared<W>&);                      \
  template Shared<W> Replicated3::multiply(const Shared<W>&, const Shared<W>&);                                \
  template Shared<W> Replicated3::dot(const Shared<W>&, const Shared<W>&, std::size_t);                        \
  template Shared<W> Replicated3::matrix_product(const Shared<W>&, const Shared<W>&, std::size_t, std::size_t, \
                                                 std::size_t);                                                 \
  template Shared<W> Replicated3::truncate(const Shared<W>&, int);                                             \
  template Shared<W> Replicated3::multiply_truncate(const Shared<W>&, const Shared<W>&, int);                  \
  template Shared<W> Replicated3::dot_truncate(const Shared<W>&, const Shared<W>&, std::size_t, int);          \
  template Shared<W> Replicated3::matrix_product_truncate(const Shared<W>&, const Shared<W>&, std::size_t,     \
                                                          std::size_t, std::size_t, int);                      \
  template Shared<W> Replicated3::permute(const SecretPermutation&, const Shared<W>&, Direction);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
