// One SELECT under construction: common table expressions, one after the other, each with a name of our own.
//
// Every expression is MATERIALIZED, so that events keep the numbers they were given however often they are read. The
// text runs on DuckDB and on PostgreSQL 12 and later alike: where the two differ, we write what both understand.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cohortium::cohort {

class Statement {
 public:
  // How a table of the database stands in SQL: quoted, with its schema where it has one.
  using TableName = std::function<std::string(const std::string&)>;
  explicit Statement(TableName table_name);

  // The table as it stands in SQL; remembers that it is read.
  std::string table(std::string_view name);
  // Adds an expression and returns its name: `stem` with a number, or alone when `exact`.
  std::string add(std::string_view stem, const std::string& select);
  void add_as(const std::string& name, const std::string& select);

  // "WITH … {select}".
  std::string with(const std::string& select) const;
  const std::set<std::string>& tables() const { return tables_; }  // of the database

 private:
  TableName table_name_;
  std::set<std::string> tables_;
  std::string expressions_;
  std::size_t count_ = 0;
};

}  // namespace cohortium::cohort
