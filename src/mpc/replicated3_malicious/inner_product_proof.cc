#include "mpc/replicated3_malicious/inner_product_proof.h"

#include <algorithm>

#include "mpc/replicated3_malicious/binary_arithmetic.h"
#include "mpc/replicated3_malicious/prime_field.h"

namespace cohortium::mpc {
namespace {

// Values of polynomials of degree below `points` that are given at 0, 1, …,
// points - 1.
template <class Field>
class Interpolation {
 public:
  using Element = typename Field::Element;
  Interpolation(const Field& field, std::size_t points) : field_(field), weights_(points) {
    // All inverses from one: of the product of the first i+1 divisors, and then of one divisor after the other.
    std::vector<Element> divisors, products;
    for (std::size_t j = 0; j < points; ++j) {
      Element divisor = field.of(u64{1});
      for (std::size_t i = 0; i < points; ++i) {
        if (i != j) divisor = field.multiply(divisor, field.subtract(field.of(u64{j}), field.of(u64{i})));
      }
      products.push_back(j == 0 ? divisor : field.multiply(products.back(), divisor));
      divisors.push_back(divisor);
    }
    Element inverse = field.inverse(products.back());
    for (std::size_t j = points; j-- > 0;) {
      weights_[j] = j == 0 ? inverse : field.multiply(inverse, products[j - 1]);
      inverse = field.multiply(inverse, divisors[j]);
    }
  }
  std::size_t points() const { return weights_.size(); }

  // The factor of every given value in the value at x.
  std::vector<Element> at(const Element& x) const {
    const std::size_t n = points();
    std::vector<Element> factors(weights_);
    Element below = field_.of(u64{1}), above = field_.of(u64{1});
    for (std::size_t j = 0; j < n; ++j) {
      factors[j] = field_.multiply(factors[j], below);
      below = field_.multiply(below, field_.subtract(x, field_.of(u64{j})));
    }
    for (std::size_t j = n; j-- > 0;) {
      factors[j] = field_.multiply(factors[j], above);
      above = field_.multiply(above, field_.subtract(x, field_.of(u64{j})));
    }
    return factors;
  }

 private:
  const Field& field_;
  std::vector<Element> weights_;
};

constexpr std::size_t few = 16,
                      many = 8192;  // above `many`, the work counts more than the rounds

std::size_t pieces_of(std::size_t size) { return size > many ? 4 : size > few ? few : few + 1; }

// The inner products of all pairs of pieces.
template <class Field, class Element = typename Field::Element>
std::vector<Element> pairs_of(const Field& field, std::size_t k, const Buffer<Element>& left,
                              const Buffer<Element>& right, std::size_t stride) {
  std::vector<Element> pairs(k * k);
  const auto piece = [&](std::size_t i) { return std::min(i * stride, left.size()); };
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      const std::size_t n = std::min({stride, left.size() - piece(i), left.size() - piece(j)});
      pairs[i * k + j] = field.inner_product(left.data() + piece(i), right.data() + piece(j), n);
    }
  }
  return pairs;
}

// The values of h at 1 .. 2k-2, from the values of f and g.
template <class Field, class Element = typename Field::Element>
Buffer<Element> products_of(const Field& field, const Interpolation<Field>& values, std::span<const Element> pairs) {
  const std::size_t k = values.points();
  Buffer<Element> h;
  for (std::size_t j = 1; j < k; ++j) h.push_back(pairs[j * k + j]);
  for (std::size_t point = k; point < 2 * k - 1; ++point) {
    const std::vector<Element> factor = values.at(field.of(u64{point}));
    Element sum{};
    for (std::size_t i = 0; i < k; ++i) {
      sum = field.add(sum, field.multiply(factor[i], field.inner_product(&pairs[i * k], factor.data(), k)));
    }
    h.push_back(sum);
  }
  return h;
}

template <class Field>
typename Field::Element point_of(const Field& field, const crypto::Seed& seed) {
  typename Field::Element point;
  crypto::RandomGenerator generator(seed);
  field.draw(generator, std::span(&point, 1));
  return point;
}

// One of the vectors after a cut, with the factors of its pieces.
template <class Field, class Element = typename Field::Element>
void fold(const Field& field, Buffer<Element>& vector, std::size_t stride, const std::vector<Element>& factors) {
  Buffer<Element> folded(stride);
  field.combine(vector.data(), vector.size(), stride, factors.data(), factors.size(), folded.data());
  vector = std::move(folded);
}

// A verifier's share of h(r), from its share of the claim and of the values at
// 1 .. 2k-2.
template <class Field, class Element = typename Field::Element>
Element share_at(const Field& field, std::size_t k, const Element& claim, const Buffer<Element>& h,
                 const std::vector<Element>& factors) {
  const std::size_t claimed = k == few + 1 ? few - 1 : k - 1;  // the random pair of the last cut belongs to no claim
  Element first = claim, sum{};
  for (std::size_t j = 0; j < claimed; ++j) first = field.subtract(first, h[j]);
  sum = field.multiply(first, factors[0]);
  for (std::size_t j = 0; j < h.size(); ++j) sum = field.add(sum, field.multiply(h[j], factors[j + 1]));
  return sum;
}

template <class Field, class Element = typename Field::Element>
void add_random_pair(VerifierPair& parties, const Field& field, Claims<Element>& claims) {
  const auto append = [&field](crypto::RandomGenerator& generator, Buffer<Element>& to) {
    to.resize(few, Element{});
    to.push_back(Element{});
    field.draw(generator, std::span(&to.back(), 1));
  };
  append(parties.with_next(), claims.own_right);
  append(parties.with_previous(), claims.previous_right);
  append(parties.with_previous(), claims.own_left);
  append(parties.with_next(), claims.next_left);
}

// The last claims, in the open between each pair of verifiers. Not inlined: tests/secrecy lets it branch on what it
// compares, and nothing else.
template <class Field, class Element = typename Field::Element>
[[gnu::noinline]] void compare(VerifierPair& parties, const Field& field, const Claims<Element>& claims) {
  using Pair = std::array<Element, 2>;
  LaneChannels& channels = parties.channels();
  const auto form = [&](const Pair& pair) {
    Bytes bytes(2 * Field::shown_bytes);
    for (std::size_t i = 0; i < 2; ++i) field.show(pair[i], parties.filler(), bytes.data() + i * Field::shown_bytes);
    return bytes;
  };
  const auto read = [&](const Bytes& bytes) {
    return Pair{field.shown(bytes.data()), field.shown(bytes.data() + Field::shown_bytes)};
  };
  const Pair left{claims.next_left[0], claims.next_summand}, right{claims.previous_right[0], claims.previous_summand};
  const Bytes to_previous = form(left), to_next = form(right);
  Bytes from_previous(to_next.size()), from_next(to_previous.size());
  channels.exchange({{channels.previous(), to_previous}, {channels.next(), to_next}},
                    {{channels.previous(), from_previous}, {channels.next(), from_next}});
  const Pair others_right = read(from_previous), others_left = read(from_next);
  const auto holds = [&field](const Pair& a, const Pair& b) {
    return field.is_zero(field.subtract(field.subtract(field.multiply(a[0], b[0]), a[1]), b[1]));
  };
  // The prover, or the other verifier.
  if (!holds(left, others_right) || !holds(others_left, right)) {
    throw cheating_detected(channels, channels.next(), channels.previous(), "a peer's messages contradict each other");
  }
}

}  // namespace

template <class Field>
Factors<typename Field::Element> cut(VerifierPair& parties, const Field& field,
                                     std::span<const typename Field::Element> pairs, std::size_t pieces,
                                     Claims<typename Field::Element>& claims) {
  using Element = typename Field::Element;
  using Share = typename Field::Share;
  const Interpolation<Field> values(field, pieces), products(field, 2 * pieces - 1);
  const Buffer<Element> h = products_of(field, values, pairs);
  Buffer<Share> own, sent(h.size()), drawn(h.size());
  for (const Element& value : h) own.push_back(field.whole(value));
  parties.hand_out(std::span(own), std::span(sent), std::span(drawn));
  Buffer<Element> of_next, of_previous;
  for (const Share& share : sent) of_next.push_back(field.of_sent(share));
  for (const Share& share : drawn) of_previous.push_back(field.of_drawn(share));
  const Challenge challenge = parties.challenge();
  const Element next = point_of(field, challenge.of_next), previous = point_of(field, challenge.of_previous);
  claims.next_summand = share_at(field, pieces, claims.next_summand, of_next, products.at(next));
  claims.previous_summand = share_at(field, pieces, claims.previous_summand, of_previous, products.at(previous));
  return {values.at(point_of(field, challenge.own)), values.at(next), values.at(previous)};
}

template <class Field>
void prove(VerifierPair& parties, const Field& field, Claims<typename Field::Element> claims) {
  using Element = typename Field::Element;
  COHORTIUM_CHECK(claims.own_left.size() == claims.size && claims.own_right.size() == claims.size &&
                  claims.next_left.size() == claims.size && claims.previous_right.size() == claims.size);
  std::size_t size = claims.size;
  for (bool last = false; !last;) {
    const std::size_t pieces = pieces_of(size);
    last = pieces == few + 1;
    if (last) add_random_pair(parties, field, claims);
    const std::size_t stride = last ? 1 : (size + pieces - 1) / pieces;
    const std::vector<Element> pairs = pairs_of(field, pieces, claims.own_left, claims.own_right, stride);
    const Factors<Element> factors = cut(parties, field, std::span<const Element>(pairs), pieces, claims);
    fold(field, claims.own_left, stride, factors.own);
    fold(field, claims.own_right, stride, factors.own);
    fold(field, claims.next_left, stride, factors.next);
    fold(field, claims.previous_right, stride, factors.previous);
    size = stride;
  }
  // Only when the provers have found no fault with their challenges: what the
  // verifiers show each other hides nothing from one that has named different
  // ones to the prover and to its partner.
  parties.meet();
  compare(parties, field, claims);
}

template <class Field>
Cost cut_cost(std::size_t pieces) {
  Cost cost{1, (2 * pieces - 2) * sizeof(typename Field::Share)};
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
  return cost += {1, 4 * Field::shown_bytes};
}

#define COHORTIUM_FOR_FIELD(Field)                                                                                \
  template Factors<Field::Element> cut(VerifierPair&, const Field&, std::span<const Field::Element>, std::size_t, \
                                       Claims<Field::Element>&);                                                  \
  template Cost cut_cost<Field>(std::size_t);                                                                     \
  template void prove(VerifierPair&, const Field&, Claims<Field::Element>);                                       \
  template Cost proof_cost<Field>(std::size_t);
COHORTIUM_FOR_FIELD(PrimeField)
COHORTIUM_FOR_FIELD(BinaryArithmetic)
#undef COHORTIUM_FOR_FIELD

}  // namespace cohortium::mpc
