// Read-only view of one FHIR resource: missing things are missing, things of the wrong type refuse the resource.
// For .cc files of this folder only: simdjson is a heavy header. It was chosen over the JSON library of the rest of the
// house because exports are large: it validates UTF-8 and depth and reads faster than gzip gives the text.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "omop/draft.h"

namespace cohortium::omop {

class Json {
 public:
  Json() = default;
  explicit Json(simdjson::dom::element element) : element_(element), present_(!element.is_null()) {}

  bool present() const { return present_; }
  // A field of an object; the item of an array. Missing where this is missing.
  Json operator[](std::string_view field) const;
  Json first() const;
  std::vector<Json> items() const;

  std::string text() const;  // empty when missing
  std::optional<double> number() const;
  std::optional<int> integer() const;
  std::optional<bool> flag() const;
  std::string raw() const;  // minified
  std::optional<Moment> moment() const;

 private:
  simdjson::dom::element element_;
  bool present_ = false;
};

// CodeableConcept, and Coding.
Codings codings_of(const Json& codeable_concept);
Codings coding_of(const Json& coding);
// The code of the first coding.
std::string code_of(const Json& codeable_concept);

// A name that stands twice in one object: readers would disagree about what it says.
bool has_duplicate_names(simdjson::dom::element element);

}  // namespace cohortium::omop
