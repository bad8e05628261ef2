// Reads a JSON object of a stranger field by field: types and sizes checked, and what nobody asked for refused.
//
// A field that is null counts as absent, for ATLAS writes both. Every failure names the JSON path.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cohortium::cohort {

// cohort.bad_definition: wrong type, size or value.
[[noreturn]] void refuse_definition(const std::string& path, const std::string& message);
// cohort.not_supported: it may be right elsewhere, but nothing here knows what it means.
[[noreturn]] void refuse_unsupported(const std::string& path, const std::string& what);

constexpr std::size_t kMostEntries = 10'000;      // of any list
constexpr std::size_t kLongestText = 4'096;       // bytes
constexpr std::int64_t kMostDays = 100'000;       // of an offset, either way
constexpr std::int64_t kMostConcept = 1LL << 53;  // identifiers come as JSON numbers, exact up to here

class JsonObject {
 public:
  JsonObject(const nlohmann::json& json, std::string path);

  const std::string& path() const { return path_; }
  std::string path_of(const std::string& name) const { return path_ + "/" + name; }
  bool empty() const;

  // Each marks the field as read.
  const nlohmann::json* find(const std::string& name);
  const nlohmann::json& require(const std::string& name);
  std::optional<JsonObject> object(const std::string& name);
  // Entries with their paths; none when absent.
  std::vector<std::pair<const nlohmann::json*, std::string>> list(const std::string& name);
  bool flag(const std::string& name, bool otherwise = false);
  std::optional<std::int64_t> integer(const std::string& name, std::int64_t low, std::int64_t high);
  std::int64_t integer_or(const std::string& name, std::int64_t low, std::int64_t high, std::int64_t otherwise);
  std::optional<std::string> text(const std::string& name);
  void ignore(std::initializer_list<const char*> names);
  // The one field of an object that says what it is: {"ConditionOccurrence": {…}}.
  std::string only_name() const;

  // Refuses a field that was not read.
  void finish() const;

 private:
  const nlohmann::json* json_;
  std::string path_;
  std::set<std::string> read_;
};

}  // namespace cohortium::cohort
