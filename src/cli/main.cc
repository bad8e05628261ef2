// The `cohortium` command: parses the command line, runs one command, turns a failure into an exit code.
// Exit codes: 0 done, 1 failed (the error says why), 2 wrong usage, 130 interrupted.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/output.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "node/http.h"

namespace {

using namespace cohortium;

void add_study_commands(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  struct Arguments {
    cli::Caller caller;
    std::string study, hash, node, out;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* study =
      app.add_subcommand("study", "Check, submit, approve, run a study; fetch its result")->require_subcommand(1);
  auto add = [&](const char* name, const char* help, bool calls_a_node) {
    CLI::App* sub = study->add_subcommand(name, help);
    if (calls_a_node) {
      sub->add_option("--consortium", arguments->caller.consortium, "Consortium file")->required();
      sub->add_option("--as", arguments->caller.identity, "Your identity: path of NAME.key and NAME.crt without ending")
          ->required();
    }
    return sub;
  };
  CLI::App* check = add("check", "What a study computes, reveals and costs, before anything runs", false);
  check->add_option("STUDY", arguments->study, "Study file")->required();
  check->callback([=, &output, &command] { command = [=, &output] { cli::check_study(arguments->study, output); }; });
  CLI::App* submit = add("submit", "Hand a study to the coordinator; prints its hash", true);
  submit->add_option("STUDY", arguments->study, "Study file")->required();
  submit->callback([=, &output, &command] {
    command = [=, &output] { cli::submit_study(arguments->caller, arguments->study, output); };
  });
  CLI::App* show = add("show", "A submitted study: its file, and what it computes, reveals and costs", true);
  show->add_option("HASH", arguments->hash, "The study's hash")->required();
  show->callback([=, &output, &command] {
    command = [=, &output] { cli::show_study(arguments->caller, arguments->hash, output); };
  });
  CLI::App* approve = add("approve", "Approve a study for your site", true);
  approve->add_option("HASH", arguments->hash, "The study's hash")->required();
  approve->add_option("--node", arguments->node, "Your site")->required();
  approve->callback([=, &output, &command] {
    command = [=, &output] { cli::approve_study(arguments->caller, arguments->hash, arguments->node, output); };
  });
  CLI::App* run = add("run", "Run an approved study and wait for its result", true);
  run->add_option("HASH", arguments->hash, "The study's hash")->required();
  run->callback([=, &output, &command] {
    command = [=, &output] { cli::run_study(arguments->caller, arguments->hash, output); };
  });
  CLI::App* status = add("status", "Where a study stands; without a hash, all studies", true);
  status->add_option("HASH", arguments->hash, "The study's hash");
  status->callback([=, &output, &command] {
    command = [=, &output] { cli::show_status(arguments->caller, arguments->hash, output); };
  });
  CLI::App* result = add("result", "Write result.json and report.html", true);
  result->add_option("HASH", arguments->hash, "The study's hash")->required();
  result->add_option("--out", arguments->out, "Folder to write to")->required();
  result->callback([=, &output, &command] {
    command = [=, &output] { cli::fetch_result(arguments->caller, arguments->hash, arguments->out, output); };
  });
}

void add_local_commands(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  auto options = std::make_shared<cli::RunOptions>();
  CLI::App* run =
      app.add_subcommand("run", "Run a study on this machine: one real node process per site, throw-away keys");
  run->add_option("STUDY", options->study, "Study file")->required();
  run->add_option("--site", options->sites, "NAME=FOLDER with the site's TABLE.csv or TABLE.parquet; once per site")
      ->required();
  run->add_option("--out", options->out, "Folder for result.json and report.html")->required();
  run->add_flag("--compare", options->compare,
                "Also analyse the pooled records in plaintext, and compare result and time");
  run->callback([=, &output, &command] { command = [=, &output] { cli::run_locally(*options, output); }; });

  auto synth_options = std::make_shared<cli::SynthOptions>();
  CLI::App* synth = app.add_subcommand("synth", "Make synthetic multi-site trial data with a known truth");
  synth->add_option("--site", synth_options->sites, "NAME=ROWS; once per site")->required();
  synth->add_option("--hazard-ratio", synth_options->hazard_ratio, "Of treatment against control")
      ->capture_default_str();
  synth->add_option("--censoring", synth_options->censoring, "Fraction of patients censored")->capture_default_str();
  synth->add_option("--median", synth_options->median, "Median survival of the control arm, days")
      ->capture_default_str();
  synth->add_option("--horizon", synth_options->horizon, "End of follow-up, days")->capture_default_str();
  synth->add_option("--seed", synth_options->seed, "The same seed gives the same data")->capture_default_str();
  synth->add_option("--out", synth_options->out, "Folder; one folder per site is made in it")->required();
  synth->callback([=, &output, &command] { command = [=, &output] { cli::synthesise(*synth_options, output); }; });
}

void add_bench_command(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  auto options = std::make_shared<bench::Options>();
  CLI::App* bench = app.add_subcommand("bench", "Measure the engine: three processes over mutual TLS on this machine");
  bench->add_option("--only", options->only, "NAME,…: workloads to run; default all")->delimiter(',');
  bench->add_option("--network", options->network, "loopback, lan, national-wan, wan or bad-wan")
      ->capture_default_str();
  bench->add_option("--channel", options->channel, "tls or memory (threads of one process)")->capture_default_str();
  bench->add_option("--protocol", options->protocol, "Protocol")->capture_default_str();
  bench->add_option("--lanes", options->lanes, "Threads and connections per party")->capture_default_str();
  bench->add_option("--repeats", options->repeats, "Timed runs, after one warm-up")->capture_default_str();
  bench->add_option("--elements", options->elements, "Of every workload, instead of its own number");
  auto costs = std::make_shared<bool>(false);
  bench->add_flag("--costs", *costs, "Measure nothing: print what every kernel costs, as docs/costs.md");
  bench->callback([=, &output, &command] {
    command = [=, &output] { *costs ? cli::print_costs() : cli::run_bench(*options, output); };
  });
}

void add_operator_commands(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  auto text = std::make_shared<std::string>();
  auto folder = std::make_shared<std::string>(".");
  CLI::App* node = app.add_subcommand("node", "Run a node");
  node->add_option("--config", *text, "node.toml")->required();
  node->callback([=, &command] { command = [=] { cli::run_node(*text); }; });

  CLI::App* create = app.add_subcommand("keys", "Identities of nodes and people")
                         ->require_subcommand(1)
                         ->add_subcommand("create", "Make NAME.key and NAME.crt");
  create->add_option("NAME", *text, "Lower-case name")->required();
  create->add_option("--out", *folder, "Folder")->capture_default_str();
  create->callback([=, &output, &command] { command = [=, &output] { cli::create_keys(*text, *folder, output); }; });

  auto options = std::make_shared<cli::ConsortiumOptions>();
  CLI::App* consortium = app.add_subcommand("consortium", "The consortium file")
                             ->require_subcommand(1)
                             ->add_subcommand("create", "Write consortium.toml");
  consortium->add_option("--name", options->name, "Of the consortium")->required();
  consortium->add_option("--member", options->members, "NAME=HOST:PORT,CERTIFICATE[,site][,compute]; three compute")
      ->required();
  consortium->add_option("--analyst", options->analysts, "NAME=CERTIFICATE");
  consortium->add_option("--operator", options->operators, "NAME=CERTIFICATE,MEMBER");
  consortium->add_option("--coordinator", options->coordinator,
                         "Member that keeps studies and results; default the first");
  consortium->add_option("--minimum-cell", options->minimum_cell, "No study may release smaller counts")
      ->capture_default_str();
  consortium->add_flag("--exact-curves", options->exact_curves, "Studies may release curves at every event time");
  consortium->add_option("--network", options->network, "For forecasts: loopback, lan, wan, bad-wan")
      ->capture_default_str();
  consortium->add_option("--out", options->out, "File to write")->required();
  consortium->callback(
      [=, &output, &command] { command = [=, &output] { cli::create_consortium(*options, output); }; });

  CLI::App* verify = app.add_subcommand("audit", "Audit logs")
                         ->require_subcommand(1)
                         ->add_subcommand("verify", "Check that a log is unbroken");
  verify->add_option("LOG", *text, "audit.log of a node")->required();
  verify->callback([=, &output, &command] { command = [=, &output] { cli::verify_audit_log(*text, output); }; });
}

int report(const Error& error, const cli::Output& output) {
  const std::string text = output.json ? nlohmann::json{{"error", node::to_json(error)}}.dump(2) : error.text();
  std::fprintf(output.json ? stdout : stderr, "%s\n", text.c_str());
  return error.code == "cli.interrupted" ? 130 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Cohortium: hospitals compute together on records that may not be pooled");
  app.set_version_flag("--version", COHORTIUM_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  cli::Output output;
  std::function<void()> command;
  app.add_flag("--json", output.json, "Print JSON");
  add_local_commands(app, output, command);
  add_study_commands(app, output, command);
  add_bench_command(app, output, command);
  add_operator_commands(app, output, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  cli::catch_interrupts();
  const auto done = attempt([&] {
    command();
    finish_output();
    return true;
  });
  return done.ok() ? 0 : report(done.error(), output);
}
