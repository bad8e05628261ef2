#include "release/agreement.h"

#include "base/error.h"
#include "oblivious/compare.h"

namespace cohortium::release {

using mpc::Engine;
using mpc::Shared;
using mpc::u128;
using mpc::u64;

namespace {

constexpr int pair_bits = 12;  // of numbers of pairs of at most 64 sites

template <mpc::RingWord W>
Shared<W> joined(const std::vector<Shared<W>>& parts) {
  return concatenate(std::span<const Shared<W>>(parts));
}

Shared<u64> public_value(Engine& engine, std::size_t count, u64 value) {
  return engine.constant(std::span<const u64>(std::vector<u64>(count, value)));
}

// Per pair of sites and item, pair after pair: 1 where the two differ in what must be the same.
Shared<u64> unequal(Engine& engine, const std::vector<Shared<u128>>& sites, const std::vector<std::size_t>& items) {
  std::vector<Shared<u128>> one, other;
  for (std::size_t i = 0; i < sites.size(); ++i)
    for (std::size_t j = i + 1; j < sites.size(); ++j) {
      one.push_back(gather(sites[i], std::span<const std::size_t>(items)));
      other.push_back(gather(sites[j], std::span<const std::size_t>(items)));
    }
  const mpc::SharedBits equal = oblivious::equal(engine, joined(one), joined(other));
  return engine.ring<u64>().from_bit(engine.not_bits(equal));
}

// Likewise, 1 where the two are further apart than allowed.
Shared<u64> distant(Engine& engine, const std::vector<Shared<u128>>& sites, const std::vector<std::size_t>& items,
                    const std::vector<u64>& within) {
  std::vector<Shared<u64>> low, high;
  const Shared<u64> allowed = engine.constant(std::span<const u64>(within));
  std::vector<Shared<u64>> values;
  for (const Shared<u128>& site : sites) values.push_back(narrow(gather(site, std::span<const std::size_t>(items))));
  for (const bool swapped : {false, true})
    for (std::size_t i = 0; i < values.size(); ++i)
      for (std::size_t j = i + 1; j < values.size(); ++j) {
        low.push_back(add(swapped ? values[j] : values[i], allowed));
        high.push_back(swapped ? values[i] : values[j]);
      }
  // At most one of low + allowed < high and its mirror image holds.
  const Shared<u64> either = engine.ring<u64>().from_bit(oblivious::less_than(engine, joined(low), joined(high)));
  return add(slice(either, 0, either.size / 2), slice(either, either.size / 2, either.size / 2));
}

}  // namespace

Agreement open_agreement(Engine& engine, const std::vector<Shared<u128>>& sites,
                         const std::vector<AgreementQuestion>& questions, bool name_sites) {
  const std::size_t n = sites.size(), pairs = n * (n - 1) / 2;
  COHORTIUM_CHECK(n >= 2);
  std::vector<std::size_t> same, near, place(questions.size());
  std::vector<u64> within;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    std::vector<std::size_t>& items = questions[i].same ? same : near;
    place[i] = items.size();
    items.push_back(i);
    if (!questions[i].same) within.push_back(questions[i].within);
  }
  for (std::size_t i = 0; i < questions.size(); ++i)
    if (!questions[i].same) place[i] += same.size();

  // By pair and place: 1 where the pair differs.
  const Shared<u64> of_same = same.empty() ? Shared<u64>() : unequal(engine, sites, same);
  const Shared<u64> of_near = near.empty() ? Shared<u64>() : distant(engine, sites, near, within);
  std::vector<Shared<u64>> differ;
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    std::vector<Shared<u64>> both;
    if (!same.empty()) both.push_back(slice(of_same, pair * same.size(), same.size()));
    if (!near.empty()) both.push_back(slice(of_near, pair * near.size(), near.size()));
    differ.push_back(joined(both));
  }

  std::vector<Shared<u64>> of_site(n);  // how many others differ from it
  Shared<u64> total;
  for (std::size_t i = 0, pair = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j, ++pair) {
      total = total.size == 0 ? differ[pair] : add(total, differ[pair]);
      for (const std::size_t site : {i, j})
        of_site[site] = of_site[site].size == 0 ? differ[pair] : add(of_site[site], differ[pair]);
    }
  std::vector<mpc::SharedBits> bits = {oblivious::equal_zero(engine, total, pair_bits)};
  if (name_sites) {
    // More than half of the n - 1 others: 2 * differing >= n.
    const Shared<u64> doubled = scale(joined(of_site), u64{2});
    bits.push_back(
        engine.not_bits(oblivious::less_than(engine, doubled, public_value(engine, doubled.size, n), pair_bits)));
  }
  const std::vector<u64> words = engine.open_bits(concatenate(std::span<const mpc::SharedBits>(bits)));
  const auto bit = [&](std::size_t index) { return ((words[index / 64] >> (index % 64)) & 1) != 0; };

  Agreement agreement;
  for (const std::size_t at : place) {
    agreement.agree.push_back(bit(at));
    if (!name_sites) continue;
    std::vector<bool>& apart = agreement.apart.emplace_back();
    for (std::size_t site = 0; site < n; ++site)
      apart.push_back(!agreement.agree.back() && bit((1 + site) * questions.size() + at));
  }
  return agreement;
}

}  // namespace cohortium::release
