// What a site expects of its policy, kept beside it and tried out whenever it changes: cases.toml.
//
//   [[case]]
//   name = "survival by arm is allowed"
//   study = "study.json"            # relative to this file
//   analyst = "ana"
//   expect = "allow"                # or "deny"
//   rule = "outcomes research"      # optional: which rule or denial must decide
//   approvals = 0                   # optional: how many people must approve
//   purpose = "marketing"           # optional, instead of the study's own; so is `protocol`
//   fingerprint = "64 digits"       # optional, of the analyst's key
//   rows = 40                       # optional: how many the study selects at the site
//   earlier_runs = 2                # optional: of this very study by this analyst, just before
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "policy/judge.h"

namespace cohortium::policy {

struct Question {
  std::filesystem::path study = {};
  std::string analyst = {}, fingerprint = {};
  std::optional<std::string> purpose = {}, protocol = {};
  std::optional<std::size_t> rows = {};
  int earlier_runs = 0;
};

struct Case {
  std::string name = {};
  Question question = {};
  bool allow = false;
  std::optional<std::string> rule = {};
  std::optional<int> approvals = {};
};

struct Answer {
  Demand demand = {};
  Verdict verdict = {};
};

// Fails with policy.bad_file (`where` = file:line:column) or file.*.
std::vector<Case> read_cases(const std::filesystem::path& path);

// Fails with file.* or study.*, where the study is none.
Answer ask(const Policy& policy, const Question& question);

// How the verdict is another than expected; empty: it is not.
std::string difference(const Case& expected, const Verdict& verdict);

}  // namespace cohortium::policy
