#include "cohort/json_object.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cohortium::cohort {

void refuse_definition(const std::string& path, const std::string& message) {
  throw Failure({.code = "cohort.bad_definition",
                 .message = message,
                 .where = path,
                 .remedy = "correct the cohort, or export it from ATLAS again (docs/cohorts.md)"});
}

void refuse_unsupported(const std::string& path, const std::string& what) {
  throw Failure({.code = "cohort.not_supported",
                 .message = what + " is not supported",
                 .where = path,
                 .remedy = "say it in another way; docs/cohorts.md lists what is supported"});
}

JsonObject::JsonObject(const nlohmann::json& json, std::string path) : json_(&json), path_(std::move(path)) {
  if (!json.is_object()) refuse_definition(path_, "an object {…} is needed here");
  if (json.size() > kMostEntries) refuse_definition(path_, "too many fields");
}

bool JsonObject::empty() const { return json_->empty(); }

const nlohmann::json* JsonObject::find(const std::string& name) {
  read_.insert(name);
  const auto found = json_->find(name);
  return found == json_->end() || found->is_null() ? nullptr : &*found;
}

const nlohmann::json& JsonObject::require(const std::string& name) {
  const nlohmann::json* found = find(name);
  if (found == nullptr) refuse_definition(path_of(name), "this field is missing");
  return *found;
}

std::optional<JsonObject> JsonObject::object(const std::string& name) {
  const nlohmann::json* found = find(name);
  if (found == nullptr) return std::nullopt;
  return JsonObject(*found, path_of(name));
}

std::vector<std::pair<const nlohmann::json*, std::string>> JsonObject::list(const std::string& name) {
  const nlohmann::json* found = find(name);
  std::vector<std::pair<const nlohmann::json*, std::string>> entries;
  if (found == nullptr) return entries;
  if (!found->is_array()) refuse_definition(path_of(name), "a list […] is needed here");
  if (found->size() > kMostEntries)
    refuse_definition(path_of(name), fmt::format("a list has at most {} entries", kMostEntries));
  for (const nlohmann::json& entry : *found)
    entries.emplace_back(&entry, fmt::format("{}/{}", path_of(name), entries.size()));
  return entries;
}

bool JsonObject::flag(const std::string& name, bool otherwise) {
  const nlohmann::json* found = find(name);
  if (found == nullptr) return otherwise;
  if (!found->is_boolean()) refuse_definition(path_of(name), "true or false is needed here");
  return found->get<bool>();
}

std::optional<std::int64_t> JsonObject::integer(const std::string& name, std::int64_t low, std::int64_t high) {
  const nlohmann::json* found = find(name);
  if (found == nullptr) return std::nullopt;
  const bool fits = found->is_number_integer() &&
                    (!found->is_number_unsigned() || found->get<std::uint64_t>() <= static_cast<std::uint64_t>(high)) &&
                    found->get<std::int64_t>() >= low && found->get<std::int64_t>() <= high;
  if (!fits) refuse_definition(path_of(name), fmt::format("a whole number from {} to {} is needed here", low, high));
  return found->get<std::int64_t>();
}

std::int64_t JsonObject::integer_or(const std::string& name, std::int64_t low, std::int64_t high,
                                    std::int64_t otherwise) {
  return integer(name, low, high).value_or(otherwise);
}

std::optional<std::string> JsonObject::text(const std::string& name) {
  const nlohmann::json* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) refuse_definition(path_of(name), "text is needed here");
  const auto& text = found->get_ref<const std::string&>();
  if (text.size() > kLongestText || text.find('\0') != std::string::npos)
    refuse_definition(path_of(name), fmt::format("text has at most {} bytes and no NUL", kLongestText));
  return text;
}

void JsonObject::ignore(std::initializer_list<const char*> names) {
  for (const char* name : names) read_.insert(name);
}

std::string JsonObject::only_name() const {
  if (json_->size() != 1) refuse_definition(path_, "an object with exactly one field is needed here");
  return json_->begin().key();
}

void JsonObject::finish() const {
  for (const auto& [name, value] : json_->items()) {
    if (read_.contains(name)) continue;
    const std::string shown = name.size() > 60 ? name.substr(0, 60) + "…" : name;
    refuse_unsupported(path_of(shown), fmt::format("the field \"{}\"", shown));
  }
}

}  // namespace cohortium::cohort
