// The page around the analyses: what was asked, what was found, what it revealed, what it cost, who agreed.
#include "study/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "study/report_analyses.h"
#include "study/report_curves.h"
#include "study/report_figure.h"
#include "study/report_html.h"
#include "study/report_node.h"
#include "study/report_style.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

constexpr int kVersion = 1;

void check_version(const Node& result) {
  const double version = result.at("cohortium_result").number();
  if (version == kVersion) return;
  throw Failure({.code = "report.unsupported_version",
                 .message = fmt::format("the result has format {}, this program reads format {}", version, kVersion),
                 .where = "$.cohortium_result",
                 .remedy = "use the version of cohortium that made the result"});
}

std::string protocol_name(const std::string& protocol) {
  if (protocol == "replicated3") return "Replicated secret sharing, three parties";
  if (protocol == "replicated3-malicious")
    return "Replicated secret sharing with proofs, three parties of which one may cheat";
  if (protocol == "replicated4") return "Replicated secret sharing, four parties, one may cheat";
  if (protocol == "plaintext") return "None: a check on unprotected data";
  return protocol;
}

double minimum_cell(const Node& result) {
  const auto release = result.at("study").find("release");
  const auto minimum = release ? release->find("minimum_cell") : std::nullopt;
  return minimum ? minimum->number() : 0;
}

// What a withheld cell is said to be below: nothing where another rule may have closed it.
double minimum_of_cells(const Node& result) {
  const auto release = result.at("study").find("release");
  const bool others =
      release && (release->find("protect_sites") || release->find("dominance") || release->find("zero_and_full"));
  return others ? 0 : minimum_cell(result);
}

std::string release_rule(const Node& result) {
  const double minimum = minimum_cell(result);
  std::string rule = minimum > 0 ? "Cells of at least " + count(minimum) : std::string("No minimum cell size");
  const auto curve = result.at("study").at("release").find("curve");
  if (curve) rule += ", " + curve->text() + " curves";
  if (result.at("study").at("release").find("protect_sites")) rule += ", sites protected";
  if (result.at("study").at("release").find("zero_and_full")) rule += ", none and all withheld";
  return rule;
}

std::string secure_part(const Node& measured) {
  const auto time = measured.at("seconds").number_or_null(), bytes = measured.at("bytes_sent").number_or_null();
  if (!time || !bytes) return "–";
  return seconds(*time) + ", " + byte_size(*bytes) + " sent";
}

Html fact(const std::string& name, const std::string& value) {
  return element("div", element("dt", text(name)) + element("dd", text(value)));
}

Html header(const Node& result) {
  const Node study = result.at("study"), run = result.at("run");
  const std::size_t withheld = result.at("withheld").items().size();
  Html facts = fact("Sites", joined(study.at("sites").texts()));
  facts += fact("Protection", protocol_name(study.at("protocol").text()));
  facts += fact("Release rule", release_rule(result));
  if (const auto noise = result.find("privacy")) {
    facts += fact("Noise", fmt::format("{}, standard deviation {:.3g}", noise->at("mechanism").text(),
                                       noise->at("standard_deviation").number()));
  }
  if (const auto rounding = result.find("rounding")) {
    facts += fact("Rounded",
                  fmt::format("Numbers of people to multiples of {}, off by at most {}; totals independently",
                              count(rounding->at("to").number()), count(rounding->at("off_by_at_most").number())));
  }
  facts +=
      fact("Withheld", withheld == 0 ? "Nothing" : fmt::format("{} {}", withheld, withheld == 1 ? "item" : "items"));
  facts += fact("Secure part", secure_part(result.at("cost").at("measured")));
  facts += fact("Finished", moment(run.at("finished").text()));
  return element("header", element("p", {{"class", "kicker"}}, text("Study report")) +
                               element("h1", text(study.at("title").text())) +
                               element("p", {{"class", "purpose"}}, text(study.find_text("purpose"))) +
                               element("dl", {{"class", "facts"}}, facts));
}

Html analyses(const Node& result) {
  const auto members = result.at("analyses").members();
  Html out;
  for (const char* kind : kReportOrder) {
    for (const auto& [name, analysis] : members) {
      if (analysis.at("kind").text() == kind) out += render_analysis(name, analysis, minimum_of_cells(result));
    }
  }
  for (const auto& [name, analysis] : members) {
    const std::string kind = analysis.at("kind").text();
    const bool known = std::find(std::begin(kReportOrder), std::end(kReportOrder), kind) != std::end(kReportOrder);
    if (!known) analysis.at("kind").refuse("this kind of analysis is not known");
  }
  return out;
}

Html adjusted(const Node& result) {
  const auto adjustment = result.find("adjusted");
  if (!adjustment) return {};
  const std::string method = adjustment->at("method").text();
  TableContent table{.caption = "Tests of this study, adjusted for one another (" +
                                (method == "holm"         ? "Holm"
                                 : method == "bh"         ? "Benjamini and Hochberg"
                                 : method == "by"         ? "Benjamini and Yekutieli"
                                 : method == "bonferroni" ? "Bonferroni"
                                                          : method) +
                                ")",
                     .head = {"Analysis", "p", "Adjusted p"}};
  for (const Node& test : adjustment->at("tests").items()) {
    const std::string name = test.at("analysis").text();
    const auto p = test.at("p").number_or_null(), together = test.at("p_adjusted").number_or_null();
    table.rows.push_back({analysis_title(name, result.at("analyses").at(name)),
                          p ? Cell(p_value(*p)) : Cell("withheld or not defined", true),
                          together ? Cell(p_value(*together)) : Cell("–", true)});
  }
  return element("section", element("h2", text("Adjusted p-values")) + render_table(table));
}

Html revealed(const Node& result) {
  constexpr std::pair<const char*, const char*> kRoles[] = {{"analyst", "To the analyst"},
                                                            {"compute_party", "To a compute party"},
                                                            {"site", "To each site"},
                                                            {"coordinator", "To the coordinator"}};
  const Node leakage = result.at("leakage");
  Html roles;
  for (const auto& [role, name] : kRoles) {
    Html list;
    for (const std::string& sentence : leakage.at(role).texts()) list += element("li", text(capitalised(sentence)));
    roles +=
        element("div", element("h3", text(name)) +
                           (list.empty() ? element("p", {{"class", "muted"}}, text("Nothing.")) : element("ul", list)));
  }
  return element("section", element("h2", text("What was revealed")) + element("div", {{"class", "roles"}}, roles));
}

Html withheld(const Node& result) {
  TableContent table{.caption = "Values that the release rules kept back", .head = {"Analysis", "What", "Rule"}};
  table.text_columns = 3;
  for (const Node& item : result.at("withheld").items()) {
    const std::string name = item.at("analysis").text();
    const auto analysis = result.at("analyses").find(name);
    table.rows.push_back(
        {analysis ? analysis_title(name, *analysis) : name, item.at("what").text(), item.at("rule").text()});
  }
  if (table.rows.empty()) {
    return element("section", element("h2", text("Withheld")) +
                                  element("p", text("Nothing: every value the study asked for is in this report.")));
  }
  TableContent rules{.caption = "In numbers, by rule", .head = {"Rule", "Numbers"}};
  rules.text_columns = 1;
  for (const Node& rule : result.at("withheld_by_rule").items())
    rules.rows.push_back({rule.at("rule").text(), count(rule.at("numbers").number())});
  const Html body = render_table(table) + render_table(rules);
  return element("section", element("h2", text("Withheld")) + body);
}

Html cost(const Node& result) {
  const Node forecast = result.at("cost").at("forecast"), measured = result.at("cost").at("measured");
  const std::string network = forecast.find_text("network");
  TableContent table{
      .caption = "The secure part, for the compute party that sends most",
      .head = {"Cost", network.empty() ? "Forecast" : "Forecast (" + network + ")", "Measured", "Difference"}};
  const auto row = [&](const char* name, const char* key, std::string (*format)(double)) {
    const auto expected = forecast.at(key).number_or_null(), actual = measured.at(key).number_or_null();
    table.rows.push_back({name, expected ? format(*expected) : "–", actual ? format(*actual) : "–",
                          expected && actual ? change(*expected, *actual) : "–"});
  };
  row("Rounds of messages", "rounds", count);
  row("Data sent", "bytes_sent", byte_size);
  row("Time", "seconds", seconds);
  return element("section", element("h2", text("Cost: forecast against measured")) + render_table(table));
}

Html provenance(const Node& result) {
  const Node study = result.at("study"), run = result.at("run");
  Html list;
  const auto entry = [&](const char* name, const Html& value) {
    list += element("dt", text(name)) + element("dd", value);
  };
  const auto hash = [](const std::string& hex) { return element("span", {{"class", "hash"}}, text(hex)); };
  entry("Study (SHA-256)", hash(study.at("hash").text()));
  entry("Run", hash(run.at("id").text()));
  entry("Started", text(moment(run.at("started").text())));
  entry("Finished", text(moment(run.at("finished").text())));
  Html approvals;
  for (const Node& approval : run.at("approvals").items()) {
    approvals += element("div", text(fmt::format("{}: {}, {}", approval.at("site").text(), approval.at("by").text(),
                                                 moment(approval.at("time").text()))));
  }
  entry("Approved by", approvals.empty() ? text("–") : approvals);
  entry("Compute parties", text(joined(run.at("compute_parties").texts())));
  entry("Coordinator", text(run.at("coordinator").text()));
  entry("Protocol", text(study.at("protocol").text()));
  entry("Software", text("Cohortium " + run.at("version").text()));
  return element("section", element("h2", text("Provenance")) + element("dl", {{"class", "provenance"}}, list));
}

std::string render_page(const nlohmann::json& json) {
  const Node result(json, "$");
  check_version(result);
  const Html footer =
      element("footer", text("This page shows result.json, which is the record. The page is complete in "
                             "itself: it loads nothing and runs no program."));
  return complete_page(result.at("study").at("title").text(), header(result) + analyses(result) + adjusted(result) +
                                                                  revealed(result) + withheld(result) + cost(result) +
                                                                  provenance(result) + footer);
}

}  // namespace
}  // namespace cohortium::study::report

namespace cohortium::study {

std::string render_report(const nlohmann::json& result) { return report::render_page(result); }

std::string render_curves_svg(const nlohmann::json& analysis, IntervalScale scale) {
  const report::Curves curves = report::read_curves(report::Node(analysis, "$"), scale);
  return report::draw_curves(curves).markup() + "\n";
}

}  // namespace cohortium::study
