#include "statistics/adjustment.h"

#include <algorithm>
#include <set>

namespace cohortium::statistics {

std::vector<std::optional<double>> adjust_p(const std::string& method, const std::vector<std::optional<double>>& p) {
  const auto tests = static_cast<double>(p.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i]) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return *p[a] < *p[b]; });
  double harmonic = 1;
  if (method == "by") {
    harmonic = 0;
    for (double i = 1; i <= tests; ++i) harmonic += 1 / i;
  }
  std::vector<std::optional<double>> adjusted(p.size());
  if (method == "bh" || method == "by") {  // step up: the least of what larger ones come to
    double least = 1;
    for (std::size_t i = order.size(); i-- > 0;) {
      least = std::min(least, harmonic * tests / static_cast<double>(i + 1) * *p[order[i]]);
      adjusted[order[i]] = least;
    }
    return adjusted;
  }
  double largest = 0;  // step down, of holm: the largest of what smaller ones come to
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double factor = method == "holm" ? tests - static_cast<double>(i) : tests;
    largest = std::max(largest, std::min(1.0, factor * *p[order[i]]));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

bool has_one_p(const std::string& kind) {
  static const std::set<std::string> kinds{"t_test",         "anova",     "variance_test", "chi_square",
                                           "fisher",         "prop_test", "binom_test",    "mantel_haenszel",
                                           "mcnemar",        "log_rank",  "mann_whitney",  "wilcoxon_signed_rank",
                                           "kruskal_wallis", "ks_test"};
  return kinds.contains(kind);
}

}  // namespace cohortium::statistics
