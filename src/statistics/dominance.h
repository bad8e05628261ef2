// Whether few values make up most of a group's sum: a sum or a mean of a group is then nearly the value of one or two people,
// whom others of the group can work out. The (n, k) rule of official statistics, on magnitudes.
//
// Local      per group: the sum of |x|, and the n greatest |x| of the site's rows; fixed point, 40 bits of the largest that the
//            column's range allows
// Under MPC  the n greatest over all sites: lists of two sites, one ascending and one descending, leave their greatest place by
//            place; then the sum of the n greatest against the share of the sum of all
// Security   the engine's; a site that lies about its greatest values protects its own people less, no one else's
// Reveals    nothing; the veto goes to the door
// Rounds     ceil(log2(sites)) times 1, 2 or 4 comparisons with a choice (n = 1, 2, 3), and one comparison
// Error      values are rounded to 2^-40 of the largest, the share to 2^-20, towards the stricter side
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/table.h"
#include "mpc/engine.h"
#include "mpc/outcome.h"
#include "statistics/bounds.h"

namespace cohortium::statistics {

class Dominance {
 public:
  Dominance(const mpc::DominanceRule& rule, const data::ColumnDeclaration& column, std::size_t groups);

  // What a site shares: the sums of all groups, then the greatest of all, the second, ...
  std::size_t size() const { return groups_ * (1 + largest_); }
  std::vector<Bounds> bounds() const;
  std::string key() const;       // of an aggregate with these
  std::string sentence() const;  // "the 2 largest values make up more than 80% of the sum"

  // The site's part. `group_of`: of each row, groups where it belongs to none; values that are missing take no part.
  std::vector<mpc::u128> local(const data::Column& column, const std::vector<std::size_t>& group_of) const;
  // `sums`: all sites' sums of magnitudes, one per group; `of_sites`: what each site has shared.
  mpc::SharedVeto veto(mpc::Engine& engine, const mpc::Shared<mpc::u128>& sums,
                       const std::vector<mpc::Shared<mpc::u128>>& of_sites) const;

 private:
  using Lists = std::vector<mpc::Shared<mpc::u128>>;  // by rank, the greatest first: one element per group
  Lists merged(mpc::Engine& engine, const Lists& first, const Lists& second) const;
  void sort(mpc::Engine& engine, Lists& lists) const;

  std::size_t groups_, largest_;
  double share_, unit_;  // what 1 stands for
  mpc::u128 most_;       // the largest magnitude
};

}  // namespace cohortium::statistics
