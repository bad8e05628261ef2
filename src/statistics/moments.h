// n, mean and variance of a number per group, from sums of integers that add up over sites.
//
// A site rounds (x - centre) to f fraction bits, where the centre is the middle of the declared range: public, so nothing
// cancels and a large mean costs no digits. f is the largest number of bits, at most 40, for which a sum of squares over
// 2^32 people cannot leave the ring (oblivious/range_analysis.h); sums of these integers and of their squares are exact.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "mpc/outcome.h"
#include "statistics/entries.h"

namespace cohortium::statistics {

struct MomentScale {
  double centre = 0;
  int fraction_bits = 0;
};

// Fails with plan.overflow or plan.underflow: `what` names the number, `where` is the JSON path.
MomentScale moment_scale(double low, double high, const std::string& what, const std::string& where);
mpc::i128 scaled(double x, const MomentScale& scale);
// Of so many sums over a site's rows of numbers up to `half` from the centre, of their squares, and of products of two.
Bounds bounds_of_sums(std::size_t count, double half, const MomentScale& scale);
Bounds bounds_of_squares(std::size_t count, double half, const MomentScale& scale);
Bounds bounds_of_products(std::size_t count, double half, double other_half, int fraction_bits);

struct Moments {
  double n = 0;
  double mean = 0;      // 0 for nobody
  double variance = 0;  // of the sample; 0 for fewer than two
};
Moments moments_of(mpc::u128 n, mpc::u128 sum, mpc::u128 squares, const MomentScale& scale);

// sum of x y - sum of x times sum of y / n, exactly up to the last division.
double centred_product(mpc::u128 n, mpc::u128 sum_x, mpc::u128 sum_y, mpc::u128 products, int fraction_bits);

// The entry's "column" by the groups of its "by".
class GroupedMoments {
 public:
  explicit GroupedMoments(const EntryContext& context);

  const data::ColumnDeclaration& column() const { return column_; }
  const Grouping& grouping() const { return grouping_; }

  // Everything but what is computed.
  Declaration declare(const mpc::ReleaseRule& rule) const;
  std::vector<mpc::u128> local(const data::Table& table) const;
  // All groups are released, or none.
  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const;
  // Of every group that passed.
  std::vector<std::optional<Moments>> read(const mpc::ReleasedOutcome& outcome) const;
  // Of all groups, released together; nothing when withheld.
  std::optional<std::vector<Moments>> read_all(const mpc::ReleasedOutcome& outcome) const;
  nlohmann::json groups_json(const mpc::ReleasedOutcome& outcome) const;

 private:
  data::ColumnDeclaration column_;
  Grouping grouping_;
  MomentScale scale_;
};

}  // namespace cohortium::statistics
