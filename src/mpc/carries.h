// Carries of an addition from the tables of its blocks, level by level, a level being one round of conjunctions: the
// course that an adder (mpc/adder.h) prescribes, whatever the protocol and however it holds its planes.
//
// Source     Sklansky 1960 (prefix adder)
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "mpc/adder.h"

namespace cohortium::mpc {

// addend xor (left and (right xor also_right)): one AND.
template <class Plane>
struct Conjunction {
  Plane left, right;
  std::optional<Plane> addend = std::nullopt;
  std::optional<Plane> also_right = std::nullopt;
};

// One level for all positions that do not end a block: the carry into their block runs through the tables.
template <class Plane, class Blocks, class Run>
std::vector<Plane> carries_inside(const Adder& adder, const Blocks& blocks, const std::vector<Plane>& out_of_block,
                                  Run run) {
  std::vector<Plane> carries;
  std::vector<Conjunction<Plane>> conjunctions;
  std::vector<std::size_t> waiting;  // positions
  int table = 0;
  for (int block = 0; block < static_cast<int>(adder.blocks.widths.size()); ++block) {
    const int first = static_cast<int>(carries.size());
    for (int length = 1; length <= adder.blocks.widths[block]; ++length) {
      const Plane generate = blocks.tables.plane(table++);
      const bool by_table = block > 0 && length > 1;
      const Plane propagate = by_table ? blocks.tables.plane(table++) : blocks.sums.plane(first);
      if (length == adder.blocks.widths[block]) {
        carries.push_back(out_of_block[block]);
      } else if (block == 0) {
        carries.push_back(generate);
      } else {
        waiting.push_back(carries.size());
        carries.emplace_back();
        conjunctions.push_back({.left = propagate, .right = out_of_block[block - 1], .addend = generate});
      }
    }
  }
  if (conjunctions.empty()) return carries;
  const auto& result = run(std::span<const Conjunction<Plane>>(conjunctions));
  for (std::size_t i = 0; i < waiting.size(); ++i) carries[waiting[i]] = result.plane(i);
  return carries;
}

// One position after the other: the majority of a, b and the carry.
template <class Plane, class Blocks, class Run>
std::vector<Plane> rippled_carries(const Adder& adder, const Blocks& blocks, Run run) {
  std::vector<Plane> carries;
  for (std::size_t i = 0; i < adder.blocks.widths.size(); ++i) {
    Conjunction<Plane> majority{
        .left = blocks.sums.plane(i), .right = blocks.operand.plane(i), .addend = blocks.operand.plane(i)};
    if (i > 0) majority.also_right = carries.back();
    carries.push_back(run(std::span<const Conjunction<Plane>>(&majority, 1)).plane(0));
  }
  return carries;
}

// Where the carry out of every position stands, or the last one alone. `blocks` has the planes of tables, sums and
// operands (BlockPlan); run(conjunctions) makes one level and returns a set of planes that stays.
template <class Plane, class Blocks, class Run>
std::vector<Plane> find_carries(const Adder& adder, const Blocks& blocks, Run run) {
  if (adder.ripple) return rippled_carries<Plane>(adder, blocks, run);

  // Tables by block: those of the whole block, and where the inner ones begin.
  const int count = static_cast<int>(adder.blocks.widths.size());
  std::vector<Plane> generate(count), propagate(count);
  int table = 0, position = 0;
  for (int block = 0; block < count; position += adder.blocks.widths[block++]) {
    if (adder.all) propagate[block] = blocks.sums.plane(position);
    for (; table < static_cast<int>(adder.blocks.tables.size()) && adder.blocks.tables[table].block == block; ++table) {
      (adder.blocks.tables[table].propagate ? propagate : generate)[block] = blocks.tables.plane(table);
    }
  }
  for (const auto& level : adder.schedule) {
    std::vector<Conjunction<Plane>> conjunctions;
    for (const auto& [high, low, joins] : level) {
      conjunctions.push_back({.left = propagate[high], .right = generate[low], .addend = generate[high]});
      if (joins) conjunctions.push_back({.left = propagate[high], .right = propagate[low]});
    }
    const auto& result = run(std::span<const Conjunction<Plane>>(conjunctions));
    std::size_t plane = 0;
    for (const auto& [high, low, joins] : level) {
      generate[high] = result.plane(plane++);
      if (joins) propagate[high] = result.plane(plane++);
    }
  }
  if (!adder.all) return {generate.back()};
  return carries_inside<Plane>(adder, blocks, generate, run);
}

// The conjunction of all planes by the levels of all_propagate.
template <class Plane, class Run>
Plane all_of(const Adder& adder, std::vector<Plane> planes, Run run) {
  for (int ands : adder.level_ands) {
    std::vector<Conjunction<Plane>> conjunctions;
    const std::size_t waiting = planes.size() - 2 * ands;
    for (std::size_t i = waiting; i < planes.size(); i += 2) {
      conjunctions.push_back({.left = planes[i], .right = planes[i + 1]});
    }
    const auto& level = run(std::span<const Conjunction<Plane>>(conjunctions));
    planes.resize(waiting);
    for (int i = 0; i < ands; ++i) planes.push_back(level.plane(i));
  }
  return planes[0];
}

}  // namespace cohortium::mpc
