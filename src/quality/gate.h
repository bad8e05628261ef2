// Runs checks on a source and decides, by the consortium's thresholds, which of them fail.
//
// Reads      whole tables, in the source's own engine; counts alone come out of it
// Reveals    nothing: outcomes hold counts and stay at the site; of a failed gate, refusal() names the checks
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/source.h"
#include "quality/catalogue.h"

namespace cohortium::quality {

enum class Verdict { kPassed, kFailed, kNotRun };
const char* name_of(Verdict verdict);  // "passed", "failed", "not run"

struct Outcome {
  Check check;
  double threshold = 0;
  std::int64_t looked = 0, violated = 0;
  Verdict verdict = Verdict::kNotRun;
  double share() const { return looked == 0 ? 0 : static_cast<double>(violated) / static_cast<double>(looked); }
};

struct Progress {
  std::string table;
  std::size_t done = 0, total = 0;  // checks
  double seconds_left = 0;          // by the rows that are still to be scanned
};
using ShowProgress = std::function<void(const Progress&)>;  // may throw to end the checks

// Outcomes in the order of the checks. Fails with data.source_failed: a check that cannot be counted has not passed.
std::vector<Outcome> run_checks(data::Source& source, std::vector<Check> checks, const Thresholds& thresholds,
                                const ShowProgress& show = {});

// quality.check_failed, for everybody: which checks fail at `site`, and nothing else. At least one must have failed.
Error refusal(const std::string& site, const std::vector<Outcome>& outcomes);

}  // namespace cohortium::quality
