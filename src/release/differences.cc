#include "release/differences.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "mpc/outcome.h"
#include "oblivious/compare.h"
#include "release/threshold.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u64;

// Of one table of overlaps: where it stands among them, and its groups among all.
struct Table {
  std::size_t release, family;         // of the earlier release; of now
  std::size_t at;                      // the first overlap
  std::size_t now, earlier;            // the first group of each
  std::size_t now_size, earlier_size;  // groups
};

std::vector<Table> tables_of(const DifferenceShape& shape) {
  std::vector<Table> tables;
  std::size_t at = 0, first = shape.now.groups();
  for (std::size_t e = 0; e < shape.earlier.size(); ++e) {
    std::size_t now = 0;
    for (std::size_t g = 0; g < shape.now.families.size(); ++g) {
      std::size_t earlier = first;
      for (const std::size_t groups : shape.earlier[e].families) {
        tables.push_back({e, g, at, now, earlier, shape.now.families[g], groups});
        at += shape.now.families[g] * groups;
        earlier += groups;
      }
      now += shape.now.families[g];
    }
    first += shape.earlier[e].groups();
  }
  return tables;
}

// Rows that are left, of which there must not be few: when that matters, and which answer it belongs to.
struct Remainder {
  std::vector<std::size_t> shown;  // only where all of these groups are shown
  u64 minimum;                     // fewer than this are few
  std::size_t answer;
};

class Comparison {
 public:
  Comparison(Engine& engine, const DifferenceShape& shape, const Shared<u64>& counts)
      : engine_(engine), shape_(shape), tables_(tables_of(shape)) {
    const std::size_t groups = shape.counts() - shape.overlaps() - 3 * shape.pairs();
    sizes_ = slice(counts, 0, groups);
    overlaps_ = slice(counts, groups, shape.overlaps());
    threes_ = slice(counts, groups + shape.overlaps(), 3 * shape.pairs());
    for (std::size_t i = 0; i < shape.now.groups(); ++i) minima_.push_back(shape.now.minimum);
    for (const ReleaseShape& release : shape.earlier)
      for (std::size_t i = 0; i < release.groups(); ++i) minima_.push_back(release.minimum);
  }

  SmallDifferences decide() {
    find_shown();
    remove_unions();
    add_threes();
    const std::vector<bool> answers = open_answers();
    SmallDifferences found;
    auto next = answers.begin();
    for (std::size_t e = 0; e < shape_.earlier.size(); ++e) {
      const auto end = next + static_cast<std::ptrdiff_t>(shape_.now.families.size());
      found.families.emplace_back(next, end);
      next = end;
    }
    found.pairs.assign(next, answers.end());
    return found;
  }

 private:
  void find_shown() {
    shown_ = engine_.not_bits(
        oblivious::less_than(engine_, sizes_, engine_.constant(std::span<const u64>(minima_)), mpc::count_bits));
  }

  // What the best union of each family leaves of each group: first of now, then of the earlier releases.
  void remove_unions() {
    std::vector<std::size_t> cells, others, subjects;
    std::vector<std::pair<std::size_t, std::size_t>> blocks;  // of cells: from, how many
    const auto add = [&](const Table& table, std::size_t subject, const std::vector<std::size_t>& overlaps,
                         std::size_t first_other) {
      blocks.emplace_back(cells.size(), overlaps.size());
      subjects.push_back(subject);
      for (std::size_t i = 0; i < overlaps.size(); ++i) {
        cells.push_back(overlaps[i]);
        others.push_back(first_other + i);
      }
      remainders_.push_back({.shown = {subject},
                             .minimum = std::min(shape_.now.minimum, shape_.earlier[table.release].minimum),
                             .answer = table.release * shape_.now.families.size() + table.family});
    };
    for (const Table& table : tables_) {
      for (std::size_t g = 0; g < table.now_size; ++g) {
        std::vector<std::size_t> row(table.earlier_size);
        std::iota(row.begin(), row.end(), table.at + g * table.earlier_size);
        add(table, table.now + g, row, table.earlier);
      }
      for (std::size_t h = 0; h < table.earlier_size; ++h) {
        std::vector<std::size_t> column;
        for (std::size_t g = 0; g < table.now_size; ++g) column.push_back(table.at + g * table.earlier_size + h);
        add(table, table.earlier + h, column, table.now);
      }
    }
    if (cells.empty()) return;
    const Shared<u64> doubled = scale(gather(overlaps_, cells), u64{2}), sizes = gather(sizes_, others);
    const SharedBits more = oblivious::less_than(engine_, sizes, doubled, mpc::count_bits + 1);
    const Shared<u64> gains =
        engine_.keep_where(engine_.and_bits(more, gather(shown_, others)), subtract(doubled, sizes));
    // Prefix sums make blocks of different lengths one local operation.
    const Shared<u64> sums = prefix_sum_blocks(gains, gains.size);
    std::vector<std::size_t> lasts, befores;
    std::vector<u64> has_before;
    for (const auto& [from, count] : blocks) {
      lasts.push_back(from + count - 1);
      befores.push_back(from == 0 ? 0 : from - 1);
      has_before.push_back(from == 0 ? 0 : 1);
    }
    const Shared<u64> cancelled =
        subtract(gather(sums, lasts), multiply_public(gather(sums, befores), std::span<const u64>(has_before)));
    left_.push_back(subtract(gather(sizes_, subjects), cancelled));
  }

  void add_threes() {
    if (shape_.pairs() == 0) return;
    std::vector<std::size_t> wholes{0};  // of all releases
    for (std::size_t e = 0, at = shape_.now.groups(); e < shape_.earlier.size(); ++e) {
      wholes.push_back(at);
      at += shape_.earlier[e].groups();
    }
    std::size_t answer = shape_.earlier.size() * shape_.now.families.size();
    for (std::size_t j = 1; j < shape_.in_threes; ++j) {
      for (std::size_t i = 0; i < j; ++i, ++answer) {
        const u64 minimum = std::min({shape_.now.minimum, shape_.earlier[i].minimum, shape_.earlier[j].minimum});
        for (int form = 0; form < 3; ++form)
          remainders_.push_back(
              {.shown = {wholes[0], wholes[1 + i], wholes[1 + j]}, .minimum = minimum, .answer = answer});
      }
    }
    left_.push_back(threes_);
  }

  // Per answer whether any of its remainders is neither none nor enough.
  std::vector<bool> open_answers() {
    const std::size_t answers = shape_.earlier.size() * shape_.now.families.size() + shape_.pairs();
    if (remainders_.empty()) return std::vector<bool>(answers);
    const Shared<u64> left = concatenate(std::span<const Shared<u64>>(left_));
    COHORTIUM_CHECK(left.size == remainders_.size());
    std::vector<u64> bounds;
    for (const Remainder& remainder : remainders_) bounds.push_back(remainder.minimum);
    bounds.resize(2 * bounds.size(), 1);
    const std::vector<Shared<u64>> twice{left, left};
    const SharedBits below = oblivious::less_than(engine_, concatenate(std::span(twice)),
                                                  engine_.constant(std::span<const u64>(bounds)), mpc::count_bits);
    // Below the minimum, and not below 1.
    SharedBits few = exclusive_or(slice(below, 0, left.size), slice(below, left.size, left.size));
    for (std::size_t place = 0; place < 3; ++place) few = engine_.and_bits(few, shown_at(place));
    const Shared<u64> marks = engine_.ring<u64>().from_bit(few);
    std::vector<std::size_t> order(remainders_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return remainders_[a].answer < remainders_[b].answer; });
    const Shared<u64> sums = prefix_sum_blocks(gather(marks, order), order.size());
    std::vector<std::size_t> ends(answers);
    for (std::size_t i = 0; i < order.size(); ++i) ends[remainders_[order[i]].answer] = i;
    const Shared<u64> upto = gather(sums, ends);
    std::vector<u64> first(answers, 1);
    first[0] = 0;
    std::vector<std::size_t> before(answers, 0);
    std::copy(ends.begin(), ends.end() - 1, before.begin() + 1);
    const Shared<u64> found = subtract(upto, multiply_public(gather(sums, before), std::span<const u64>(first)));
    return open_flags(engine_, engine_.not_bits(engine_.is_zero(found, mpc::count_bits)));
  }

  // Whether the group at this place of each remainder is shown; its first one again where it has fewer.
  SharedBits shown_at(std::size_t place) const {
    std::vector<std::size_t> groups;
    for (const Remainder& remainder : remainders_)
      groups.push_back(remainder.shown[place < remainder.shown.size() ? place : 0]);
    return gather(shown_, groups);
  }

  Engine& engine_;
  const DifferenceShape& shape_;
  const std::vector<Table> tables_;
  Shared<u64> sizes_, overlaps_, threes_;
  std::vector<u64> minima_;
  SharedBits shown_;
  std::vector<Remainder> remainders_;
  std::vector<Shared<u64>> left_;
};

}  // namespace

std::size_t ReleaseShape::groups() const { return std::accumulate(families.begin(), families.end(), std::size_t{0}); }

std::size_t DifferenceShape::overlaps() const {
  std::size_t sum = 0;
  for (const ReleaseShape& release : earlier) sum += now.groups() * release.groups();
  return sum;
}

std::size_t DifferenceShape::counts() const {
  std::size_t sum = now.groups() + overlaps() + 3 * pairs();
  for (const ReleaseShape& release : earlier) sum += release.groups();
  return sum;
}

bool SmallDifferences::any() const {
  const auto is_set = [](bool bit) { return bit; };
  return std::any_of(pairs.begin(), pairs.end(), is_set) ||
         std::any_of(families.begin(), families.end(),
                     [&](const std::vector<bool>& bits) { return std::any_of(bits.begin(), bits.end(), is_set); });
}

SmallDifferences small_differences(Engine& engine, const DifferenceShape& shape, const Shared<u64>& counts) {
  COHORTIUM_CHECK(counts.size == shape.counts());
  COHORTIUM_CHECK(shape.in_threes <= shape.earlier.size());
  if (shape.earlier.empty()) return {};
  return Comparison(engine, shape, counts).decide();
}

}  // namespace cohortium::release
