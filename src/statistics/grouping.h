// The public table that grouping columns span: every combination of declared levels, the last column fastest.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/table.h"

namespace cohortium::statistics {

class Grouping {
 public:
  // `columns` are categories; none gives a single group.
  explicit Grouping(std::vector<data::ColumnDeclaration> columns);

  std::size_t size() const { return size_; }
  const std::vector<data::ColumnDeclaration>& columns() const { return columns_; }
  std::vector<std::string> codes(std::size_t group) const;  // one per column
  std::vector<std::string> labels(std::size_t group) const;
  std::string code(std::size_t group) const;  // joined by ", "; "all" when there are no columns
  std::string label(std::size_t group) const;
  std::string describe() const;  // " by sex and stage", or ""
  std::string key() const;       // column names, for aggregate keys

 private:
  std::vector<data::ColumnDeclaration> columns_;
  std::size_t size_ = 1;
};

// The group of each row; nothing where a grouping column is missing.
class RowGroups {
 public:
  RowGroups(const Grouping& grouping, const data::Table& table);
  // The group, or size() of the grouping where the row belongs to none.
  std::size_t operator[](std::size_t row) const { return group_[row]; }

 private:
  std::vector<std::size_t> group_;
};

}  // namespace cohortium::statistics
