// Exact distributions of rank statistics without ties, as R's; each result has a relative error of about 1e-12.
#pragma once

#include <cstddef>

namespace cohortium::statistics {

// Two-sided p of the Mann-Whitney statistic `w` of groups of m and n, at most 50 each.
double mann_whitney_exact_p(double w, std::size_t m, std::size_t n);
// Two-sided p of the sum of positive signed ranks of n values, at most 50.
double signed_rank_exact_p(double sum, std::size_t n);
// Two-sided p of Kendall's tau with so many discordant pairs among n, at most 50.
double kendall_exact_p(double discordant, std::size_t n);
// Two-sided p of Spearman's statistic S, the sum of squared differences of ranks: exact up to n = 9, above by the Edgeworth
// series of AS 89, as R does for n below 1,290.
double spearman_p(double s, std::size_t n);
// P(D >= d) of the two-sample Kolmogorov-Smirnov statistic d = numerator / (m n): exact, and the limit for many.
double kolmogorov_smirnov_exact_p(double numerator, std::size_t m, std::size_t n);
double kolmogorov_limit_p(double d, double m, double n);

}  // namespace cohortium::statistics
