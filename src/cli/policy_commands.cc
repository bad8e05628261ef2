#include "cli/policy_commands.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"

namespace cohortium::cli {

void add_policy_commands(CLI::App& app, const Output& output, std::function<void()>& command, int& status) {
  auto options = std::make_shared<PolicyTestOptions>();
  CLI::App* policy =
      app.add_subcommand("policy", "What a site's policy says and would decide; docs/policy.md")->require_subcommand(1);
  CLI::App* show = policy->add_subcommand("show", "The policy's columns, denials and rules");
  show->add_option("FILE", options->policy, "policy.toml")->required();
  show->callback([=, &output, &command] { command = [=, &output] { show_policy(options->policy, output); }; });

  auto signing = std::make_shared<PolicySignOptions>();
  CLI::App* sign = policy->add_subcommand("sign", "Sets the policy, as a data steward of the site");
  sign->add_option("FILE", signing->policy, "policy.toml; the signature is written beside it")->required();
  sign->add_option("--as", signing->identity, "FOLDER/NAME of the steward's NAME.crt and NAME.key")->required();
  sign->add_option("--credential", signing->credential, "File with the key's passphrase; else the terminal is asked");
  sign->callback([=, &output, &command] { command = [=, &output] { sign_policy(*signing, output); }; });

  CLI::App* test =
      policy->add_subcommand("test", "What the policy decides about studies; fails where it is not as wanted");
  test->add_option("FILE", options->policy, "policy.toml")->required();
  CLI::Option* cases = test->add_option("CASES", options->cases, "Cases with the verdicts that are wanted: cases.toml");
  CLI::Option* study =
      test->add_option("--study", options->studies, "Study file that is to be allowed; more than once");
  study->excludes(cases);
  test->add_option("--analyst", options->analyst, "Who signs the studies")->needs(study);
  test->add_option("--fingerprint", options->fingerprint, "Of the analyst's key")->needs(study);
  test->add_option("--purpose", options->purpose, "Instead of the studies' own")->needs(study);
  test->add_option("--protocol", options->protocol, "Instead of the studies' own")->needs(study);
  test->callback([=, &output, &command, &status] {
    if (cases->empty() && study->empty()) throw CLI::RequiredError("CASES or --study");
    command = [=, &output, &status] { status = test_policy(*options, output) ? 0 : 1; };
  });
}

}  // namespace cohortium::cli
