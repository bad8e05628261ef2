// The table of costs, docs/costs.md: what every kernel declares, and what the algorithms made of them come to. A test
// compares the file with this.
#pragma once

#include <string>

namespace cohortium::bench {

// Markdown.
std::string cost_tables();

}  // namespace cohortium::bench
