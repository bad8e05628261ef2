// `cohortium node`: the daemon.
#include "node/node.h"

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/passphrase.h"

namespace cohortium::cli {

void run_node(const std::filesystem::path& config) {
  const node::NodeConfig settings = node::read_config(config);
  const governance::Identity identity =
      governance::load_identity({settings.certificate, settings.key}, passphrase_of(settings.key, settings.credential));
  node::Node node(settings, identity);
  node.serve(interrupted());
}

}  // namespace cohortium::cli
