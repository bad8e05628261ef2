// Which models may be shown: the numbers of people that coefficients and their errors give away.
//
// A category's coefficients tell how many people have each of its levels, and with a binary outcome how many of those
// have it; a term's of several categories the same of each combination; sums of products (and a full covariance matrix)
// of each combination that two terms make together. So a model is shown only where each of these cells holds nobody or
// at least `minimum_cell` people. Where steps are opened and every column is such a category, sums at several points
// could be solved for the cells of all of them together, so that is what is counted. Cells are those of categories,
// events, factor() and numbers declared with the range [0, 1]; a number with a wider range is taken to be a measurement.
//
// Security   the engine's; nothing is opened but `is_open`'s bit
// Rounds     those of two comparisons, of a conjunction over all cells, and of two products
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "statistics/enough_records.h"
#include "statistics/models/design_matrix.h"

namespace cohortium::statistics {

enum class Opened {
  kTable,     // coefficients and their errors
  kProducts,  // sums of products of columns
  kSteps      // and those of every step
};

class ModelCells {
 public:
  // Fails with study.too_many_groups, at the entry's formula.
  ModelCells(const DesignMatrix& design, const EntryContext& context, Opened opened);
  std::size_t size() const { return size_; }
  // The site's rows that take part, per cell.
  std::vector<mpc::u128> count(const data::Table& table, std::span<const std::size_t> rows) const;

 private:
  struct Margin {
    std::string column;
    std::size_t levels = 0;
    double low = 0;  // of a number
  };
  using Cross = std::set<std::size_t>;  // margins that are crossed
  Cross margins_of(const SyntaxNode& node) const;
  void add(const Cross& cross);
  std::size_t cells_of(const Cross& cross) const;  // at most most_cells and one factor more

  std::vector<Margin> margins_;
  std::vector<Cross> crosses_;  // none within another
  std::size_t size_ = 0;
};

// One shared bit: whether some of the counts (below 2^32) lies in 1 .. minimum - 1.
mpc::SharedBits any_few(mpc::Engine& engine, const mpc::Shared<mpc::u128>& counts, mpc::u64 minimum);

// The counts (below 2^32); where one lies in 1 .. minimum - 1, 2^40 in its place.
mpc::Shared<mpc::u128> mask_few(mpc::Engine& engine, const mpc::Shared<mpc::u128>& counts, mpc::u64 minimum);
// Of an element of mask_few, opened.
std::optional<double> unmasked(mpc::u128 count);

// Opens whether `people` (one count) reaches the minimum and `few` is 0: before a model's steps are opened.
bool is_open(mpc::Engine& engine, const mpc::Shared<mpc::u128>& people, const mpc::SharedBits& few, mpc::u64 minimum);

}  // namespace cohortium::statistics
