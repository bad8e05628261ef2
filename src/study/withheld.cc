#include "study/withheld.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "statistics/entries.h"

namespace cohortium::study {
namespace {

using nlohmann::json;

constexpr const char* complementary = "complementary suppression";
constexpr const char* across_analyses = "across analyses";
constexpr const char* curve_steps = "steps of curves";

class Entries {
 public:
  Entries(const WithheldFrom& from, json& entries)
      : from_(from), entries_(entries), minimum_(statistics::minimum_cell_rule(from.rule)) {}

  void add_cells() {
    const mpc::ReleasedCells& cells = *from_.outcome.cells;
    if (!cells.faults.empty()) {
      for (std::size_t i = 0; i < cells.faults.size(); ++i) {
        const std::string rule = i < cells.fault_rules.size() ? cells.fault_rules[i] : "";
        add("everything: " + cells.faults[i], rule.empty() ? "no estimate" : rule, cells.passed.size());
      }
      return;
    }
    const std::size_t size = cells.passed.size();
    const std::string of_all = " of " + std::to_string(size) + " groups";
    const release::WithheldAcross& across = from_.across;
    const auto closed = count(cells.passed, false);
    const auto nameless = count(cells.people, std::nullopt) - closed;
    std::size_t vetoed = 0;
    for (const auto& [rule, records] : cells.vetoed) add_number(records, of_all, rule), vetoed += records;
    add_number(closed - across.records - vetoed, of_all, minimum_);
    add_number(across.records, of_all, across_analyses);
    add_number(nameless - across.people, of_all, complementary, "the number of people of ");
    add_number(across.people, of_all, across_analyses, "the number of people of ");
    std::size_t shown_otherwise = across.totals;
    for (const auto& level : cells.totals) {
      const auto absent = count(level, std::nullopt), others = std::min(absent, shown_otherwise);
      const std::string of_level = " of " + std::to_string(level.size()) + (level.size() == 1 ? " total" : " totals");
      add_number(absent - others, of_level + ", from which withheld cells would follow", complementary);
      add_number(others, of_level, across_analyses);
      shown_otherwise -= others;
    }
  }

  void add_curve() {
    const std::vector<mpc::ReleasedStratum>& strata = *from_.outcome.curve;
    for (std::size_t s = 0; s < strata.size(); ++s) add_stratum(strata[s], from_.strata[s], from_.across.strata[s]);
  }

 private:
  void add_stratum(const mpc::ReleasedStratum& stratum, const std::string& name, bool across) {
    if (across) return add(name + ": everything", across_analyses, 1);
    if (!stratum.passed) return add(name + ": everything", minimum_, 1);
    if (!stratum.people)
      add(name + ": the number of people, which would show the number of censorings", complementary, 1);
    if (!stratum.events) add(name + ": the number of events and the curve", minimum_, 1);
    const std::string of_steps = " of " + std::to_string(stratum.steps.size()) + " steps";
    const auto absent = [&](auto member) {
      return static_cast<std::size_t>(std::count_if(stratum.steps.begin(), stratum.steps.end(),
                                                    [&](const auto& step) { return !(step.*member).has_value(); }));
    };
    add_number(absent(&mpc::ReleasedStep::at_risk), of_steps, curve_steps, name + ": the number at risk at ");
    add_number(absent(&mpc::ReleasedStep::censored), of_steps, curve_steps, name + ": the number of censorings at ");
  }

  template <class Values, class Value>
  static std::size_t count(const Values& values, const Value& value) {
    return static_cast<std::size_t>(std::count(values.begin(), values.end(), value));
  }

  void add_number(std::size_t numbers, const std::string& of, const std::string& rule, const std::string& what = "") {
    if (numbers > 0) add(what + std::to_string(numbers) + of, rule, numbers);
  }

  void add(const std::string& what, const std::string& rule, std::size_t numbers) {
    entries_.push_back({{"analysis", from_.analysis}, {"what", what}, {"rule", rule}, {"numbers", numbers}});
  }

  const WithheldFrom& from_;
  json& entries_;
  const std::string minimum_;
};

}  // namespace

void add_withheld(const WithheldFrom& from, json& entries) {
  Entries all(from, entries);
  if (from.outcome.cells) all.add_cells();
  const bool faulty = from.outcome.cells && !from.outcome.cells->faults.empty();
  if (from.outcome.curve && !faulty) all.add_curve();
}

json withheld_by_rule(const json& entries) {
  json rules = json::array();
  for (const json& entry : entries) {
    const auto known =
        std::find_if(rules.begin(), rules.end(), [&](const json& rule) { return rule["rule"] == entry["rule"]; });
    if (known == rules.end()) {
      rules.push_back({{"rule", entry["rule"]}, {"numbers", entry["numbers"]}});
    } else {
      (*known)["numbers"] = (*known)["numbers"].get<std::size_t>() + entry["numbers"].get<std::size_t>();
    }
  }
  return rules;
}

std::string withheld_sentence(const json& by_rule) {
  std::string sentence;
  for (const json& rule : by_rule) {
    sentence += (sentence.empty() ? "" : ", ") + rule["rule"].get<std::string>() + " " +
                std::to_string(rule["numbers"].get<std::size_t>());
  }
  return sentence;
}

}  // namespace cohortium::study
