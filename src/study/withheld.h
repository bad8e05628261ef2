// What was withheld of an analysis, and by which rule: places and how many numbers, never values.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "release/door.h"

namespace cohortium::study {

struct WithheldFrom {
  std::string analysis;  // its id
  const mpc::ReleasedOutcome& outcome;
  const release::WithheldAcross& across;
  std::vector<std::string> strata;  // labels, of a curve
  mpc::ReleaseRule rule;
};

// Entries of result.json's "withheld".
void add_withheld(const WithheldFrom& from, nlohmann::json& entries);

// result.json's "withheld_by_rule": how many numbers each rule kept back, in the order in which rules first occur.
nlohmann::json withheld_by_rule(const nlohmann::json& entries);
// "minimum cell size 11 of the study 12, across analyses 2"
std::string withheld_sentence(const nlohmann::json& by_rule);

}  // namespace cohortium::study
