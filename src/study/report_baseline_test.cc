// The section of a Cox model's baseline hazard.
#include "study/report_baseline.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cohortium::study::report {
namespace {

using nlohmann::json;

json analysis_with(json times, json hazards) {
  const json stratum = {{"label", "a<b"}, {"time", std::move(times)}, {"cumhaz", std::move(hazards)}};
  const json withheld = {{"label", "few"}, {"time", json::array()}, {"cumhaz", json::array()}};
  return {{"baseline",
           {{"time", {{"column", "time"}, {"unit", "d"}}}, {"curve", "merged"}, {"strata", {stratum, withheld}}}}};
}

std::string section(const json& analysis) { return baseline_section(Node(analysis, "$")).markup(); }

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(BaselineSection, DrawsStepsAndTellsTheirValues) {
  const std::string html = section(analysis_with({10, 25, 40}, {0.5, 0.75, 2.0}));
  // Three steps: along, then up; 2.0 is the top of the picture.
  EXPECT_TRUE(holds(html, "H189.5V222.5H359.8V188.8H530V20")) << html;
  EXPECT_TRUE(holds(html, "a&lt;b")) << html;
  EXPECT_FALSE(holds(html, "a<b"));
  EXPECT_TRUE(holds(html, ">0.5<")) << html;
  EXPECT_TRUE(holds(html, "0.1353")) << html;  // exp(-2)
}

TEST(BaselineSection, SaysWhatIsWithheldAndRefusesWhatDoesNotFit) {
  EXPECT_EQ(section(json::object()), "");
  EXPECT_TRUE(holds(section(analysis_with(json::array(), json::array())), "withheld"));
  for (const json& bad : {analysis_with({10, 5}, {1, 2}), analysis_with({1, 2}, {1}), analysis_with({1}, {-1})}) {
    const auto outcome = attempt([&] { return section(bad); });
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, "report.malformed_result");
  }
}

}  // namespace
}  // namespace cohortium::study::report
