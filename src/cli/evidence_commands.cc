#include "cli/evidence_commands.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"

namespace cohortium::cli {

void add_evidence_commands(CLI::App& app, const Output& output, std::function<void()>& command) {
  auto options = std::make_shared<EvidenceOptions>();
  CLI::App* evidence =
      app.add_subcommand("evidence", "Compliance evidence from checked files; docs/evidence.md")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help) {
    CLI::App* sub = evidence->add_subcommand(name, help);
    sub->add_option("--consortium", options->files.consortium,
                    "Consortium file, with its signatures beside it; default that of --config");
    sub->add_option("--config", options->config, "node.toml: its rules, its state folder's log, studies and ledger");
    sub->add_option("--log", options->files.logs, "STATE/audit of a node, or a fetched copy; more than once");
    sub->add_option("--heads", options->files.heads, "Heads from other nodes, as for `audit verify`");
    sub->add_option("--decisions", options->files.decisions, "decisions.json of a node; more than once");
    sub->add_option("--facts", options->files.facts, "evidence.toml: the site's own statements; later ones win");
    sub->add_option("--out", options->out, "Folder for evidence.json and evidence.html")->required();
    sub->callback([=, &output, &command] { command = [=, &output] { make_evidence(*options, output); }; });
    return sub;
  };
  add("consortium", "Of a consortium and all its studies at hand")
      ->add_option("--study", options->files.studies, "Signed study, or result.json; more than once");
  add("study", "Of one study")->add_option("STUDY", options->study, "Signed study, or result.json")->required();
}

}  // namespace cohortium::cli
