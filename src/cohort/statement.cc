#include "cohort/statement.h"

#include <fmt/format.h>

#include "base/error.h"

namespace cohortium::cohort {

Statement::Statement(TableName table_name) : table_name_(std::move(table_name)) {}

std::string Statement::table(std::string_view name) {
  tables_.emplace(name);
  return table_name_(std::string(name));
}

std::string Statement::add(std::string_view stem, const std::string& select) {
  const std::string name = fmt::format("{}_{}", stem, count_);
  add_as(name, select);
  return name;
}

void Statement::add_as(const std::string& name, const std::string& select) {
  expressions_ += fmt::format("{}{} AS MATERIALIZED (\n{}\n)", count_++ == 0 ? "" : ",\n", name, select);
}

std::string Statement::with(const std::string& select) const {
  COHORTIUM_CHECK(count_ > 0);
  return fmt::format("WITH {}\n{}", expressions_, select);
}

}  // namespace cohortium::cohort
