// A table of a policy's or its cases' TOML file, of which every key must be known. For src/policy/*.cc only.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/toml.h"

namespace cohortium::policy {

inline constexpr const char* kRemedy = "compare with the example in docs/policy.md";

// Every method fails with policy.bad_file, saying where in the file.
class TomlReader {
 public:
  TomlReader(const std::string& file, const toml::table& table, const std::set<std::string_view>& known);

  [[noreturn]] void refuse(const toml::node& node, const std::string& message) const;
  [[noreturn]] void refuse(const char* key, const std::string& message) const;

  bool has(const char* key) const { return table_.contains(key); }
  const toml::node& node(const char* key) const;  // which must be there
  std::string text(const char* key) const;
  bool flag(const char* key, bool otherwise) const;
  int whole(const char* key, int low, int high) const;
  int whole(const char* key, int low, int high, int otherwise) const;
  double number(const char* key, double low, double high) const;
  const toml::table& table(const char* key) const;
  // Of a list of tables; none where the key is absent.
  std::vector<const toml::table*> tables(const char* key) const;
  // Of a list of texts, not empty, each once.
  std::set<std::string> texts(const char* key) const;
  std::set<std::string> texts(const toml::node& list, const std::string& name) const;

 private:
  const std::string& file_;
  const toml::table& table_;
};

toml::table parse_policy_toml(const std::string& text, const std::string& file);

}  // namespace cohortium::policy
