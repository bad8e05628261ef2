#include "policy/toml_reader.h"

#include <fmt/format.h>

namespace cohortium::policy {

toml::table parse_policy_toml(const std::string& text, const std::string& file) {
  return parse_toml(text, file, {.code = "policy.bad_file", .message = "", .remedy = kRemedy});
}

TomlReader::TomlReader(const std::string& file, const toml::table& table, const std::set<std::string_view>& known)
    : file_(file), table_(table) {
  for (const auto& [key, value] : table)
    if (!known.contains(key.str())) refuse(value, fmt::format("there is no setting \"{}\" here", key.str()));
}

void TomlReader::refuse(const toml::node& node, const std::string& message) const {
  throw Failure(
      {.code = "policy.bad_file", .message = message, .where = position_in(file_, node.source()), .remedy = kRemedy});
}

void TomlReader::refuse(const char* key, const std::string& message) const {
  const toml::node* found = table_.get(key);
  refuse(found != nullptr ? *found : table_, fmt::format("\"{}\" {}", key, message));
}

const toml::node& TomlReader::node(const char* key) const {
  if (!has(key)) refuse(key, "is missing");
  return *table_.get(key);
}

std::string TomlReader::text(const char* key) const {
  const auto value = node(key).value_exact<std::string>();
  if (!value || value->empty() || value->size() > 200) refuse(key, "is not a text of 1 to 200 bytes");
  return *value;
}

bool TomlReader::flag(const char* key, bool otherwise) const {
  if (!has(key)) return otherwise;
  const auto value = node(key).value_exact<bool>();
  if (!value) refuse(key, "is neither true nor false");
  return *value;
}

int TomlReader::whole(const char* key, int low, int high) const {
  const auto value = node(key).value_exact<std::int64_t>();
  if (!value || *value < low || *value > high)
    refuse(key, fmt::format("is not a whole number from {} to {}", low, high));
  return static_cast<int>(*value);
}

int TomlReader::whole(const char* key, int low, int high, int otherwise) const {
  return has(key) ? whole(key, low, high) : otherwise;
}

double TomlReader::number(const char* key, double low, double high) const {
  const auto value = node(key).value<double>();
  if (!value || !(*value >= low && *value <= high))
    refuse(key, fmt::format("is not a number from {} to {}", low, high));
  return *value;
}

const toml::table& TomlReader::table(const char* key) const {
  const toml::table* found = node(key).as_table();
  if (found == nullptr) refuse(key, "is not a table");
  return *found;
}

std::vector<const toml::table*> TomlReader::tables(const char* key) const {
  if (!has(key)) return {};
  const toml::array* list = node(key).as_array();
  if (list == nullptr) refuse(key, fmt::format("is not a list of tables: write [[{}]]", key));
  std::vector<const toml::table*> all;
  for (const toml::node& each : *list) {
    if (!each.is_table()) refuse(each, fmt::format("\"{}\" holds something else than tables", key));
    all.push_back(each.as_table());
  }
  return all;
}

std::set<std::string> TomlReader::texts(const char* key) const { return texts(node(key), key); }

std::set<std::string> TomlReader::texts(const toml::node& node, const std::string& name) const {
  const toml::array* list = node.as_array();
  if (list == nullptr || list->empty()) refuse(node, fmt::format("\"{}\" is not a list with something in it", name));
  std::set<std::string> all;
  for (const toml::node& each : *list) {
    const auto value = each.value_exact<std::string>();
    if (!value || value->empty()) refuse(each, fmt::format("\"{}\" holds something else than texts", name));
    if (!all.insert(*value).second) refuse(each, fmt::format("\"{}\" stands twice in \"{}\"", *value, name));
  }
  return all;
}

}  // namespace cohortium::policy
