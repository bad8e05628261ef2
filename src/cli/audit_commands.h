// The part of the command line that is an auditor's: `cohortium audit`, `cohortium result`.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace cohortium::cli {

struct Output;

void add_audit_commands(CLI::App& app, const Output& output, std::function<void()>& command);

}  // namespace cohortium::cli
