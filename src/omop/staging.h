// The batch on its way into the database: Drafts as rows of temporary tables of texts, which merge.cc casts and joins.
// For .cc files of this folder only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/duckdb.h"
#include "omop/draft.h"

namespace cohortium::omop {

// A temporary table, all VARCHAR, filled row by row in memory first.
class TextTable {
 public:
  TextTable(const char* name, std::vector<std::string_view> columns);
  using Row = std::vector<std::optional<std::string>>;
  void add(Row row);  // one value per column
  void create(data::Database& database) const;
  // Replaces what the database's table holds with what was added, and forgets it here.
  void move_to(data::Database& database);
  std::size_t rows() const { return missing_.empty() ? 0 : missing_[0].size(); }

 private:
  const char* name_;
  std::vector<std::string_view> columns_;
  std::vector<std::vector<std::string>> texts_;
  std::vector<std::vector<std::uint8_t>> missing_;
};

class Staging {
 public:
  Staging();
  void create(data::Database& database) const;
  void add(const Draft& draft, const std::string& file, const std::string& digest);
  void move_to(data::Database& database);
  std::size_t records() const { return record_.rows(); }
  std::size_t events() const { return event_.rows(); }
  std::size_t bytes() const { return bytes_; }

 private:
  void add_event(const std::string& number, const Event& event);
  void add_codings(const std::string& number, const std::string& part, const char* role, const Codings& codings);

  TextTable record_, event_, coding_, person_, address_, organisation_, practitioner_, medication_, alias_;
  std::size_t bytes_ = 0;
};

}  // namespace cohortium::omop
