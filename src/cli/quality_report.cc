#include "cli/quality_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "study/report_style.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::cli {
namespace {

using nlohmann::json;
using quality::Outcome;
using quality::Verdict;
namespace report = study::report;
using report::element;
using report::Html;

std::string summary(const QualityCounts& counts) {
  return fmt::format("{} checks passed, {} failed, {} not run", counts.passed, counts.failed, counts.not_run);
}

void tally(QualityCounts& counts, Verdict verdict) {
  if (verdict == Verdict::kPassed) ++counts.passed;
  if (verdict == Verdict::kFailed) ++counts.failed;
  if (verdict == Verdict::kNotRun) ++counts.not_run;
}

std::string counted(const Outcome& outcome) {
  return fmt::format("{} of {}", report::count(static_cast<double>(outcome.violated)),
                     report::count(static_cast<double>(outcome.looked)));
}

// Counts by table and category.
Html overview(const std::vector<Outcome>& outcomes) {
  std::map<std::string, std::map<quality::Category, QualityCounts>> tables;
  for (const Outcome& outcome : outcomes) {
    tally(tables[outcome.check.table][outcome.check.kind->category], outcome.verdict);
  }
  report::TableContent table{.caption = "Checks that passed, of those that were run",
                             .head = {"Table", "Completeness", "Conformance", "Plausibility"}};
  for (auto& [name, categories] : tables) {
    std::vector<report::Cell> row = {name};
    for (const auto category :
         {quality::Category::kCompleteness, quality::Category::kConformance, quality::Category::kPlausibility}) {
      const QualityCounts& counts = categories[category];
      row.push_back(fmt::format("{} of {}", counts.passed, counts.passed + counts.failed));
    }
    table.rows.push_back(std::move(row));
  }
  return element("section", element("h2", report::text("Overview")) + report::render_table(table));
}

Html list(const char* title, const std::vector<Outcome>& outcomes, Verdict verdict) {
  report::TableContent table{.caption = title,
                             .head = {"Check", "What violates", "Rows", "Share", "Threshold"},
                             .text_columns = 2,
                             .dense = true};
  for (const Outcome& outcome : outcomes) {
    if (outcome.verdict != verdict) continue;
    const bool run = verdict != Verdict::kNotRun;
    report::Cell what = run ? outcome.check.meaning : outcome.check.not_run;
    if (verdict == Verdict::kFailed) what.detail = std::string(outcome.check.kind->remedy);
    table.rows.push_back({outcome.check.id, what, run ? counted(outcome) : "–",
                          run ? report::percent(outcome.share()) : "–", report::percent(outcome.threshold)});
  }
  const Html content =
      table.rows.empty() ? element("p", {{"class", "muted"}}, report::text("None.")) : report::render_table(table);
  return element("section", element("h2", report::text(title)) + content);
}

}  // namespace

QualityCounts count_verdicts(const std::vector<Outcome>& outcomes) {
  QualityCounts counts;
  for (const Outcome& outcome : outcomes) {
    tally(counts, outcome.verdict);
  }
  return counts;
}

json quality_json(const std::string& site, const std::vector<Outcome>& outcomes) {
  json checks = json::array();
  for (const Outcome& outcome : outcomes) {
    const quality::Check& check = outcome.check;
    json entry = {{"check", check.id},
                  {"kind", check.kind->name},
                  {"category", name_of(check.kind->category)},
                  {"table", check.table},
                  {"column", check.column},
                  {"meaning", check.meaning},
                  {"threshold", outcome.threshold},
                  {"verdict", name_of(outcome.verdict)}};
    if (outcome.verdict == Verdict::kNotRun) {
      entry["reason"] = check.not_run;
    } else {
      entry["rows"] = outcome.looked;
      entry["violating"] = outcome.violated;
    }
    if (outcome.verdict == Verdict::kFailed) entry["remedy"] = check.kind->remedy;
    checks.push_back(std::move(entry));
  }
  const QualityCounts counts = count_verdicts(outcomes);
  return {{"site", site},
          {"passed", counts.passed},
          {"failed", counts.failed},
          {"not_run", counts.not_run},
          {"checks", std::move(checks)}};
}

std::string quality_text(const std::string& site, const std::vector<Outcome>& outcomes) {
  std::string text;
  std::size_t id_width = 5, count_width = 4;
  for (const Outcome& outcome : outcomes) {
    if (outcome.verdict != Verdict::kFailed) continue;
    id_width = std::max(id_width, outcome.check.id.size());
    count_width = std::max(count_width, counted(outcome).size());
  }
  for (const Outcome& outcome : outcomes) {
    if (outcome.verdict != Verdict::kFailed) continue;
    if (text.empty())
      text =
          fmt::format("{:<{}}  {:>{}}  {:>7}  {:>9}\n", "check", id_width, "rows", count_width, "share", "threshold");
    text += fmt::format("{:<{}}  {:>{}}  {:>7}  {:>9}\n    {}: {}\n", outcome.check.id, id_width, counted(outcome),
                        count_width, report::percent(outcome.share()), report::percent(outcome.threshold),
                        outcome.check.meaning, outcome.check.kind->remedy);
  }
  return fmt::format("{}{}: {}\n", text, site, summary(count_verdicts(outcomes)));
}

std::string quality_page(const std::string& site, const std::vector<Outcome>& outcomes, const std::string& moment) {
  const QualityCounts counts = count_verdicts(outcomes);
  Html facts;
  const auto fact = [&](const char* name, const std::string& value) {
    facts += element("div", element("dt", report::text(name)) + element("dd", report::text(value)));
  };
  fact("Checked", report::moment(moment));
  fact("Passed", std::to_string(counts.passed));
  fact("Failed", std::to_string(counts.failed));
  fact("Not run", std::to_string(counts.not_run));
  const std::string title = "Quality of the records at " + site;
  const Html header =
      element("header", element("p", {{"class", "kicker"}}, report::text("Quality report")) +
                            element("h1", report::text(title)) + element("dl", {{"class", "facts"}}, facts));
  const Html footer = element(
      "footer", report::text("This page holds counts of records: it stays at the site. It is complete in itself: it "
                             "loads nothing and runs no program."));
  return report::complete_page(title, header + list("Failed", outcomes, Verdict::kFailed) + overview(outcomes) +
                                          list("Not run", outcomes, Verdict::kNotRun) +
                                          list("Passed", outcomes, Verdict::kPassed) + footer);
}

}  // namespace cohortium::cli
