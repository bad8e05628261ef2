// Checks the syntax tree of a filter and prints it anew: what is not on the lists here cannot be printed.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "data/source.h"
#include "data/table.h"

namespace cohortium::data {

// Fails with data.bad_filter; `offset` is a byte in the expression, people are told the character.
[[noreturn]] void refuse_filter(const std::string& what, std::string_view expression,
                                std::optional<std::size_t> offset = std::nullopt);

struct PrintedFilter {
  std::string sql;                // one condition over columns "c<i>"
  std::set<std::size_t> columns;  // the indices i it reads
};

// `tree`: DuckDB's JSON of one expression, whose query_location counts from `origin`. Fails with data.bad_filter, or
// with the JSON library's exception when the tree does not have the expected form.
PrintedFilter print_filter(const TableDeclaration& declaration, const nlohmann::json& tree, std::size_t origin,
                           Dialect dialect = Dialect::kDuckDb);

// Brackets and operators may not be nested deeper.
constexpr std::size_t kDeepestFilterNesting = 64;

}  // namespace cohortium::data
