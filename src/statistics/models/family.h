// Families and links of generalised linear models, as R's family objects define them: what makes a step of the fit, in
// the clear. All functions are of one row; bounds that keep them finite (machine epsilon, |eta| <= 30) are R's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "statistics/models/arithmetic.h"

namespace cohortium::statistics {

struct Link {
  std::string name;
  double (*of_mean)(double mean);    // eta
  double (*mean)(double eta);        // mu
  double (*derivative)(double eta);  // d mu / d eta
  bool (*valid)(double eta);         // whether there is a mean
};

struct LikelihoodSums {
  double n = 0, weight = 0;  // rows of weight above 0, sum of weights
  double deviance = 0;
  double constant = 0;           // sum of Family::constant
  double negative_binomial = 0;  // sum of the log-likelihood itself, of families with theta
};

struct Family {
  std::string name;
  std::string title;  // "Logistic regression"
  std::string ratio;  // what e to a coefficient is; empty for none
  Link link;
  bool fixed_dispersion = true;  // 1; otherwise estimated, and tests are Student's
  bool has_theta = false;        // negative binomial
  // theta: of the negative binomial only.
  double (*variance)(double mean, double theta);
  double (*deviance)(double y, double mean, double theta);  // of weight 1
  double (*start)(double y, double weight);                 // the mean of the first step
  bool (*valid_mean)(double mean);
  // The row's part of the log-likelihood that does not depend on the mean: log_likelihood() adds the rest.
  double (*constant)(double y, double weight);
  double (*log_likelihood)(const LikelihoodSums& sums);
};

// `family` and `link` as in the study, "" for the family's usual link. Fails with study.bad_family (`path`/link).
Family make_family(const std::string& family, const std::string& link, const std::string& path);
// The links that make sense for a family; the first is its own.
const std::vector<std::string>& links_of(const std::string& family);
// Whether every value in `range` is a possible outcome; otherwise what is wrong with it.
std::string outcome_fault(const std::string& family, const Interval& range, bool binary);

// Of theta, of one row of weight 1: score, observed information, log-likelihood (MASS: theta.ml).
struct ThetaTerms {
  double score = 0, information = 0, log_likelihood = 0;
};
ThetaTerms theta_terms(double y, double mean, double theta);

}  // namespace cohortium::statistics
