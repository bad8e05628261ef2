// The report is well-formed, says what the result holds, and lets no string of the result out of its place.
// GCC 12 sees overlapping copies in valijson's string concatenation that are not there (GCC bug 105651).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wrestrict"
#endif
#include "study/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "study/report_curves.h"
#include "study/report_samples.h"

namespace cohortium::study::report {
namespace {

// Walks over the tags: every one is closed in order, no stray angle bracket, every '&' starts an entity.
::testing::AssertionResult balanced(const std::string& markup) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < markup.size(); ++i) {
    if (markup[i] == '>') return ::testing::AssertionFailure() << "stray > at " << i;
    if (markup[i] == '&' && markup.find(';', i) > i + 6) return ::testing::AssertionFailure() << "bare & at " << i;
    if (markup[i] != '<') continue;
    const std::size_t end = markup.find('>', i);
    if (end == std::string::npos) return ::testing::AssertionFailure() << "open tag at " << i;
    const std::string tag = markup.substr(i + 1, end - i - 1);
    if (tag.find('<') != std::string::npos) return ::testing::AssertionFailure() << "stray < in " << tag;
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return ::testing::AssertionFailure() << "quotes in " << tag;
    if (tag[0] != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
    } else if (open.empty() || open.back() != tag.substr(1)) {
      return ::testing::AssertionFailure() << tag << " closes " << (open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
    i = end;
  }
  if (!open.empty()) return ::testing::AssertionFailure() << open.back() << " stays open";
  return ::testing::AssertionSuccess();
}

std::string body_of(const std::string& page) {
  const std::size_t begin = page.find("<body>");
  return page.substr(begin, page.find("</html>") - begin);
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string code_of(const json& result) {
  const auto outcome = attempt([&] { return render_report(result); });
  return outcome.ok() ? "" : outcome.error().code;
}

// Every string of the document, keys of analyses aside.
void replace_strings(json& value, const std::string& hostile) {
  if (value.is_string()) value = hostile;
  if (!value.is_structured()) return;
  for (auto& [key, member] : value.items()) {
    if (key != "kind") replace_strings(member, hostile);
  }
}

TEST(Ticks, AreNiceInTheUnitOfTheAxis) {
  EXPECT_EQ(tick_step(1022, "d", 8), 200);
  EXPECT_EQ(tick_step(7043, "d", 8), 1000);
  EXPECT_EQ(tick_step(60, "mo", 8), 12);
  EXPECT_EQ(tick_step(0.5, "a", 8), 0.1);
  EXPECT_EQ(tick_step(0, "d", 8), 1);
}

TEST(Report, SampleKeepsTheSchema) {
  const std::filesystem::path root = COHORTIUM_SOURCE_FOLDER;
  const json document = json::parse(read_file(root / "docs/schema/result.schema.json"));
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema);
  const auto valid = [&](const json& result) {
    return valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(result), nullptr);
  };
  json result = sample_with(curves({stratum("control", 4), withheld_stratum("treated")}));
  EXPECT_TRUE(valid(result));
  EXPECT_EQ(code_of(result), "");
  result["analyses"]["km"]["strata"][1]["n"] = 7;  // a withheld stratum tells nothing
  EXPECT_FALSE(valid(result));
  result = sample();
  result["analyses"]["age"]["minimum"] = 18;
  EXPECT_FALSE(valid(result));
}

TEST(Report, TellsTheWholeResult) {
  const std::string page = render_report(sample_with(curves({stratum("control", 4), stratum("treated", 5)})));
  EXPECT_TRUE(balanced(body_of(page)));
  for (const char* part : {"Survival by arm",
                           "Does it help?",
                           "p &lt; 0.001",
                           "χ² = 10.33 on 1 degree of freedom",
                           "Age (years) by arm",
                           "61.23",
                           "withheld (&lt;11)",
                           "1,234",
                           "The curve.",
                           "Nothing.",
                           "minimum cell size 11 of the study",
                           "4.56 MB",
                           "Forecast (lan)",
                           "+25%",
                           "operator-north",
                           "9f86d081",
                           "Cohortium 0.1.0",
                           "2026-11-20 10:00:03 UTC",
                           "at most 1 × 10⁻⁹",
                           "Number at risk"}) {
    EXPECT_TRUE(holds(page, part)) << part;
  }
  EXPECT_LT(page.find("<svg"), page.find("Hypothesis of equal survival"));  // curves, then tests, then descriptions
  EXPECT_LT(page.find("Hypothesis of equal survival"), page.find("Age (years)"));
}

TEST(Report, DrawsAFunnel) {
  json result = sample();
  result["analyses"]["f"] = json::parse(R"({"kind": "funnel", "title": "Attrition", "column": "step", "steps": [
    {"step": "0", "label": "entry events", "n": 2000, "lost": null}, {"step": "1", "label": "<women>", "n": null, "lost": null},
    {"step": "2", "label": "adults", "n": 1100, "lost": null}, {"step": "3", "label": "final cohort", "n": 1000, "lost": 100}]})");
  const std::string page = render_report(result);
  EXPECT_TRUE(balanced(body_of(page)));
  for (const char* part : {"Attrition", "2,000 (100.0%)", "&lt;women&gt;", "1,000 (50.0%)", "withheld"})
    EXPECT_TRUE(holds(page, part)) << part;
  EXPECT_EQ(occurrences(page.substr(page.find("<svg")), "height=\"18\""), 3u);  // no bar for what is withheld
}

TEST(Report, LoadsNothingAndRunsNothing) {
  const std::string page = render_report(sample_with(curves({stratum("control", 4)})));
  EXPECT_TRUE(holds(page, "default-src 'none'; style-src 'unsafe-inline'"));
  for (const char* part : {"<script", "src=", "href=", "url(", "@import", "javascript:", " onload", "<iframe"}) {
    EXPECT_FALSE(holds(page, part)) << part;
  }
}

TEST(Report, EscapesEveryString) {
  const std::string hostile = "</title></style><script>alert(1)</script>\" onload='x' &bogus; \u202Egnp.exe";
  json result = sample_with(curves({stratum("a", 3), stratum("b", 2), withheld_stratum("c")}));
  replace_strings(result, hostile);
  result["analyses"][hostile] = result["analyses"]["tab"];
  result["analyses"][hostile]["title"] = "";
  result["study"]["protocol"] = hostile;
  const std::string page = render_report(result);
  EXPECT_TRUE(balanced(body_of(page)));
  EXPECT_FALSE(holds(page, "<script"));
  EXPECT_FALSE(holds(page, "\" onload"));
  EXPECT_FALSE(holds(page, "\u202E"));
  EXPECT_EQ(occurrences(page, "</title>"), 1 + occurrences(page, "<svg"));
  EXPECT_TRUE(balanced(render_curves_svg(result["analyses"]["km"])));
}

TEST(Curves, DrawsOneAndSixStrataWellFormed) {
  EXPECT_TRUE(balanced(render_curves_svg(curves({stratum("all", 12)}))));
  std::vector<json> six;
  for (const char* label : {"a", "b", "c", "d", "e", "a very long label that does not fit beside the plot at all"}) {
    six.push_back(stratum(label, 9));
  }
  const std::string svg = render_curves_svg(curves(six));
  EXPECT_TRUE(balanced(svg));
  EXPECT_EQ(occurrences(svg, "class=\"km-band"), 6u);
  EXPECT_TRUE(holds(svg, "role=\"img\""));
  EXPECT_TRUE(holds(svg, "<title>Survival</title><desc>"));
  EXPECT_TRUE(holds(svg, "Time (days)"));
}

TEST(Curves, AWithheldOrEmptyStratumHasNoCurve) {
  const std::string svg = render_curves_svg(curves({withheld_stratum("secret"), no_records("none")}));
  EXPECT_TRUE(balanced(svg));
  EXPECT_EQ(occurrences(svg, "class=\"km-band"), 0u);
  EXPECT_TRUE(holds(svg, "secret (withheld)"));
  EXPECT_TRUE(holds(svg, "none (no records)"));
  EXPECT_TRUE(holds(svg, "No curve is released."));
  EXPECT_EQ(code_of(sample_with(curves({withheld_stratum("secret"), no_records("none")}))), "");
  EXPECT_EQ(code_of(sample_with(curves({}))), "");
}

TEST(Curves, AStratumWithTooFewEventsShowsItsSizeOnly) {
  json s = stratum("few", 0);
  s["events"] = nullptr;
  EXPECT_TRUE(holds(render_curves_svg(curves({s})), "few (withheld)"));
  const std::string page = render_report(sample_with(curves({s})));
  EXPECT_TRUE(holds(page, "<td class=\"number\">100</td><td class=\"number muted\">withheld</td>"));
  s["events"] = 0;
  EXPECT_TRUE(holds(render_curves_svg(curves({s})), "few (no events)"));
}

TEST(Report, AWithheldTestHasNoNumbers) {
  json result = sample();
  for (auto& [key, member] : result["analyses"]["lr"].items()) {
    if (key != "kind" && key != "title" && key != "groups" && key != "labels") member = nullptr;
  }
  const std::string page = render_report(result);
  EXPECT_TRUE(holds(page, "The test statistic is withheld or not defined."));
  EXPECT_FALSE(holds(page, "p ="));
}

TEST(Curves, LiftsThePenWhereAStepIsWithheld) {
  json s = stratum("a", 6);
  for (const char* name : {"surv", "lower_log", "upper_log", "n_risk"}) s[name][2] = nullptr;
  const std::string svg = render_curves_svg(curves({s}));
  EXPECT_TRUE(balanced(svg));
  const std::size_t band = svg.find("class=\"km-band0\"");
  const std::size_t path = svg.rfind("<path d=\"", band);
  EXPECT_EQ(occurrences(svg.substr(path, band - path), "M"), 2u);
  EXPECT_TRUE(holds(svg, ">–<"));  // in place of the number at risk
  EXPECT_EQ(occurrences(render_report(sample_with(curves({s}))), "A dash is a number that is withheld."), 1u);
}

TEST(Curves, ReachesZeroWithoutABand) {
  json s = stratum("a", 5, 0);
  s["surv"][4] = -1e-12;  // the numeric error of the computation
  const std::string page = render_report(sample_with(curves({s})));
  EXPECT_TRUE(balanced(body_of(page)));
  EXPECT_TRUE(holds(page, ">0.0%<"));
  EXPECT_FALSE(holds(render_curves_svg(curves({s})), "nan"));
}

TEST(Curves, AnswerForEveryTime) {
  json s = stratum("a", 3);  // times 10, 20, 30
  s["n_risk"] = {100, nullptr, 40};
  s["n_event"][2] = 30;
  s["n_censor"][2] = 10;
  const json analysis = curves({s});
  const Stratum a = read_curves(Node(analysis, "$"), IntervalScale::kLogLog).strata[0];
  using Kind = Estimate::Kind;
  EXPECT_EQ(a.at_risk_at(0).value, 100);
  EXPECT_EQ(a.at_risk_at(10).value, 100);
  EXPECT_EQ(a.at_risk_at(10.5).kind, Kind::kWithheld);
  EXPECT_EQ(a.at_risk_at(30).value, 40);
  EXPECT_EQ(a.at_risk_at(31).kind, Kind::kKnown);  // 30 events and 10 censored: nobody is left
  EXPECT_EQ(a.at_risk_at(31).value, 0);
  EXPECT_EQ(a.survival_at(9).value, 1);
  EXPECT_DOUBLE_EQ(a.survival_at(10).value, 1 - 0.8 / 3);
  EXPECT_DOUBLE_EQ(*a.survival_at(10).lower, 1 - 0.8 / 3 - 0.1);
  EXPECT_EQ(a.survival_at(30).kind, Kind::kKnown);
  EXPECT_EQ(a.survival_at(31).kind, Kind::kBeyond);
  EXPECT_FALSE(a.median_not_reached());
}

TEST(Curves, ShowCensoringOnlyWhereStepsAreExact) {
  json analysis = curves({stratum("a", 4)});
  EXPECT_TRUE(holds(render_curves_svg(analysis), "v7"));
  analysis["curve"] = "merged";
  EXPECT_FALSE(holds(render_curves_svg(analysis), "v7"));
}

TEST(Curves, StaySmallForLargeCohorts) {
  const std::string svg = render_curves_svg(curves({stratum("a", 50000), stratum("b", 50000)}));
  EXPECT_TRUE(balanced(svg));
  EXPECT_LT(svg.size(), 500000u);
  EXPECT_TRUE(holds(svg, ">100,000<"));  // a tick of the axis
}

TEST(Report, RefusesWhatDoesNotFit) {
  json result = sample();
  result["cohortium_result"] = 2;
  EXPECT_EQ(code_of(result), "report.unsupported_version");
  EXPECT_EQ(code_of(json::array()), "report.malformed_result");
  EXPECT_EQ(code_of(json()), "report.malformed_result");
  for (const char* member : {"study", "run", "leakage", "cost", "withheld", "analyses"}) {
    result = sample();
    result.erase(member);
    EXPECT_EQ(code_of(result), "report.malformed_result") << member;
    result[member] = "text";
    EXPECT_EQ(code_of(result), "report.malformed_result") << member;
  }
  result = sample();
  result["analyses"]["lr"]["kind"] = "astrology";
  EXPECT_EQ(code_of(result), "report.malformed_result");
  result = sample();
  result["analyses"]["lr"]["n"].push_back(1);
  EXPECT_EQ(code_of(result), "report.malformed_result");
}

TEST(Report, NamesThePlaceOfWhatDoesNotFit) {
  json result = sample_with(curves({stratum("a", 3)}));
  result["analyses"]["km"]["strata"][0]["time"][1] = 5;
  auto outcome = attempt([&] { return render_report(result); });
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().where, "$.analyses.km.strata[0].time");
  result = sample_with(curves({stratum("a", 3)}));
  result["analyses"]["km"]["strata"][0]["surv"].push_back(0.1);
  outcome = attempt([&] { return render_report(result); });
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().where, "$.analyses.km.strata[0].surv");
}

}  // namespace
}  // namespace cohortium::study::report
