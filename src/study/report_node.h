// A place in result.json that knows its path, so that what does not fit is refused with the place named.
//
// Every reader fails with report.malformed_result. A number that JSON cannot write (not finite) counts as null.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cohortium::study::report {

using Numbers = std::vector<std::optional<double>>;

class Node {
 public:
  // The document must outlive the node.
  Node(const nlohmann::json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  Node at(const std::string& key) const;                              // must be there
  std::optional<Node> find(const std::string& key) const;             // nothing when absent or null
  std::string find_text(const std::string& key) const;                // empty when absent or null
  std::optional<double> find_number(const std::string& key) const;    // nothing when absent or null
  std::vector<std::string> find_names(const std::string& key) const;  // a list of texts; one text is a list of one
  std::vector<Node> items() const;
  std::vector<std::pair<std::string, Node>> members() const;

  std::string text() const;
  bool flag() const;
  double number() const;
  std::optional<double> number_or_null() const;
  Numbers numbers() const;
  std::vector<std::string> texts() const;

  [[noreturn]] void refuse(const std::string& message) const;

 private:
  const nlohmann::json* value_;
  std::string path_;
};

}  // namespace cohortium::study::report
