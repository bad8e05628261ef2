// The hidden strength of generalised linear models (statistics/models/glm_hidden.cc).
#pragma once

#include <memory>

#include "statistics/entries.h"

namespace cohortium::statistics {

std::unique_ptr<Analysis> make_glm_hidden(const EntryContext& context);

}  // namespace cohortium::statistics
