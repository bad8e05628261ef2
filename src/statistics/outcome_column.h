// Who of a table's rows has an outcome: the events of an event column, or named levels of a category.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "statistics/entries.h"

namespace cohortium::statistics {

class OutcomeColumn {
 public:
  // Of the entry's "outcome" and "positive". Fails with study.bad_outcome, study.unknown_column or
  // study.wrong_column_type.
  explicit OutcomeColumn(const EntryContext& context);

  const std::string& name() const { return column_.name; }
  std::string describe() const;                                           // "status", "readmitted = <30"
  std::string key() const;                                                // for aggregate keys
  const std::vector<bool>& positive_levels() const { return positive_; }  // empty for an event column
  // Whether each row has the outcome; nothing where that is not known.
  std::vector<std::optional<bool>> read(const data::Table& table) const;

 private:
  data::ColumnDeclaration column_;
  std::vector<bool> positive_;  // per level of a category
};

}  // namespace cohortium::statistics
