#include "quality/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "quality/model.h"

namespace cohortium::quality {
namespace {

constexpr std::size_t most_per_query = 40;  // checks; databases limit the columns of a result
constexpr std::size_t most_named = 8;       // checks in a refusal

// Checks that one query answers.
struct Scan {
  std::vector<std::size_t> checks;
  double rows = 1;
};

std::vector<Scan> plan_scans(data::Source& source, const std::vector<Outcome>& outcomes) {
  const Model model(source);
  std::vector<Scan> scans;
  std::map<std::string, std::size_t> open;  // by what stands behind FROM
  std::map<std::string, double> rows;       // by table
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const Check& check = outcomes[i].check;
    if (check.count.from.empty()) continue;
    if (!rows.contains(check.table))
      rows[check.table] =
          static_cast<double>(data::query_integer(source, "SELECT count(*) FROM " + model.sql(check.table)));
    const auto found = open.find(check.count.from);
    if (found != open.end() && scans[found->second].checks.size() < most_per_query) {
      scans[found->second].checks.push_back(i);
      continue;
    }
    open[check.count.from] = scans.size();
    scans.push_back({{i}, 1 + rows[check.table]});
  }
  return scans;
}

void run_scan(data::Source& source, const Scan& scan, std::vector<Outcome>& outcomes) {
  std::string sql;
  for (std::size_t i : scan.checks) {
    const Count& count = outcomes[i].check.count;
    sql += fmt::format("{}CAST({} AS BIGINT), CAST({} AS BIGINT)", sql.empty() ? "SELECT " : ", ", count.looked,
                       count.violated);
  }
  sql += " FROM " + outcomes[scan.checks.front()].check.count.from;
  const auto rows = source.query(sql);
  data::Batch batch;
  const std::size_t numbers = 2 * scan.checks.size();
  if (!rows->next(batch) || batch.rows != 1 || batch.columns.size() != numbers)
    throw Failure({.code = "data.source_failed",
                   .message = "the database does not answer a count with one row",
                   .where = outcomes[scan.checks.front()].check.table,
                   .remedy = "look at the database's own log"});
  for (std::size_t k = 0; k < scan.checks.size(); ++k) {
    Outcome& outcome = outcomes[scan.checks[k]];
    outcome.looked = batch.columns[2 * k].integers.at(0);
    outcome.violated = batch.columns[2 * k + 1].integers.at(0);
  }
}

void decide(Outcome& outcome) {
  const Check& check = outcome.check;
  if (!check.not_run.empty()) return;
  if (check.count.from.empty()) {
    outcome.looked = 1;
    outcome.violated = check.violated ? 1 : 0;
  }
  const bool failed = static_cast<double>(outcome.violated) > outcome.threshold * static_cast<double>(outcome.looked) &&
                      outcome.violated >= check.fewest;
  outcome.verdict = failed ? Verdict::kFailed : Verdict::kPassed;
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kNotRun:
      break;
  }
  return "not run";
}

std::vector<Outcome> run_checks(data::Source& source, std::vector<Check> checks, const Thresholds& thresholds,
                                const ShowProgress& show) {
  std::vector<Outcome> outcomes;
  for (Check& check : checks) {
    Outcome& outcome = outcomes.emplace_back();
    outcome.check = std::move(check);
    outcome.threshold = threshold_of(thresholds, outcome.check);
  }
  const std::vector<Scan> scans = plan_scans(source, outcomes);
  Progress progress;
  double rows = 0, rows_done = 0;
  for (const Scan& scan : scans) {
    rows += scan.rows;
    progress.total += scan.checks.size();
  }
  const auto start = std::chrono::steady_clock::now();
  for (const Scan& scan : scans) {
    progress.table = outcomes[scan.checks.front()].check.table;
    if (show) show(progress);
    run_scan(source, scan, outcomes);
    rows_done += scan.rows;
    progress.done += scan.checks.size();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    progress.seconds_left = elapsed.count() * (rows - rows_done) / rows_done;
  }
  for (Outcome& outcome : outcomes) decide(outcome);
  return outcomes;
}

Error refusal(const std::string& site, const std::vector<Outcome>& outcomes) {
  std::vector<std::string> names;
  for (const Outcome& outcome : outcomes) {
    if (outcome.verdict == Verdict::kFailed) names.push_back(outcome.check.id);
  }
  COHORTIUM_CHECK(!names.empty());
  const std::size_t more = names.size() - std::min(names.size(), most_named);
  names.resize(names.size() - more);
  return {.code = "quality.check_failed",
          .message = fmt::format("the records at {} fail the quality gate: {}{}", site, fmt::join(names, ", "),
                                 more == 0 ? "" : fmt::format(" and {} more", more)),
          .where = site,
          .rule = "the thresholds in [quality] of the consortium file",
          .remedy =
              "ask the site's operator to run `cohortium quality` with its node.toml: it shows counts and what to do"};
}

}  // namespace cohortium::quality
