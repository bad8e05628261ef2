// The kinds of this folder that are more than counts and take noise (statistics/noisy.h).
#pragma once

#include <memory>

#include "statistics/entries.h"
#include "statistics/noisy.h"

namespace cohortium::statistics {

std::unique_ptr<NoisyAnalysis> make_noisy_proportion(const EntryContext& context);
std::unique_ptr<NoisyAnalysis> make_noisy_rate(const EntryContext& context);
std::unique_ptr<NoisyAnalysis> make_noisy_describe(const EntryContext& context);

}  // namespace cohortium::statistics
