#include "cli/result_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace cohortium::cli {
namespace {

using nlohmann::json;

// A number for people; "withheld" where there is none.
std::string number(const json& value, int digits = 4, const char* absent = "withheld") {
  if (value.is_null()) return absent;
  if (value.is_number_integer()) return std::to_string(value.get<long long>());
  return fmt::format("{:.{}g}", value.get<double>(), digits);
}

std::string p_value(const json& p) {
  if (p.is_null()) return "withheld";
  return p.get<double>() < 0.001 ? fmt::format("{:.1e}", p.get<double>()) : fmt::format("{:.3f}", p.get<double>());
}

std::string kaplan_meier(const json& analysis) {
  const std::string unit = analysis["time"].value("unit", "");
  std::string text = fmt::format("  {:<24} {:>9} {:>9}   {}\n", "group", "n", "events",
                                 "median survival (95% limits)" + (unit.empty() ? "" : ", " + unit));
  for (const json& stratum : analysis["strata"]) {
    text += fmt::format("  {:<24} {:>9} {:>9}   {} ({} to {})\n", stratum["label"].get<std::string>(),
                        number(stratum["n"]), number(stratum["events"]), number(stratum["median"], 5, "not reached"),
                        number(stratum["median_lower"], 5, "-"), number(stratum["median_upper"], 5, "-"));
  }
  return text;
}

std::string log_rank(const json& analysis) {
  if (analysis["chisq"].is_null()) return "  withheld\n";
  std::string text = fmt::format("  {:<24} {:>9} {:>9} {:>12}\n", "group", "n", "observed", "expected");
  for (std::size_t i = 0; i < analysis["groups"].size(); ++i) {
    text += fmt::format("  {:<24} {:>9} {:>9} {:>12.2f}\n", analysis["labels"][i].get<std::string>(),
                        number(analysis["n"][i]), number(analysis["observed"][i], 9),
                        analysis["expected"][i].get<double>());
  }
  return text + fmt::format("  chi-square {:.4g} on {} df, p {}\n", analysis["chisq"].get<double>(),
                            analysis["df"].get<int>(), p_value(analysis["p"]));
}

std::string describe(const json& analysis) {
  std::string text = fmt::format("  {:<24} {:>9} {:>12} {:>12}\n", "group", "n", "mean", "sd");
  for (const json& group : analysis["groups"]) {
    text += fmt::format("  {:<24} {:>9} {:>12} {:>12}\n", group["label"].get<std::string>(), number(group["n"]),
                        number(group["mean"], 6), number(group["sd"], 6));
  }
  return text;
}

std::string count(const json& analysis) {
  std::string text = fmt::format("  {:<40} {:>9}\n", "group", "n");
  for (const json& cell : analysis["cells"]) {
    text += fmt::format("  {:<40} {:>9}\n",
                        cell["labels"].empty()
                            ? "all"
                            : fmt::format("{}", fmt::join(cell["labels"].get<std::vector<std::string>>(), ", ")),
                        number(cell["n"]));
  }
  return text;
}

}  // namespace

std::string result_text(const json& result) {
  std::string text = fmt::format("{}\n", result["study"]["title"].get<std::string>());
  for (const auto& [id, analysis] : result["analyses"].items()) {
    text += fmt::format("\n{}: {}\n", id, analysis["title"].get<std::string>());
    const std::string kind = analysis["kind"];
    if (kind == "kaplan_meier") text += kaplan_meier(analysis);
    if (kind == "log_rank") text += log_rank(analysis);
    if (kind == "describe") text += describe(analysis);
    if (kind == "count") text += count(analysis);
  }
  if (!result["withheld"].empty()) {
    text += "\nwithheld\n";
    for (const json& entry : result["withheld"])
      text += fmt::format("  {}: {}\n", entry["analysis"].get<std::string>(), entry["what"].get<std::string>());
  }
  return text;
}

}  // namespace cohortium::cli
