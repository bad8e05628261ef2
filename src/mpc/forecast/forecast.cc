#include "mpc/forecast/forecast.h"

#include <random>

#include "base/error.h"
#include "mpc/bit_planes.h"
#include "mpc/engine_of.h"
#include "mpc/protocols.h"
#include "mpc/replicated3/replicated3.h"
#include "mpc/replicated3_malicious/cost.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {
namespace {

// The plaintext protocol costs nothing.
class PlaintextCost {
 public:
  PlaintextCost(PartyId, Link, int) {}
  template <RingWord W>
  Cost share(PartyId, std::size_t) const {
    return {};
  }
  template <RingWord W>
  Cost open(std::size_t) const {
    return {};
  }
  template <RingWord W>
  Cost open_to(PartyId, std::size_t) const {
    return {};
  }
  template <RingWord W>
  Cost multiply(std::size_t, std::size_t) const {
    return {};
  }
  template <RingWord W>
  Cost truncate(std::size_t, int) const {
    return {};
  }
  template <RingWord W>
  Cost from_bit(std::size_t) const {
    return {};
  }
  template <RingWord W>
  Cost multiply_truncate(std::size_t, std::size_t, int) const {
    return {};
  }
  template <RingWord W>
  Cost from_bits(std::size_t, int) const {
    return {};
  }
  template <RingWord W>
  Cost keep_where(std::size_t) const {
    return {};
  }
  template <RingWord W>
  Cost permute(std::size_t) const {
    return {};
  }
  Cost permute_bits(std::size_t, std::size_t) const { return {}; }
  template <RingWord W>
  Cost to_bits(std::size_t, int) const {
    return {};
  }
  template <RingWord W>
  Cost bit(std::size_t, int) const {
    return {};
  }
  template <RingWord W>
  Cost is_zero(std::size_t, int) const {
    return {};
  }
  Cost share_bits(PartyId, std::size_t) const { return {}; }
  Cost open_bits(std::size_t) const { return {}; }
  Cost and_bits(std::size_t) const { return {}; }
  Cost adopt(std::size_t) const { return {}; }
};

template <class Costs>
class Forecast {
 public:
  Forecast(std::string_view name, PartyId self, Link link, int lanes, std::vector<Cost>* calls)
      : name_(name), self_(self), link_(link), costs_(self, link, lanes), calls_(calls) {}

  std::string_view name() const { return name_; }
  PartyId self() const { return self_; }
  int parties() const { return parties_of(name_); }
  Cost cost() const { return cost_; }
  Link link() const { return link_; }

  template <RingWord W>
  Shared<W> constant(std::span<const W> values) {
    return Shared<W>(values.size(), 0);
  }
  template <RingWord W>
  Shared<W> share(PartyId owner, std::span<const W>, std::size_t count) {
    charge(costs_.template share<W>(owner, count));
    return Shared<W>(count, 0);
  }
  template <RingWord W>
  std::vector<W> open(const Shared<W>& a) {
    charge(costs_.template open<W>(a.size));
    return std::vector<W>(a.size);
  }
  template <RingWord W>
  std::optional<std::vector<W>> open_to(PartyId receiver, const Shared<W>& a) {
    charge(costs_.template open_to<W>(receiver, a.size));
    if (receiver != self_) return std::nullopt;
    return std::vector<W>(a.size);
  }
  template <RingWord W>
  Shared<W> multiply(const Shared<W>& a, const Shared<W>& b) {
    COHORTIUM_CHECK(a.size == b.size);
    return product<W>(a.size, 1);
  }
  template <RingWord W>
  Shared<W> dot(const Shared<W>& a, const Shared<W>& b, std::size_t length) {
    COHORTIUM_CHECK(a.size == b.size && length > 0 && a.size % length == 0);
    return product<W>(a.size / length, length);
  }
  template <RingWord W>
  Shared<W> matrix_product(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                           std::size_t columns) {
    COHORTIUM_CHECK(a.size == rows * inner && b.size == inner * columns);
    return product<W>(rows * columns, inner);
  }
  template <RingWord W>
  Shared<W> truncate(const Shared<W>& a, int bits) {
    COHORTIUM_CHECK(bits >= 1 && bits <= bits_of<W> - 2);
    charge(costs_.template truncate<W>(a.size, bits));
    return Shared<W>(a.size, 0);
  }
  template <RingWord W>
  std::vector<SharedBits> to_bits(const Shared<W>& a, int count) {
    COHORTIUM_CHECK(count >= 1 && count <= bits_of<W>);
    charge(costs_.template to_bits<W>(a.size, count));
    return std::vector<SharedBits>(count, SharedBits(a.size, 0));
  }
  template <RingWord W>
  SharedBits bit(const Shared<W>& a, int position) {
    COHORTIUM_CHECK(position >= 0 && position < bits_of<W>);
    charge(costs_.template bit<W>(a.size, position));
    return SharedBits(a.size, 0);
  }
  template <RingWord W>
  SharedBits is_zero(const Shared<W>& a, int count) {
    COHORTIUM_CHECK(count >= 1 && count <= bits_of<W>);
    charge(costs_.template is_zero<W>(a.size, count));
    return SharedBits(a.size, 0);
  }
  template <RingWord W>
  Shared<W> from_bit(const SharedBits& bits) {
    charge(costs_.template from_bit<W>(bits.size));
    return Shared<W>(bits.size, 0);
  }
  template <RingWord W>
  Shared<W> multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits) {
    COHORTIUM_CHECK(a.size == b.size);
    return product_truncated<W>(a.size, 1, bits);
  }
  template <RingWord W>
  Shared<W> dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits) {
    COHORTIUM_CHECK(a.size == b.size && length > 0 && a.size % length == 0);
    return product_truncated<W>(a.size / length, length, bits);
  }
  template <RingWord W>
  Shared<W> matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                    std::size_t columns, int bits) {
    COHORTIUM_CHECK(a.size == rows * inner && b.size == inner * columns);
    return product_truncated<W>(rows * columns, inner, bits);
  }
  template <RingWord W>
  Shared<W> from_bits(std::span<const SharedBits> planes) {
    COHORTIUM_CHECK(!planes.empty() && planes.size() <= bits_of<W>);
    charge(costs_.template from_bits<W>(planes[0].size, static_cast<int>(planes.size())));
    return Shared<W>(planes[0].size, 0);
  }
  template <RingWord W>
  Shared<W> keep_where(const SharedBits& bit, const Shared<W>& a) {
    COHORTIUM_CHECK(bit.size == a.size);
    charge(costs_.template keep_where<W>(a.size));
    return Shared<W>(a.size, 0);
  }
  template <RingWord W>
  Shared<W> permute(const SecretPermutation&, const Shared<W>& columns, Direction) {
    charge(costs_.template permute<W>(columns.size));
    return Shared<W>(columns.size, 0);
  }
  template <RingWord W>
  Shared<W> random(std::size_t count) {
    return Shared<W>(count, 0);
  }

  SharedBits constant_bits(std::span<const u64> words, std::size_t count) {
    COHORTIUM_CHECK(words.size() == words_for_bits(count));
    return SharedBits(count, 0);
  }
  SharedBits share_bits(PartyId owner, std::span<const u64>, std::size_t count) {
    charge(costs_.share_bits(owner, count));
    return SharedBits(count, 0);
  }
  std::vector<u64> open_bits(const SharedBits& a) {
    charge(costs_.open_bits(a.size));
    std::vector<u64> ones(a.words(), ~u64{0});
    if (!ones.empty()) ones.back() = last_word_mask(a.size);
    return ones;
  }
  std::vector<u64> open_coins(const SharedBits& a) {
    std::vector<u64> coins = open_bits(a);
    for (u64& word : coins) word &= coins_();
    return coins;
  }
  SharedBits and_bits(const SharedBits& a, const SharedBits& b) {
    COHORTIUM_CHECK(a.size == b.size);
    charge(costs_.and_bits(a.size));
    return SharedBits(a.size, 0);
  }
  SharedBits not_bits(const SharedBits& a) { return a; }
  SharedBits random_bits(std::size_t count) { return SharedBits(count, 0); }
  SecretPermutation random_permutation(std::size_t size) { return {.size = size, .part = {}}; }
  std::vector<SharedBits> permute_bits(const SecretPermutation& p, std::span<const SharedBits> columns, Direction) {
    charge(costs_.permute_bits(p.size, columns.size()));
    return std::vector<SharedBits>(columns.size(), SharedBits(p.size, 0));
  }
  Shared<u128> adopt(std::span<const std::byte>, std::size_t count) {
    charge(costs_.adopt(count));
    return Shared<u128>(count, 0);
  }

 private:
  void charge(const Cost& cost) {
    cost_ += cost;
    if (calls_ != nullptr) calls_->push_back(cost);
  }

  template <RingWord W>
  Shared<W> product(std::size_t results, std::size_t length) {
    charge(costs_.template multiply<W>(results, length));
    return Shared<W>(results, 0);
  }

  template <RingWord W>
  Shared<W> product_truncated(std::size_t results, std::size_t length, int bits) {
    COHORTIUM_CHECK(bits >= 1 && bits <= bits_of<W> - 2);
    charge(costs_.template multiply_truncate<W>(results, length, bits));
    return Shared<W>(results, 0);
  }

  std::string name_;
  PartyId self_;
  Link link_;
  Costs costs_;
  Cost cost_;
  std::vector<Cost>* calls_;
  std::mt19937_64 coins_;  // nothing secret: the course of a forecast is public
};

}  // namespace

std::unique_ptr<Engine> make_forecast_engine(std::string_view protocol, PartyId self, Link link, int lanes,
                                             std::vector<Cost>* calls) {
  COHORTIUM_CHECK(self >= 0 && self < parties_of(protocol));
  if (protocol == "plaintext") {
    return std::make_unique<EngineOf<Forecast<PlaintextCost>>>("plaintext", self, link, lanes, calls);
  }
  if (protocol == "replicated3-malicious") {
    return std::make_unique<EngineOf<Forecast<Replicated3MaliciousCost>>>(protocol, self, link, lanes, calls);
  }
  if (protocol == "replicated4") {
    return std::make_unique<EngineOf<Forecast<Replicated4Cost>>>("replicated4", self, link, lanes, calls);
  }
  return std::make_unique<EngineOf<Forecast<Replicated3Cost>>>("replicated3", self, link, lanes, calls);
}

}  // namespace cohortium::mpc
