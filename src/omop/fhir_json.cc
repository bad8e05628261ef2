#include "omop/fhir_json.h"

#include <algorithm>
#include <cmath>

namespace cohortium::omop {
namespace {

[[noreturn]] void refuse_type() { throw Refusal{"wrong_type"}; }

}  // namespace

Json Json::operator[](std::string_view field) const {
  if (!present_) return {};
  simdjson::dom::object object;
  if (element_.get(object) != simdjson::SUCCESS) refuse_type();
  simdjson::dom::element found;
  return object.at_key(field).get(found) == simdjson::SUCCESS ? Json(found) : Json();
}

std::vector<Json> Json::items() const {
  std::vector<Json> items;
  if (!present_) return items;
  simdjson::dom::array array;
  if (element_.get(array) != simdjson::SUCCESS) refuse_type();
  for (const simdjson::dom::element item : array) items.emplace_back(item);
  return items;
}

Json Json::first() const {
  if (!present_) return {};
  simdjson::dom::array array;
  if (element_.get(array) != simdjson::SUCCESS) refuse_type();
  return array.size() == 0 ? Json() : Json(*array.begin());
}

std::string Json::text() const {
  if (!present_) return {};
  std::string_view text;
  if (element_.get(text) != simdjson::SUCCESS) refuse_type();
  return std::string(text);
}

std::optional<double> Json::number() const {
  if (!present_) return {};
  double number = 0;
  if (!element_.is_number() || element_.get(number) != simdjson::SUCCESS) refuse_type();
  return number;
}

std::optional<int> Json::integer() const {
  const std::optional<double> value = number();
  if (!value) return {};
  if (std::trunc(*value) != *value || std::abs(*value) > 2e9) throw Refusal{"number_out_of_range"};
  return static_cast<int>(*value);
}

std::optional<bool> Json::flag() const {
  if (!present_) return {};
  bool flag = false;
  if (element_.get(flag) != simdjson::SUCCESS) refuse_type();
  return flag;
}

std::string Json::raw() const { return present_ ? simdjson::minify(element_) : ""; }

std::optional<Moment> Json::moment() const {
  if (!present_) return {};
  const auto moment = fhir_moment(text());
  if (!moment) throw Refusal{"bad_date"};
  return moment;
}

Codings coding_of(const Json& coding) {
  Coding result{coding["system"].text(), coding["code"].text(), coding["display"].text()};
  if (result.code.empty() && result.display.empty()) return {};
  return {std::move(result)};
}

Codings codings_of(const Json& codeable_concept) {
  Codings result;
  const std::string text = codeable_concept["text"].text();
  for (const Json& coding : codeable_concept["coding"].items())
    for (Coding& one : coding_of(coding)) {
      if (one.display.empty()) one.display = text;
      result.push_back(std::move(one));
    }
  if (result.empty() && !text.empty()) result.push_back({"", "", text});
  return result;
}

std::string code_of(const Json& codeable_concept) { return codeable_concept["coding"].first()["code"].text(); }

bool has_duplicate_names(simdjson::dom::element element) {
  simdjson::dom::array array;
  if (element.get(array) == simdjson::SUCCESS)
    return std::any_of(array.begin(), array.end(), [](auto item) { return has_duplicate_names(item); });
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return false;
  std::vector<std::string_view> names;
  for (const auto& [name, value] : object) {
    names.push_back(name);
    if (has_duplicate_names(value)) return true;
  }
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

}  // namespace cohortium::omop
