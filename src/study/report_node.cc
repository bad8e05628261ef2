// Checked reading of result.json.
#include "study/report_node.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cohortium::study::report {

void Node::refuse(const std::string& message) const {
  throw Failure({.code = "report.malformed_result",
                 .message = message,
                 .where = path_,
                 .remedy = "compare the result with docs/schema/result.schema.json"});
}

std::optional<Node> Node::find(const std::string& key) const {
  if (!value_->is_object()) refuse("an object is expected");
  const auto member = value_->find(key);
  if (member == value_->end() || member->is_null()) return std::nullopt;
  return Node(*member, path_ + "." + key);
}

Node Node::at(const std::string& key) const {
  if (!value_->is_object()) refuse("an object is expected");
  const auto member = value_->find(key);
  if (member == value_->end()) refuse("the member " + key + " is missing");
  return Node(*member, path_ + "." + key);
}

std::string Node::find_text(const std::string& key) const {
  const auto member = find(key);
  return member ? member->text() : std::string();
}

std::optional<double> Node::find_number(const std::string& key) const {
  const auto member = find(key);
  return member ? member->number_or_null() : std::nullopt;
}

std::vector<std::string> Node::find_names(const std::string& key) const {
  const auto member = find(key);
  if (!member) return {};
  if (member->value_->is_string()) return {member->text()};
  return member->texts();
}

std::vector<Node> Node::items() const {
  if (!value_->is_array()) refuse("a list is expected");
  std::vector<Node> result;
  for (std::size_t i = 0; i < value_->size(); ++i)
    result.emplace_back((*value_)[i], path_ + "[" + std::to_string(i) + "]");
  return result;
}

std::vector<std::pair<std::string, Node>> Node::members() const {
  if (!value_->is_object()) refuse("an object is expected");
  std::vector<std::pair<std::string, Node>> result;
  for (const auto& [key, member] : value_->items()) result.emplace_back(key, Node(member, path_ + "." + key));
  return result;
}

std::string Node::text() const {
  if (!value_->is_string()) refuse("a text is expected");
  return value_->get<std::string>();
}

bool Node::flag() const {
  if (!value_->is_boolean()) refuse("true or false is expected");
  return value_->get<bool>();
}

std::optional<double> Node::number_or_null() const {
  if (value_->is_null()) return std::nullopt;
  if (!value_->is_number()) refuse("a number is expected");
  const double number = value_->get<double>();
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

double Node::number() const {
  const auto value = number_or_null();
  if (!value) refuse("a number is expected");
  return *value;
}

// Curves have many numbers: the path of one is written only when it is refused.
Numbers Node::numbers() const {
  if (!value_->is_array()) refuse("a list is expected");
  Numbers result;
  result.reserve(value_->size());
  for (const auto& item : *value_) {
    const bool fits = item.is_number() || item.is_null();
    result.push_back(
        Node(item, fits ? std::string() : path_ + "[" + std::to_string(result.size()) + "]").number_or_null());
  }
  return result;
}

std::vector<std::string> Node::texts() const {
  std::vector<std::string> result;
  for (const Node& item : items()) result.push_back(item.text());
  return result;
}

}  // namespace cohortium::study::report
