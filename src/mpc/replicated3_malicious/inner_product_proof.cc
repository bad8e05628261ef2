#include "mpc/replicated3_malicious/inner_product_proof.h"

#include <algorithm>

#include "mpc/replicated3_malicious/binary_field.h"
#include "mpc/replicated3_malicious/residue_field.h"

namespace cohortium::mpc {
namespace {

// Values of polynomials of degree below `points` that are given at 0, 1, …,
// points - 1.
template <class Field>
class Interpolation {
 public:
  explicit Interpolation(std::size_t points) : weights_(points) {
    for (std::size_t j = 0; j < points; ++j) {
      Field product(u64{1});
      for (std::size_t i = 0; i < points; ++i) {
        if (i != j) product = product * (Field(u64{j}) - Field(u64{i}));
      }
      weights_[j] = product.inverse();
    }
  }
  std::size_t points() const { return weights_.size(); }

  // The factor of every given value in the value at x.
  std::vector<Field> at(const Field& x) const {
    const std::size_t n = points();
    std::vector<Field> factors(weights_);
    Field below(u64{1}), above(u64{1});
    for (std::size_t j = 0; j < n; ++j) {
      factors[j] = factors[j] * below;
      below = below * (x - Field(u64{j}));
    }
    for (std::size_t j = n; j-- > 0;) {
      factors[j] = factors[j] * above;
      above = above * (x - Field(u64{j}));
    }
    return factors;
  }

 private:
  std::vector<Field> weights_;
};

// One way to cut: into `pieces`.
template <class Field>
struct Cut {
  explicit Cut(std::size_t pieces) : values(pieces), products(2 * pieces - 1) {
    for (std::size_t point = pieces; point < products.points(); ++point) {
      beyond.push_back(values.at(Field(u64{point})));
    }
  }
  Interpolation<Field> values, products;   // of f and g; of h
  std::vector<std::vector<Field>> beyond;  // f and g at the points behind the pieces
};

constexpr std::size_t few = 16,
                      many = 8192;  // above `many`, the work counts more than the rounds

template <class Field>
const Cut<Field>& cut_into(std::size_t pieces) {
  static const Cut<Field> small(4), middle(8), large(few), last(few + 1);
  return pieces == 4 ? small : pieces == 8 ? middle : pieces == few ? large : last;
}

std::size_t pieces_of(std::size_t size) { return size > many ? 4 : size > few ? few : few + 1; }

// The inner products of all pairs of pieces.
template <class Field>
std::vector<Field> pairs_of(std::size_t k, const Buffer<Field>& left, const Buffer<Field>& right, std::size_t stride) {
  std::vector<Field> pairs(k * k);
  const auto piece = [&](std::size_t i) { return std::min(i * stride, left.size()); };
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      const std::size_t n = std::min({stride, left.size() - piece(i), left.size() - piece(j)});
      pairs[i * k + j] = Field::inner_product(left.data() + piece(i), right.data() + piece(j), n);
    }
  }
  return pairs;
}

// The values of h at 1 .. 2k-2.
template <class Field>
Buffer<Field> products_of(const Cut<Field>& cut, std::span<const Field> pairs) {
  const std::size_t k = cut.values.points();
  Buffer<Field> h;
  for (std::size_t j = 1; j < k; ++j) h.push_back(pairs[j * k + j]);
  for (const auto& factor : cut.beyond) {
    Field sum{};
    for (std::size_t i = 0; i < k; ++i) sum = sum + factor[i] * Field::inner_product(&pairs[i * k], factor.data(), k);
    h.push_back(sum);
  }
  return h;
}

template <class Field>
Field point_of(const crypto::Seed& seed) {
  Field point;
  crypto::RandomGenerator generator(seed);
  Field::draw(generator, std::span(&point, 1));
  return point;
}

// One of the vectors after a cut, with the factors of its pieces.
template <class Field>
void fold(Buffer<Field>& vector, std::size_t stride, const std::vector<Field>& factors) {
  Buffer<Field> folded(stride);
  Field::combine(vector.data(), vector.size(), stride, factors.data(), factors.size(), folded.data());
  vector = std::move(folded);
}

// A verifier's share of h(r), from its share of the claim and of the values at
// 1 .. 2k-2.
template <class Field>
Field share_at(const Cut<Field>& cut, const Field& claim, const Buffer<Field>& h, const std::vector<Field>& factors) {
  const std::size_t k = cut.values.points();
  const std::size_t claimed = k == few + 1 ? few - 1 : k - 1;  // the random pair of the last cut belongs to no claim
  Field first = claim, sum{};
  for (std::size_t j = 0; j < claimed; ++j) first = first - h[j];
  sum = first * factors[0];
  for (std::size_t j = 0; j < h.size(); ++j) sum = sum + h[j] * factors[j + 1];
  return sum;
}

template <class Field>
void add_random_pair(VerifierPair& parties, Claims<Field>& claims) {
  const auto append = [](crypto::RandomGenerator& generator, Buffer<Field>& to) {
    to.resize(few, Field{});
    to.emplace_back();
    Field::draw(generator, std::span(&to.back(), 1));
  };
  append(parties.with_next(), claims.own_right);
  append(parties.with_previous(), claims.previous_right);
  append(parties.with_previous(), claims.own_left);
  append(parties.with_next(), claims.next_left);
}

// The last claims, in the open between each pair of verifiers. Not inlined: tests/secrecy lets it branch on what it
// compares, and nothing else.
template <class Field>
[[gnu::noinline]] void compare(VerifierPair& parties, const Claims<Field>& claims) {
  LaneChannels& channels = parties.channels();
  const std::array<Field, 2> left{claims.next_left[0], claims.next_summand},
      right{claims.previous_right[0], claims.previous_summand};
  const Bytes to_previous = wire_form(std::span<const Field>(left)), to_next = wire_form(std::span<const Field>(right));
  Bytes from_previous(to_next.size()), from_next(to_previous.size());
  channels.exchange({{channels.previous(), to_previous}, {channels.next(), to_next}},
                    {{channels.previous(), from_previous}, {channels.next(), from_next}});
  std::array<Field, 2> others_right, others_left;
  read_wire_form(from_previous, std::span<Field>(others_right));
  read_wire_form(from_next, std::span<Field>(others_left));
  const auto holds = [](const std::array<Field, 2>& a, const std::array<Field, 2>& b) {
    return Field::is_zero(a[0] * b[0] - a[1] - b[1]);
  };
  // The prover, or the other verifier.
  if (!holds(left, others_right) || !holds(others_left, right)) {
    throw cheating_detected(channels, channels.next(), channels.previous(), "a peer's messages contradict each other");
  }
}

}  // namespace

template <class Field>
Factors<Field> cut(VerifierPair& parties, std::span<const Field> pairs, std::size_t pieces, Claims<Field>& claims) {
  const Cut<Field>& cut = cut_into<Field>(pieces);
  Buffer<Field> h = products_of(cut, pairs), of_next(h.size()), of_previous(h.size());
  parties.hand_out(std::span(h), std::span(of_next), std::span(of_previous),
                   [](const Field& a, const Field& b) { return a - b; });
  const Challenge challenge = parties.challenge();
  const auto next = point_of<Field>(challenge.of_next), previous = point_of<Field>(challenge.of_previous);
  claims.next_summand = share_at(cut, claims.next_summand, of_next, cut.products.at(next));
  claims.previous_summand = share_at(cut, claims.previous_summand, of_previous, cut.products.at(previous));
  return {cut.values.at(point_of<Field>(challenge.own)), cut.values.at(next), cut.values.at(previous)};
}

template <class Field>
void prove(VerifierPair& parties, Claims<Field> claims) {
  COHORTIUM_CHECK(claims.own_left.size() == claims.size && claims.own_right.size() == claims.size &&
                  claims.next_left.size() == claims.size && claims.previous_right.size() == claims.size);
  std::size_t size = claims.size;
  for (bool last = false; !last;) {
    const std::size_t pieces = pieces_of(size);
    last = pieces == few + 1;
    if (last) add_random_pair(parties, claims);
    const std::size_t stride = last ? 1 : (size + pieces - 1) / pieces;
    const std::vector<Field> pairs = pairs_of(pieces, claims.own_left, claims.own_right, stride);
    const Factors<Field> factors = cut(parties, std::span<const Field>(pairs), pieces, claims);
    fold(claims.own_left, stride, factors.own);
    fold(claims.own_right, stride, factors.own);
    fold(claims.next_left, stride, factors.next);
    fold(claims.previous_right, stride, factors.previous);
    size = stride;
  }
  // Only when the provers have found no fault with their challenges: what the
  // verifiers show each other hides nothing from one that has named different
  // ones to the prover and to its partner.
  parties.meet();
  compare(parties, claims);
}

template <class Field>
Cost cut_cost(std::size_t pieces) {
  Cost cost{1, wire_bytes<Field>(2 * pieces - 2)};
  return cost += challenge_cost;
}

template <class Field>
Cost proof_cost(std::size_t size) {
  Cost cost;
  for (bool last = false; !last;) {
    const std::size_t pieces = pieces_of(size);
    last = pieces == few + 1;
    cost += cut_cost<Field>(pieces);
    size = (size + pieces - 1) / pieces;
  }
  cost += meeting_cost;
  return cost += {1, 2 * wire_bytes<Field>(2)};
}

#define COHORTIUM_FOR_FIELD(Field)                                                                 \
  template Factors<Field> cut(VerifierPair&, std::span<const Field>, std::size_t, Claims<Field>&); \
  template Cost cut_cost<Field>(std::size_t);                                                      \
  template void prove(VerifierPair&, Claims<Field>);                                               \
  template Cost proof_cost<Field>(std::size_t);
COHORTIUM_FOR_FIELD(ResidueField<3>)
COHORTIUM_FOR_FIELD(ResidueField<6>)
COHORTIUM_FOR_FIELD(BinaryField)
#undef COHORTIUM_FOR_FIELD

}  // namespace cohortium::mpc
