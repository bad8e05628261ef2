#include "cli/result_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "study/privacy.h"
#include "study/rounding.h"
#include "study/withheld.h"

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
  std::string text = fmt::format("  {:<24} {:>9} {:>9} {:>12} {:>12}\n", "group", "n", "missing", "mean", "sd");
  for (const json& group : analysis["groups"]) {
    text += fmt::format("  {:<24} {:>9} {:>9} {:>12} {:>12}\n", group["label"].get<std::string>(), number(group["n"]),
                        number(group["missing"]), number(group["mean"], 6), number(group["sd"], 6));
    if (group.contains("mean_error"))
      text += fmt::format("  {:<24} {:>9} {:>9} {:>12} {:>12}\n", "", "noise up to", "",
                          number(group["mean_error"], 3, "-"), number(group["sd_error"], 3, "-"));
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

std::string funnel(const json& analysis) {
  std::string text = fmt::format("  {:<40} {:>9} {:>9}\n", "step", "n", "lost");
  for (const json& step : analysis["steps"])
    text += fmt::format("  {:<40} {:>9} {:>9}\n", step["label"].get<std::string>(), number(step["n"]),
                        number(step["lost"], 6, "-"));
  return text;
}

std::string estimates(const json& analysis) {
  std::string text = fmt::format("  {:<24} {:>9} {:>9} {:>12}   {}\n", "group", "n", "events", "estimate", "limits");
  for (const json& group : analysis["groups"]) {
    text += fmt::format("  {:<24} {:>9} {:>9} {:>12}   ({} to {})\n", group["label"].get<std::string>(),
                        number(group["n"]), number(group["events"], 4, "-"), number(group["value"], 5, "-"),
                        number(group["lower"], 5, "-"), number(group["upper"], 5, "-"));
  }
  return text;
}

std::string quantiles(const json& analysis) {
  std::string text;
  for (const json& group : analysis["groups"]) {
    text += fmt::format("  {:<24} {:>9}", group["label"].get<std::string>(), number(group["n"]));
    for (std::size_t i = 0; i < group["quantiles"].size(); ++i)
      text += fmt::format("  {:g}%: {}", 100 * analysis["probabilities"][i].get<double>(),
                          number(group["quantiles"][i], 6));
    text += "\n";
  }
  return text;
}

std::string histogram(const json& analysis) {
  std::string text;
  for (const json& group : analysis["groups"]) {
    for (std::size_t i = 0; i < group["counts"].size(); ++i)
      text += fmt::format("  {:<24} {:>9} to {:>9} {:>9}\n", group["label"].get<std::string>(),
                          number(analysis["breaks"][i]), number(analysis["breaks"][i + 1]), number(group["counts"][i]));
  }
  return text;
}

std::string correlation(const json& analysis) {
  std::string text = fmt::format("  n {}\n", number(analysis["n"]));
  for (const json& pair : analysis["pairs"]) {
    text += fmt::format("  {:<24} {:<24} r {} ({} to {}), p {}\n", pair["first"].get<std::string>(),
                        pair["second"].get<std::string>(), number(pair["r"], 5, "-"), number(pair["lower"], 5, "-"),
                        number(pair["upper"], 5, "-"), p_value(pair["p"]));
  }
  return text;
}

std::string test(const json& analysis) {
  std::string text = "  " + analysis["method"].get<std::string>() + "\n";
  for (const json& group : analysis["groups"]) {
    const char* absent = group["n"].is_null() ? "withheld" : "-";
    text += fmt::format("  {:<24} {:>9} {:>12} {:>12}\n", group["label"].get<std::string>(), number(group["n"]),
                        number(group["mean"], 6, absent), number(group["sd"], 6, absent));
  }
  for (const json& estimate : analysis["estimates"]) {
    text += fmt::format("  {} {}", estimate["name"].get<std::string>(), number(estimate["value"], 5, "-"));
    if (!estimate["lower"].is_null() || !estimate["upper"].is_null())
      text += fmt::format(" ({} to {})", number(estimate["lower"], 5, "-"), number(estimate["upper"], 5, "-"));
    text += "\n";
  }
  if (analysis["statistic_name"].get<std::string>().empty())
    return text + (analysis.contains("note") ? "  " + analysis["note"].get<std::string>() + "\n" : "");
  if (!analysis["statistic"].is_null())
    text += fmt::format("  {} {}", analysis["statistic_name"].get<std::string>(), number(analysis["statistic"], 5));
  for (const json& df : analysis["df"]) text += fmt::format(", df {}", number(df, 5));
  return text + "  p " + p_value(analysis["p"]) +
         (analysis.contains("note") ? ", " + analysis["note"].get<std::string>() : "") + "\n";
}

std::string model(const json& analysis) {
  std::string text =
      fmt::format("  {}: {}\n", analysis["method"].get<std::string>(), analysis["formula"].get<std::string>());
  text += fmt::format("  n {}", number(analysis["n"], 9));
  if (!analysis["n_missing"].is_null())
    text += fmt::format(", left out for missing values {}", number(analysis["n_missing"], 9));
  text += "\n";
  const bool ratios = analysis.contains("ratio_name");
  const bool robust = !analysis["terms"].empty() && analysis["terms"][0].contains("robust_se");
  const char* error = robust ? "robust_se" : "se";
  text += fmt::format("  {:<28} {:>12} {:>12} {:>10} {:>9}   {}\n", "term", "estimate", robust ? "robust se" : "se",
                      analysis["model_statistic"].get<std::string>(), "p",
                      ratios ? analysis["ratio_name"].get<std::string>() + " (limits)" : "limits");
  for (const json& term : analysis["terms"]) {
    const std::string before = ratios ? "ratio_" : "";
    text +=
        fmt::format("  {:<28} {:>12} {:>12} {:>10} {:>9}   {}({} to {})\n", term["term"].get<std::string>(),
                    number(term["estimate"], 6, "-"), number(term[error], 6, "-"), number(term["statistic"], 5, "-"),
                    term["p"].is_null() ? "-" : p_value(term["p"]), ratios ? number(term["ratio"], 5, "-") + " " : "",
                    number(term[before + "lower"], 5, "-"), number(term[before + "upper"], 5, "-"));
  }
  for (const auto& [name, value] : analysis["fit"].items())
    text += fmt::format("  {} {}\n", name, number(value, 8, "-"));
  for (const json& one : analysis["tests"]) {
    text += fmt::format("  {}: {} {}", one["name"].get<std::string>(), one["statistic_name"].get<std::string>(),
                        number(one["statistic"], 5, "-"));
    for (const json& df : one["df"]) text += fmt::format(", df {}", number(df, 5));
    text += ", p " + (one["p"].is_null() ? "-" : p_value(one["p"])) + "\n";
  }
  if (analysis.contains("calibration")) {
    text += fmt::format("  {:>10} {:>9} {:>12} {:>14}\n", "n", "events", "observed", "mean risk");
    for (const json& group : analysis["calibration"]["groups"])
      text += fmt::format("  {:>10} {:>9} {:>12} {:>14}\n", number(group["n"]), number(group["events"]),
                          number(group["observed"], 5), number(group["mean_risk"], 5));
  }
  if (analysis.contains("baseline")) {
    for (const json& stratum : analysis["baseline"]["strata"]) {
      text += "  baseline cumulative hazard, " + stratum["label"].get<std::string>() + ": ";
      text += stratum["time"].empty() ? "withheld\n"
                                      : fmt::format("{} at {}\n", number(stratum["cumhaz"].back(), 5, "-"),
                                                    number(stratum["time"].back(), 6));
    }
  }
  return text + (analysis.contains("note") ? "  " + analysis["note"].get<std::string>() + "\n" : "");
}

std::string disproportionality(const json& analysis) {
  std::string text = fmt::format("  {} signals of {} pairs ({})\n", analysis["signals"].size(),
                                 analysis["pairs"].get<std::size_t>(), analysis["criterion"].get<std::string>());
  for (const json& signal : analysis["signals"]) {
    text +=
        fmt::format("  {:<28} {:<28} n {:>7}  PRR {:>8}  ROR {:>8}  IC {:>7}  EBGM {:>8}\n",
                    signal["drug_label"].get<std::string>(), signal["event_label"].get<std::string>(),
                    number(signal["n"]), number(signal["prr"]["value"], 4, "-"), number(signal["ror"]["value"], 4, "-"),
                    number(signal["ic"]["value"], 4), number(signal["ebgm"]["value"], 4));
  }
  return text;
}

// The last value of each curve.
std::string cumulative(const json& analysis, const char* value, const char* what) {
  std::string text = fmt::format("  {:<32} {:>9} {:>9}   {} at the last time\n", "group", "n", "events", what);
  for (const json& stratum : analysis["strata"]) {
    text += fmt::format("  {:<32} {:>9} {:>9}", stratum["label"].get<std::string>(), number(stratum["n"]),
                        number(stratum["events"]));
    if (stratum["time"].empty()) {
      text += "   withheld\n";
    } else {
      text += fmt::format("   {} at {}\n", number(stratum[value].back(), 5, "-"), number(stratum["time"].back(), 6));
    }
  }
  return text;
}

std::string differences(const json& analysis) {
  std::string text;
  for (const json& pair : analysis["differences"]) {
    text += fmt::format("  {} - {}: {} ({} to {}), p {}\n", pair["second"].get<std::string>(),
                        pair["first"].get<std::string>(), number(pair["value"], 5), number(pair["lower"], 5, "-"),
                        number(pair["upper"], 5, "-"), p_value(pair["p"]));
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
    if (kind == "nelson_aalen") text += cumulative(analysis, "cumhaz", "cumulative hazard");
    if (kind == "aalen_johansen") text += cumulative(analysis, "cuminc", "cumulative incidence");
    if (kind == "log_rank") text += log_rank(analysis);
    if (kind == "describe") text += describe(analysis);
    if (kind == "count" || kind == "table") text += count(analysis);
    if (kind == "funnel") text += funnel(analysis);
    if (analysis.contains("measure")) text += estimates(analysis);
    if (analysis.contains("differences")) text += differences(analysis);
    if (kind == "quantiles") text += quantiles(analysis);
    if (kind == "histogram") text += histogram(analysis);
    if (kind == "disproportionality") text += disproportionality(analysis);
    if (kind == "correlation") text += correlation(analysis);
    if (analysis.contains("statistic_name")) text += test(analysis);
    if (analysis.contains("model_statistic")) text += model(analysis);
  }
  if (result.contains("rounding")) text += "\nrounded\n  " + study::rounding_sentence(result["rounding"]) + "\n";
  if (result.contains("privacy")) text += "\nnoise\n  " + study::privacy_sentence(result["privacy"]) + "\n";
  if (result.contains("adjusted")) {
    text += fmt::format("\nadjusted p-values ({})\n", result["adjusted"]["method"].get<std::string>());
    for (const json& entry : result["adjusted"]["tests"])
      text += fmt::format("  {}: {}, adjusted {}\n", entry["analysis"].get<std::string>(), p_value(entry["p"]),
                          p_value(entry["p_adjusted"]));
  }
  if (!result["withheld"].empty()) {
    text += "\nwithheld\n";
    for (const json& entry : result["withheld"])
      text += fmt::format("  {}: {}\n", entry["analysis"].get<std::string>(), entry["what"].get<std::string>());
    text += "  in numbers: " + study::withheld_sentence(study::withheld_by_rule(result["withheld"])) + "\n";
  }
  return text;
}

}  // namespace cohortium::cli
