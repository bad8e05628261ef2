#include "study/privacy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "release/privacy_loss.h"

namespace cohortium::study {

using nlohmann::json;

namespace {

constexpr double usual_delta = 1e-6;

// Of every analysis that has sums, in the unit of its column.
json noise_on_sums(const Plan& plan) {
  json sums = json::array();
  for (std::size_t i = 0; i < plan.study().analyses.size(); ++i) {
    for (const statistics::AggregatePart& part : plan.noisy(i)->parts()) {
      if (part.people) continue;
      const release::Noise noise = plan.noise_on(part);
      sums.push_back({{"analysis", plan.study().analyses[i].id},
                      {"of", part.sums},
                      {"unit", part.unit},
                      {"standard_deviation", part.one * noise.standard_deviation()},
                      {"error_95", part.one * noise.error(0.95)}});
    }
  }
  return sums;
}

}  // namespace

json privacy_facts(const Plan& plan) {
  if (!plan.noise()) return nullptr;
  const release::Noise& noise = *plan.noise();
  const release::PrivacyRule& rule = *plan.study().privacy;
  json facts = {{"rows_per_person", rule.rows_per_person},
                {"rho", rule.loss()},
                {"standard_deviation", noise.standard_deviation()},
                {"error_95", noise.error(0.95)}};
  facts["sums"] = noise_on_sums(plan);
  // What the coins' biases are off by counts towards delta, too.
  double off = 0;
  for (const release::NoisyStretch& stretch : plan.noisy_stretches())
    off += static_cast<double>(stretch.size) * stretch.noise.distance();
  if (noise.variance) {
    facts["mechanism"] = "discrete Gaussian";
    facts["delta"] = usual_delta;
    const double epsilon = release::epsilon_of(rule.loss(), usual_delta / 2);
    facts["epsilon"] = (1 + std::exp(epsilon)) * off < usual_delta / 2 ? json(epsilon) : json(nullptr);
  } else {
    facts["mechanism"] = "discrete Laplace";
    facts["epsilon"] = *rule.epsilon;
    facts["delta"] = std::min(1.0, (1 + std::exp(*rule.epsilon)) * off);
  }
  return facts;
}

std::string privacy_sentence(const json& facts) {
  const int rows = facts["rows_per_person"];
  const std::string promise =
      facts["epsilon"].is_null()
          ? fmt::format("rho {:.4g}", facts["rho"].get<double>())
          : fmt::format("epsilon {:.4g}, delta {:.1g}", facts["epsilon"].get<double>(), facts["delta"].get<double>());
  std::string text = fmt::format(
      "{} noise of standard deviation {:.4g} on every count, at most {:.0f} with 95% probability; {} for a person with "
      "at most {} row{}",
      facts["mechanism"].get<std::string>(), facts["standard_deviation"].get<double>(), facts["error_95"].get<double>(),
      promise, rows, rows == 1 ? "" : "s");
  for (const json& sum : facts.value("sums", json::array())) {
    const double error = sum["error_95"];
    const std::string unit = sum["unit"];
    text += fmt::format("; {}: at most {:.4g}{} on a sum of {}, thus {:.3g} on a mean of 1,000",
                        sum["analysis"].get<std::string>(), error, unit.empty() ? "" : " " + unit,
                        sum["of"].get<std::string>(), error / 1000);
  }
  return text;
}

}  // namespace cohortium::study
