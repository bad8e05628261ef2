// The kinds of analysis of this folder: regression models. Each is one file; statistics/analysis.cc names them.
#pragma once

#include <memory>

#include "statistics/entries.h"

namespace cohortium::statistics {

std::unique_ptr<Analysis> make_linear(const EntryContext& context);
std::unique_ptr<Analysis> make_glm(const EntryContext& context);

}  // namespace cohortium::statistics
