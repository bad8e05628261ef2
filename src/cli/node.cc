// `cohortium node`: the daemon.
#include "node/node.h"

#include "cli/commands.h"
#include "cli/interrupt.h"

namespace cohortium::cli {

void run_node(const std::filesystem::path& config) {
  node::Node node(node::read_config(config));
  node.serve(interrupted());
}

}  // namespace cohortium::cli
