// The kinds of analysis of this folder: hypothesis tests. Each is one file; statistics/analysis.cc names them.
#pragma once

#include <memory>

#include "statistics/entries.h"

namespace cohortium::statistics {

std::unique_ptr<Analysis> make_chi_square(const EntryContext& context);
std::unique_ptr<Analysis> make_fisher(const EntryContext& context);
std::unique_ptr<Analysis> make_prop_test(const EntryContext& context);
std::unique_ptr<Analysis> make_binom_test(const EntryContext& context);
std::unique_ptr<Analysis> make_mann_whitney(const EntryContext& context);
std::unique_ptr<Analysis> make_wilcoxon_signed_rank(const EntryContext& context);
std::unique_ptr<Analysis> make_kruskal_wallis(const EntryContext& context);
std::unique_ptr<Analysis> make_ks_test(const EntryContext& context);
std::unique_ptr<Analysis> make_mantel_haenszel(const EntryContext& context);
std::unique_ptr<Analysis> make_mcnemar(const EntryContext& context);
std::unique_ptr<Analysis> make_t_test(const EntryContext& context);
std::unique_ptr<Analysis> make_anova(const EntryContext& context);
std::unique_ptr<Analysis> make_variance_test(const EntryContext& context);
std::unique_ptr<Analysis> make_correlation(const EntryContext& context);

}  // namespace cohortium::statistics
