// The definitions of families and links. Source: R's stats::make.link, stats::binomial and its siblings; MASS 7.3
// (Venables and Ripley), negative.binomial and theta.ml.
#include "statistics/models/family.h"

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <map>
#include <numbers>

#include "base/error.h"
#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

constexpr double epsilon = 2.220446049250313e-16;
constexpr double pi = std::numbers::pi;

bool always(double) { return true; }
bool above_zero(double x) { return x > 0; }
double normal_density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * pi); }
double probit_limit() {
  static const double limit = -normal_quantile(epsilon);
  return limit;
}
double cut(double x, double limit) { return std::min(std::max(x, -limit), limit); }
double complement_log_log(double eta) { return std::max(std::min(-std::expm1(-std::exp(eta)), 1 - epsilon), epsilon); }
double cauchit_limit() { return std::tan(pi * (0.5 - epsilon)); }

// x log(x / y), 0 at x = 0.
double x_log_ratio(double x, double y) { return x > 0 ? x * std::log(x / y) : 0; }

const std::map<std::string, Link>& links() {
  static const std::map<std::string, Link> all = {
      {"identity",
       {"identity", [](double mu) { return mu; }, [](double eta) { return eta; }, [](double) { return 1.0; }, always}},
      {"log",
       {"log", [](double mu) { return std::log(mu); }, [](double eta) { return std::max(std::exp(eta), epsilon); },
        [](double eta) { return std::max(std::exp(eta), epsilon); }, always}},
      {"logit",
       {"logit", [](double mu) { return std::log(mu / (1 - mu)); },
        [](double eta) {
          const double odds = eta < -30 ? epsilon : eta > 30 ? 1 / epsilon : std::exp(eta);
          return odds / (1 + odds);
        },
        [](double eta) {
          const double more = 1 + std::exp(eta);
          return std::abs(eta) > 30 ? epsilon : std::exp(eta) / (more * more);
        },
        always}},
      {"probit",
       {"probit", [](double mu) { return normal_quantile(mu); },
        [](double eta) { return std::erfc(-cut(eta, probit_limit()) / std::numbers::sqrt2) / 2; },
        [](double eta) { return std::max(normal_density(eta), epsilon); }, always}},
      {"cloglog",
       {"cloglog", [](double mu) { return std::log(-std::log1p(-mu)); }, complement_log_log,
        [](double eta) {
          const double capped = std::min(eta, 700.0);
          return std::max(std::exp(capped) * std::exp(-std::exp(capped)), epsilon);
        },
        always}},
      {"cauchit",
       {"cauchit", [](double mu) { return std::tan(pi * (mu - 0.5)); },
        [](double eta) { return 0.5 + std::atan(cut(eta, cauchit_limit())) / pi; },
        [](double eta) { return std::max(1 / (pi * (1 + eta * eta)), epsilon); }, always}},
      {"sqrt",
       {"sqrt", [](double mu) { return std::sqrt(mu); }, [](double eta) { return eta * eta; },
        [](double eta) { return 2 * eta; }, above_zero}},
      {"inverse",
       {"inverse", [](double mu) { return 1 / mu; }, [](double eta) { return 1 / eta; },
        [](double eta) { return -1 / (eta * eta); }, [](double eta) { return eta != 0; }}}};
  return all;
}

const std::map<std::string, std::vector<std::string>>& family_links() {
  static const std::map<std::string, std::vector<std::string>> all = {
      {"binomial", {"logit", "probit", "cloglog", "cauchit", "log"}},
      {"poisson", {"log", "identity", "sqrt"}},
      {"gamma", {"inverse", "log", "identity"}},
      {"gaussian", {"identity", "log", "inverse"}},
      {"negative_binomial", {"log", "identity", "sqrt"}}};
  return all;
}

void make_binomial(Family& family) {
  family.title = family.link.name == "logit" ? "Logistic regression" : "Binomial regression";
  family.ratio = family.link.name == "logit" ? "odds ratio" : family.link.name == "log" ? "risk ratio" : "";
  family.variance = [](double mu, double) { return mu * (1 - mu); };
  family.deviance = [](double y, double mu, double) { return 2 * (x_log_ratio(y, mu) + x_log_ratio(1 - y, 1 - mu)); };
  family.start = [](double y, double weight) { return (weight * y + 0.5) / (weight + 1); };
  family.valid_mean = [](double mu) { return mu > 0 && mu < 1; };
  // log of the binomial coefficient and of the saturated model; a weight is a number of trials.
  family.constant = [](double y, double weight) {
    const double m = std::round(weight), k = std::round(weight * y);
    if (m <= 0) return 0.0;
    const double saturated = weight * (x_log_ratio(y, 1) + x_log_ratio(1 - y, 1));
    return std::lgamma(m + 1) - std::lgamma(k + 1) - std::lgamma(m - k + 1) + saturated;
  };
}

void make_counts(Family& family, bool has_theta) {
  family.has_theta = has_theta;
  family.title = has_theta ? "Negative binomial regression" : "Poisson regression";
  family.ratio = family.link.name == "log" ? "rate ratio" : "";
  family.valid_mean = above_zero;
  if (has_theta) {
    family.variance = [](double mu, double theta) { return mu + mu * mu / theta; };
    family.deviance = [](double y, double mu, double theta) {
      return 2 * (x_log_ratio(y, mu) - (y + theta) * std::log((y + theta) / (mu + theta)));
    };
    family.start = [](double y, double) { return y == 0 ? 1.0 / 6 : y; };
    family.constant = [](double, double) { return 0.0; };
    return;
  }
  family.variance = [](double mu, double) { return mu; };
  family.deviance = [](double y, double mu, double) { return 2 * (x_log_ratio(y, mu) - (y - mu)); };
  family.start = [](double y, double) { return y + 0.1; };
  family.constant = [](double y, double weight) { return weight * (x_log_ratio(y, 1) - y - std::lgamma(y + 1)); };
}

void make_gamma(Family& family) {
  family.title = "Gamma regression";
  family.ratio = family.link.name == "log" ? "ratio of means" : "";
  family.fixed_dispersion = false;
  family.variance = [](double mu, double) { return mu * mu; };
  family.deviance = [](double y, double mu, double) { return -2 * (std::log(y / mu) - (y - mu) / mu); };
  family.start = [](double y, double) { return y; };
  family.valid_mean = above_zero;
  family.constant = [](double y, double weight) { return weight * std::log(y); };
}

void make_gaussian(Family& family) {
  family.title = family.link.name == "identity" ? "Linear regression" : "Gaussian regression";
  family.ratio = family.link.name == "log" ? "ratio of means" : "";
  family.fixed_dispersion = false;
  family.variance = [](double, double) { return 1.0; };
  family.deviance = [](double y, double mu, double) { return (y - mu) * (y - mu); };
  family.start = [](double y, double) { return y; };
  family.valid_mean = always;
  family.constant = [](double, double weight) { return weight > 0 ? std::log(weight) : 0.0; };
}

// The constant holds the saturated log-likelihood; half the deviance is what the model lacks.
double likelihood_below_saturated(const LikelihoodSums& sums) { return sums.constant - sums.deviance / 2; }

// At the dispersion deviance / weight, as R's Gamma()$aic.
double gamma_likelihood(const LikelihoodSums& sums) {
  const double shape = sums.weight / sums.deviance;
  return -sums.constant - shape * sums.deviance / 2 +
         sums.weight * (shape * std::log(shape) - shape - std::lgamma(shape));
}

double gaussian_likelihood(const LikelihoodSums& sums) {
  return (sums.constant - sums.n * (std::log(2 * pi * sums.deviance / sums.n) + 1)) / 2;
}

}  // namespace

const std::vector<std::string>& links_of(const std::string& family) { return family_links().at(family); }

Family make_family(const std::string& family, const std::string& link, const std::string& path) {
  const auto found = family_links().find(family);
  const auto refuse = [&](const std::string& field, const std::string& message, const std::vector<std::string>& known) {
    std::string list;
    for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
    throw Failure(
        {.code = "study.bad_family", .message = message, .where = path + "/" + field, .remedy = "use one of: " + list});
  };
  if (found == family_links().end()) {
    std::vector<std::string> known;
    for (const auto& [name, unused] : family_links()) known.push_back(name);
    refuse("family", "there is no family \"" + family + "\"", known);
  }
  const std::vector<std::string>& known = found->second;
  const std::string name = link.empty() ? known.front() : link;
  // R's glm.nb has the log link as its own, R's other families have theirs first in the list.
  if (std::find(known.begin(), known.end(), name) == known.end())
    refuse("link", "the family " + family + " has no link \"" + name + "\"", known);
  Family made{.name = family,
              .title = {},
              .ratio = {},
              .link = links().at(name),
              .variance = nullptr,
              .deviance = nullptr,
              .start = nullptr,
              .valid_mean = nullptr,
              .constant = nullptr,
              .log_likelihood = nullptr};
  made.log_likelihood = likelihood_below_saturated;
  if (family == "binomial") make_binomial(made);
  if (family == "poisson") make_counts(made, false);
  if (family == "negative_binomial") {
    make_counts(made, true);
    made.log_likelihood = [](const LikelihoodSums& sums) { return sums.negative_binomial; };
  }
  if (family == "gamma") {
    make_gamma(made);
    made.log_likelihood = gamma_likelihood;
  }
  if (family == "gaussian") {
    make_gaussian(made);
    made.log_likelihood = gaussian_likelihood;
  }
  return made;
}

std::string outcome_fault(const std::string& family, const Interval& range, bool binary) {
  if (family == "binomial" && !binary && (range.low < 0 || range.high > 1))
    return "a binomial outcome is an event, some levels of a category, or a share between 0 and 1";
  if ((family == "poisson" || family == "negative_binomial") && range.low < 0) return "counts are not below 0";
  if (family == "gamma" && range.low <= 0) return "an outcome of the gamma family is above 0";
  return "";
}

ThetaTerms theta_terms(double y, double mean, double theta) {
  using boost::math::digamma, boost::math::trigamma;
  const double both = mean + theta;
  return {.score = digamma(theta + y) - digamma(theta) + std::log(theta) + 1 - std::log(both) - (y + theta) / both,
          .information = -trigamma(theta + y) + trigamma(theta) - 1 / theta + 2 / both - (y + theta) / (both * both),
          .log_likelihood = std::lgamma(theta + y) - std::lgamma(theta) - std::lgamma(y + 1) + theta * std::log(theta) +
                            (y > 0 ? y * std::log(mean) : 0) - (theta + y) * std::log(both)};
}

}  // namespace cohortium::statistics
