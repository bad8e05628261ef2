// Adjusted p-values of several tests, as R's p.adjust.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace cohortium::statistics {

// `method` is bonferroni, holm, bh (Benjamini and Hochberg) or by (Benjamini and Yekutieli). A p that is absent stays
// absent and counts as a test all the same, which only makes the others larger.
std::vector<std::optional<double>> adjust_p(const std::string& method, const std::vector<std::optional<double>>& p);

// Whether results of this kind have one p-value, and so can be adjusted.
bool has_one_p(const std::string& kind);

}  // namespace cohortium::statistics
