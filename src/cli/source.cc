// `cohortium source check`: what a node can read, before a study asks for it.
#include "data/source.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "node/config.h"

namespace cohortium::cli {

void check_source(const std::filesystem::path& config, const Output& output) {
  const auto source = data::open_source(node::read_source(config));
  nlohmann::json tables = nlohmann::json::array();
  std::string text = source->description() + "\n" +
                     (source->proven_read_only() ? "can be read, and nothing in it can be changed through the node\n"
                                                 : "can be read; see to it that its role can do nothing else\n");
  for (const data::SourceTable& table : source->tables()) {
    const std::int64_t rows = data::query_integer(*source, "SELECT count(*) FROM " + source->table_name(table.name));
    text += fmt::format("\n{}  {} rows\n", table.name, rows);
    nlohmann::json columns = nlohmann::json::array();
    for (const data::SourceColumn& column : table.columns) {
      text += fmt::format("  {:<32} {:<10} {}\n", column.name, data::name_of(column.type), column.database_type);
      columns.push_back(
          {{"name", column.name}, {"type", data::name_of(column.type)}, {"database_type", column.database_type}});
    }
    tables.push_back({{"name", table.name}, {"rows", rows}, {"columns", std::move(columns)}});
  }
  if (tables.empty()) text += "\nthere are no tables that can be read\n";
  const nlohmann::json json = {
      {"source", source->description()}, {"read_only", source->proven_read_only()}, {"tables", std::move(tables)}};
  std::fputs(output.json ? (json.dump(2) + "\n").c_str() : text.c_str(), stdout);
}

}  // namespace cohortium::cli
