// Whether a policy allows what a study asks: a pure function, so that a site can try out a policy before it holds.
//
// A study is allowed by the first rule that allows all of it, where no denial matches. Everything else is denied, and the
// verdict says by which rule, and what would satisfy it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "policy/demand.h"
#include "policy/policy.h"

namespace cohortium::policy {

// A run that this site has shared something in.
struct PastRun {
  std::string run = {}, study = {}, analyst = {}, rule = {};
  std::vector<std::string> columns = {};  // "trial.age"
  std::string time = {};                  // base/clock.h
};

struct Circumstances {
  std::string analyst = {}, fingerprint = {};  // of the analyst's key
  std::string now = {};                        // base/clock.h
  const std::vector<PastRun>* runs = nullptr;  // null: how often it ran is not judged, as at an approval
};

struct Finding {
  std::string rule = {};     // by name
  std::string message = {};  // what it does not allow
  std::string where = {};    // JSON path in the study
  std::string remedy = {};   // what would satisfy it
};

struct Verdict {
  bool allowed = false;
  std::string site = {}, policy_hash = {};
  int version = 0;
  std::string rule =
      {};             // that allows it, or that denies it, or that comes nearest to allowing it; empty: there is none
  int approvals = 0;  // where allowed: how many people must approve; 0: none
  int minimum_rows = 0;                // where allowed
  std::vector<Finding> findings = {};  // where not

  // "rule "outcomes research" of north's policy, version 3"
  std::string whose() const;
  // policy.denied
  Error refusal() const;
};

Verdict judge(const Policy& policy, const Demand& demand, const Circumstances& circumstances);

// policy.too_few_rows where a study that is allowed selects fewer rows than its rule asks.
std::optional<Error> judge_rows(const Verdict& verdict, std::size_t rows);

// "trial.age": as runs are remembered.
std::vector<std::string> column_names(const Demand& demand);

}  // namespace cohortium::policy
