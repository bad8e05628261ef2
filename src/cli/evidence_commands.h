// The part of the command line that is for whoever must account for the processing: `cohortium evidence`.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace cohortium::cli {

struct Output;

void add_evidence_commands(CLI::App& app, const Output& output, std::function<void()>& command);

}  // namespace cohortium::cli
