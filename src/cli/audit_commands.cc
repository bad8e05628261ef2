#include "cli/audit_commands.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"

namespace cohortium::cli {

void add_audit_commands(CLI::App& app, const Output& output, std::function<void()>& command) {
  auto options = std::make_shared<AuditOptions>();
  CLI::App* audit = app.add_subcommand("audit", "Audit logs; docs/audit.md")->require_subcommand(1);
  CLI::App* results = app.add_subcommand("result", "Results that were handed over")->require_subcommand(1);
  const auto add = [&](CLI::App* parent, const char* name, const char* help, auto run) {
    CLI::App* sub = parent->add_subcommand(name, help);
    sub->callback([=, &output, &command] { command = [=, &output] { run(*options, output); }; });
    return sub;
  };
  const auto add_consortium = [&](CLI::App* sub) {
    sub->add_option("--consortium", options->consortium, "Consortium file, with its signatures beside it")->required();
  };
  CLI::App* verify =
      add(audit, "verify", "Check logs, each by itself and against each other, without any node", verify_audit_logs);
  verify->add_option("FOLDER", options->folders, "STATE/audit of a node, or a copy of it; more than one")->required();
  add_consortium(verify);
  verify->add_option("--heads", options->heads, "Heads from other nodes: heads.jsonl, result.json or an audit folder");
  CLI::App* fetch = audit->add_subcommand("fetch", "Copy a node's log into a folder, as an auditor, and check it");
  auto caller = std::make_shared<Caller>();
  auto names = std::make_shared<std::pair<std::string, std::string>>();  // node, folder
  fetch->add_option("--consortium", caller->consortium, "Consortium file")->required();
  fetch->add_option("--as", caller->identity, "Your identity: path of NAME.key and NAME.crt without ending")
      ->required();
  fetch->add_option("--credential", caller->credential, "File with your key's passphrase; else the terminal is asked");
  fetch->add_option("--node", names->first, "Whose log")->required();
  fetch->add_option("--out", names->second, "Folder to make")->required();
  fetch->callback([=, &output, &command] {
    command = [=, &output] { fetch_audit_log(*caller, names->first, names->second, output); };
  });
  CLI::App* show = add(audit, "show", "The entries of a log", show_audit_log);
  show->add_option("FOLDER", options->folders, "STATE/audit of a node")
      ->required()
      ->expected(1)
      ->allow_extra_args(false);
  show->add_option("--study", options->study, "Those of one study, by its hash");
  CLI::App* prove = add(audit, "prove", "Print the proof that an entry is in a log, as JSON", prove_audit_entry);
  prove->add_option("FOLDER", options->folders, "STATE/audit of a node")
      ->required()
      ->expected(1)
      ->allow_extra_args(false);
  prove->add_option("ENTRY", options->entry, "Number of the entry")->required();
  add_consortium(prove);
  CLI::App* result =
      add(results, "verify", "Check that a result is what the nodes of its run have signed, without any node",
          verify_result);
  result->add_option("RESULT", options->result, "result.json")->required();
  add_consortium(result);
  result->add_option("--log", options->folders, "STATE/audit of a node, to compare with; more than once");
}

}  // namespace cohortium::cli
