// Numbers as whole-numbered keys for sorting: key(x) = 1 + (x - low) 2^f, so that 0 is left for rows that take no part.
//
// f is as large as 62 bits allow. What a double holds to a resolution of 2^-f, which for a range of 1,000 is 2^-52, keeps
// its order and its ties, and comes back as it was.
#pragma once

#include <string>
#include <vector>

#include "data/table.h"
#include "mpc/ring.h"

namespace cohortium::statistics {

inline constexpr int rank_key_bits = 62;

class RankKeys {
 public:
  // Fails with study.range_too_wide: `what` names the number, `where` is the JSON path.
  RankKeys(double low, double high, const std::string& what, const std::string& where);
  mpc::u64 key(double x) const;
  double value(mpc::u128 key) const;

 private:
  int fraction_bits_;
  mpc::i128 low_;
};

// Whether a row has no value in a column.
inline bool is_missing(const data::Column& column, std::size_t row) {
  return !column.missing.empty() && column.missing[row] != 0;
}

}  // namespace cohortium::statistics
