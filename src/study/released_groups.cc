#include "study/released_groups.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <unordered_map>

#include "base/error.h"
#include "study/counted.h"

namespace cohortium::study {
namespace {

using mpc::u128;
using release::Population;

constexpr std::size_t most_of_family = 1024, most_of_all = 4096;
constexpr std::size_t small_table = std::size_t{1} << 16;

// The populations of a family alike in one column, taken together.
std::vector<Population> margin(const std::vector<Population>& groups, std::size_t column) {
  std::vector<std::vector<bool>> levels;
  std::vector<std::vector<Population>> parts;
  for (const Population& group : groups) {
    const auto found = group.classes.find(column);
    const std::vector<bool> classes = found == group.classes.end() ? std::vector<bool>() : found->second;
    const auto level = std::find(levels.begin(), levels.end(), classes) - levels.begin();
    if (static_cast<std::size_t>(level) == levels.size()) {
      levels.push_back(classes);
      parts.emplace_back();
    }
    parts[static_cast<std::size_t>(level)].push_back(group);
  }
  std::vector<Population> hulls;
  for (const auto& part : parts) hulls.push_back(release::hull(part));
  return hulls;
}

// Which group of a family a row is in, by its classes in the columns that tell groups apart. Rows alike in these are
// looked up once.
class GroupFinder {
 public:
  GroupFinder(const std::vector<Population>& groups, const std::vector<std::vector<std::uint32_t>>& classes)
      : groups_(groups), classes_(classes) {
    std::map<std::size_t, std::size_t> counts;
    for (const Population& group : groups)
      for (const auto& [column, flags] : group.classes) counts.emplace(column, flags.size());
    std::size_t combinations = 1;
    for (const auto& [column, count] : counts) {
      columns_.push_back({classes[column].data(), count});
      combinations *= count;
    }
    if (combinations <= small_table) table_.assign(combinations, unknown);
  }

  std::uint16_t group(std::size_t row) {
    std::size_t key = 0;
    for (const Column& column : columns_) key = key * column.count + column.classes[row];
    std::uint32_t& known = table_.empty() ? many_.try_emplace(key, unknown).first->second : table_[key];
    if (known == unknown) known = search(row);
    return static_cast<std::uint16_t>(known);
  }

 private:
  static constexpr std::uint32_t unknown = 0x10000;
  struct Column {
    const std::uint32_t* classes;  // of each row
    std::size_t count;             // of classes
  };

  std::uint32_t search(std::size_t row) const {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const auto& restricted = groups_[g].classes;
      if (std::all_of(restricted.begin(), restricted.end(),
                      [&](const auto& entry) { return entry.second[classes_[entry.first][row]]; }))
        return static_cast<std::uint32_t>(g);
    }
    return no_group;
  }

  const std::vector<Population>& groups_;
  const std::vector<std::vector<std::uint32_t>>& classes_;
  std::vector<Column> columns_;
  std::vector<std::uint32_t> table_;
  std::unordered_map<std::size_t, std::uint32_t> many_;
};

// The multiplier of splitmix64: names of rows alike stay far from other names.
std::uint64_t name_of_repeat(std::uint64_t name, std::uint64_t times) { return name + times * 0x9e3779b97f4a7c15; }

class Counter {
 public:
  Counter(const release::DifferenceShape& shape, const ReleasedRows& now, std::span<const ReleasedRows> earlier)
      : shape_(shape), now_(now), earlier_(earlier) {}

  std::vector<u128> run() {
    count_groups(shape_.now, now_);
    for (std::size_t e = 0; e < earlier_.size(); ++e) count_groups(shape_.earlier[e], earlier_[e]);
    for (std::size_t e = 0; e < earlier_.size(); ++e) count_overlaps(shape_.earlier[e], earlier_[e]);
    if (shape_.pairs() > 0) count_threes();
    COHORTIUM_CHECK(counts_.size() == shape_.counts());
    return std::move(counts_);
  }

 private:
  void count_groups(const release::ReleaseShape& shape, const ReleasedRows& rows) {
    for (std::size_t f = 0; f < shape.families.size(); ++f) {
      const std::size_t first = counts_.size();
      counts_.resize(first + shape.families[f]);
      if (rows.names.empty()) continue;
      for (const std::uint16_t group : rows.groups.at(f))
        if (group != no_group) ++counts_.at(first + group);
    }
  }

  void count_overlaps(const release::ReleaseShape& shape, const ReleasedRows& rows) {
    std::vector<std::size_t> first;  // of each table
    for (const std::size_t groups : shape_.now.families)
      for (const std::size_t others : shape.families) {
        first.push_back(counts_.size());
        counts_.resize(counts_.size() + groups * others);
      }
    std::size_t i = 0, j = 0;
    while (i < now_.names.size() && j < rows.names.size()) {
      if (now_.names[i] != rows.names[j]) {
        now_.names[i] < rows.names[j] ? ++i : ++j;
        continue;
      }
      auto at = first.begin();
      for (std::size_t g = 0; g < shape_.now.families.size(); ++g) {
        const std::uint16_t group = now_.groups[g][i];
        for (std::size_t h = 0; h < shape.families.size(); ++h, ++at) {
          const std::uint16_t other = rows.groups[h][j];
          if (group != no_group && other != no_group) ++counts_[*at + group * shape.families[h] + other];
        }
      }
      ++i, ++j;
    }
  }

  // Everyone of each release as one bit per row of any of them.
  void count_threes() {
    std::vector<std::uint64_t> all = now_.names;
    for (std::size_t e = 0; e < shape_.in_threes; ++e)
      all.insert(all.end(), earlier_[e].names.begin(), earlier_[e].names.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    const auto members = [&](const ReleasedRows& rows) {
      std::vector<std::uint64_t> words((all.size() + 63) / 64);
      std::size_t i = 0;
      for (const std::uint64_t name : rows.names) {
        while (all[i] != name) ++i;
        words[i / 64] |= std::uint64_t{1} << (i % 64);
      }
      return words;
    };
    const auto now = members(now_);
    std::vector<std::vector<std::uint64_t>> releases;
    for (std::size_t e = 0; e < shape_.in_threes; ++e) releases.push_back(members(earlier_[e]));
    // a + b - c is not 0 but where nobody is, or where exactly one of a and b is and c is.
    const auto left = [](const auto& a, const auto& b, const auto& c) {
      std::size_t rows = 0;
      for (std::size_t w = 0; w < a.size(); ++w)
        rows += static_cast<std::size_t>(std::popcount((a[w] | b[w] | c[w]) & ~((a[w] ^ b[w]) & c[w])));
      return rows;
    };
    for (std::size_t j = 1; j < shape_.in_threes; ++j) {
      for (std::size_t i = 0; i < j; ++i) {
        counts_.push_back(left(now, releases[i], releases[j]));
        counts_.push_back(left(now, releases[j], releases[i]));
        counts_.push_back(left(releases[i], releases[j], now));
      }
    }
  }

  const release::DifferenceShape& shape_;
  const ReleasedRows& now_;
  const std::span<const ReleasedRows> earlier_;
  std::vector<u128> counts_;
};

}  // namespace

ReleasedGroups::ReleasedGroups(const Study& study, const std::vector<statistics::Declaration>& declarations)
    : study_(study) {
  add("", {Population{}});
  const std::vector<release::Counted> shown = shown_people(study, declarations);
  // The wholes and margins first: they stand for families that there are too many of.
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string& id = study.analyses[i].id;
    for (const auto* groups : {&shown[i].people, &shown[i].events})
      if (!groups->empty()) add(id, {release::hull(*groups)});
  }
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string& id = study.analyses[i].id;
    for (const auto* groups : {&shown[i].people, &shown[i].events})
      for (std::size_t column = 0; column < study.data.columns.size(); ++column)
        if (groups->size() > 1) add(id, margin(*groups, column));
  }
  for (std::size_t i = 0; i < shown.size(); ++i)
    for (const auto* groups : {&shown[i].people, &shown[i].events})
      if (!groups->empty()) add(study.analyses[i].id, *groups);
}

void ReleasedGroups::add(const std::string& analysis, std::vector<Population> groups) {
  if (groups.size() > most_of_family || shape().groups() + groups.size() > most_of_all) return;
  for (Population& group : groups) group = release::simplified(std::move(group));
  if (std::find(families_.begin(), families_.end(), groups) != families_.end()) return;
  families_.push_back(std::move(groups));
  analyses_.push_back(analysis);
}

release::ReleaseShape ReleasedGroups::shape() const {
  release::ReleaseShape shape{.minimum = study_.release.minimum_cell, .families = {}};
  for (const auto& family : families_) shape.families.push_back(family.size());
  return shape;
}

std::vector<std::vector<std::uint16_t>> ReleasedGroups::of_rows(const data::Table& table) const {
  const std::vector<std::vector<std::uint32_t>> classes = classes_by_column(study_, table);
  std::vector<std::vector<std::uint16_t>> result;
  for (const auto& family : families_) {
    GroupFinder finder(family, classes);
    std::vector<std::uint16_t> groups(table.rows);
    for (std::size_t row = 0; row < table.rows; ++row) groups[row] = finder.group(row);
    result.push_back(std::move(groups));
  }
  return result;
}

ReleasedRows released_rows(const std::vector<std::uint64_t>& names,
                           const std::vector<std::vector<std::uint16_t>>& groups) {
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  order.reserve(names.size());
  for (std::size_t row = 0; row < names.size(); ++row) order.emplace_back(names[row], row);
  std::sort(order.begin(), order.end());
  bool repeated = false;
  for (std::size_t i = 1, times = 0; i < order.size(); ++i) {
    times = names[order[i].second] == names[order[i - 1].second] ? times + 1 : 0;
    if (times == 0) continue;
    order[i].first = name_of_repeat(order[i].first, times);
    repeated = true;
  }
  if (repeated) std::sort(order.begin(), order.end());
  ReleasedRows rows;
  for (const auto& [name, row] : order) rows.names.push_back(name);
  for (const auto& family : groups) {
    rows.groups.emplace_back();
    rows.groups.back().reserve(order.size());
    for (const auto& [name, row] : order) rows.groups.back().push_back(family[row]);
  }
  return rows;
}

std::vector<u128> count_differences(const release::DifferenceShape& shape, const ReleasedRows& now,
                                    std::span<const ReleasedRows> earlier) {
  COHORTIUM_CHECK(earlier.size() == shape.earlier.size());
  return Counter(shape, now, earlier).run();
}

}  // namespace cohortium::study
