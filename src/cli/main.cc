// The `cohortium` command: parses the command line, runs one command, turns a failure into an exit code.
// Exit codes: 0 done, 1 failed (the error says why), 2 wrong usage, 3 the records fail the quality gate, 130 interrupted.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/output.h"
#include "cli/audit_commands.h"
#include "cli/commands.h"
#include "cli/evidence_commands.h"
#include "cli/interrupt.h"
#include "cli/policy_commands.h"
#include "node/http.h"

namespace {

using namespace cohortium;

void add_study_commands(CLI::App& app, const cli::Output& output, std::function<void()>& command, int& result_code) {
  struct Arguments {
    cli::Caller caller;
    std::string study, hash, node, out;
    int days = 90;
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
      sub->add_option("--credential", arguments->caller.credential,
                      "File with your key's passphrase; without it the terminal is asked");
    }
    return sub;
  };
  const auto does = [&](CLI::App* sub, auto run) {
    sub->callback([=, &output, &command] { command = [=, &output] { run(*arguments, output); }; });
  };
  const auto add_hash = [&](CLI::App* sub) { return sub->add_option("HASH", arguments->hash, "The study's hash"); };
  const auto add_days = [&](CLI::App* sub) {
    sub->add_option("--days", arguments->days, "The study expires so many days from now")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
  };
  using Given = const Arguments&;
  using Out = const cli::Output&;
  CLI::App* check = add("check", "What a study computes, reveals and costs, before anything runs", false);
  check->add_option("STUDY", arguments->study, "Study file")->required();
  does(check, [](Given given, Out out) { cli::check_study(given.study, out); });
  CLI::App* sign = add("sign", "Sign a study, to be submitted later", true);
  sign->add_option("STUDY", arguments->study, "Study file")->required();
  sign->add_option("--out", arguments->out, "File to write")->required();
  add_days(sign);
  does(sign, [](Given given, Out out) { cli::sign_study(given.caller, given.study, given.days, given.out, out); });
  CLI::App* submit = add("submit", "Sign a study and hand it to the coordinator; prints its hash", true);
  submit->add_option("STUDY", arguments->study, "Study file, or a signed study")->required();
  add_days(submit);
  does(submit, [](Given given, Out out) { cli::submit_study(given.caller, given.study, given.days, out); });
  CLI::App* show = add("show", "A submitted study: its file, and what it computes, reveals and costs", true);
  add_hash(show)->required();
  does(show, [](Given given, Out out) { cli::show_study(given.caller, given.hash, out); });
  for (const auto& [name, help] : {std::pair("approve", "Sign an approval of a study for your site"),
                                   {"withdraw", "Sign that your site takes part in no further run"}}) {
    CLI::App* sub = add(name, help, true);
    add_hash(sub)->required();
    sub->add_option("--node", arguments->node, "Your site")->required();
    does(sub, [decision = std::string(name)](Given given, Out out) {
      cli::decide_on_study(given.caller, decision, given.hash, given.node, out);
    });
  }
  CLI::App* agreement = add("agreement", "Whether the sites of an approved study have in common what it asks", true);
  add_hash(agreement)->required();
  does(agreement, [&result_code](Given given, Out out) {
    result_code = cli::check_agreement(given.caller, given.hash, out) ? 0 : 3;
  });
  CLI::App* run = add("run", "Run an approved study and wait for its result", true);
  add_hash(run)->required();
  does(run, [](Given given, Out out) { cli::run_study(given.caller, given.hash, out); });
  CLI::App* status = add("status", "Where a study stands; without a hash, all studies", true);
  add_hash(status);
  does(status, [](Given given, Out out) { cli::show_status(given.caller, given.hash, out); });
  CLI::App* result = add("result", "Write result.json and report.html", true);
  add_hash(result)->required();
  result->add_option("--out", arguments->out, "Folder to write to")->required();
  does(result, [](Given given, Out out) { cli::fetch_result(given.caller, given.hash, given.out, out); });
}

void add_local_commands(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  auto options = std::make_shared<cli::RunOptions>();
  CLI::App* run =
      app.add_subcommand("run", "Run a study on this machine: one real node process per site, throw-away keys");
  run->add_option("STUDY", options->study, "Study file")->required();
  run->add_option(
         "--site", options->sites,
         "NAME=RECORDS: a folder with TABLE.csv or TABLE.parquet, a .duckdb file, or a TOML file with [source]; "
         "once per site")
      ->required();
  run->add_option("--out", options->out, "Folder for result.json and report.html")->required();
  run->add_flag("--compare", options->compare,
                "Also analyse the pooled records in plaintext, and compare result and time");
  run->callback([=, &output, &command] { command = [=, &output] { cli::run_locally(*options, output); }; });

  auto synth_options = std::make_shared<cli::SynthOptions>();
  CLI::App* synth =
      app.add_subcommand("synth", "Make synthetic multi-site data with a known truth: a trial, or OMOP tables");
  synth->add_option("--site", synth_options->sites, "NAME=ROWS; once per site")->required();
  synth->add_flag("--omop", synth_options->omop, "OMOP tables of so many persons; what follows is of a trial");
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

void add_key_commands(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  auto options = std::make_shared<cli::KeyOptions>();
  options->folder = ".";
  CLI::App* keys = app.add_subcommand("keys", "Identities of nodes and people")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, auto run) {
    CLI::App* sub = keys->add_subcommand(name, help);
    sub->callback([=, &output, &command] { command = [=, &output] { run(*options, output); }; });
    return sub;
  };
  const auto add_passphrase = [&](CLI::App* sub) {
    CLI::Option* credential = sub->add_option("--credential", options->credential,
                                              "File with the passphrase to use; without it the terminal is asked");
    sub->add_option("--new-credential", options->new_credential, "File to make, with a random passphrase")
        ->excludes(credential);
  };
  CLI::App* create = add("create", "Make NAME.key, encrypted, and NAME.crt", cli::create_keys);
  create->add_option("NAME", options->name, "Lower-case name")->required();
  create->add_option("--out", options->folder, "Folder")->capture_default_str();
  create->add_option("--token", options->token,
                     "pkcs11:token=…;object=…: a P-256 key that a token has; its PIN opens it");
  add_passphrase(create);
  CLI::App* rotate = add("rotate", "Make a new key that the old one announces", cli::rotate_keys);
  rotate->add_option("PATH", options->path, "Path of the old NAME.key without ending")->required();
  rotate->add_option("--out", options->folder, "Folder for the new key, another one")->required();
  rotate->add_option("--old-credential", options->old, "File with the passphrase of the old key");
  add_passphrase(rotate);
  CLI::App* show = add("show", "Fingerprint of a key, and whether it is encrypted", cli::show_keys);
  show->add_option("PATH", options->path, "Path of NAME.crt without ending")->required();
  CLI::App* protect = add("protect", "Encrypt a key with another passphrase", cli::protect_keys);
  protect->add_option("PATH", options->path, "Path of NAME.key without ending")->required();
  protect->add_option("--old-credential", options->old, "File with the passphrase it has now");
  add_passphrase(protect);
}

void add_consortium_commands(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  auto options = std::make_shared<cli::ConsortiumOptions>();
  CLI::App* consortium =
      app.add_subcommand("consortium", "The consortium file and its signatures")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, auto run) {
    CLI::App* sub = consortium->add_subcommand(name, help);
    sub->callback([=, &output, &command] { command = [=, &output] { run(*options, output); }; });
    return sub;
  };
  const auto add_file = [&](CLI::App* sub) {
    sub->add_option("FILE", options->file, "consortium.toml; its signatures lie beside it")->required();
  };
  const auto add_content = [&](CLI::App* sub) {
    sub->add_option("--member", options->members,
                    "NAME=HOST:PORT,CERTIFICATE[,site][,compute][,approvals=N][,expires=DAY]; three compute");
    sub->add_option("--person", options->people, "NAME=CERTIFICATE,ROLE[,MEMBER][,expires=DAY]");
    sub->add_option("--coordinator", options->coordinator, "Member that keeps studies and results");
    sub->add_option("--change-signatures", options->change_signatures,
                    "Members that must sign the next version; default more than half");
    sub->add_option("--out", options->out, "File to write; its signatures go to FILE.signatures")->required();
  };
  CLI::App* create = add("create", "Write the first version, for all members to sign", cli::create_consortium);
  create->add_option("--name", options->name, "Of the consortium")->required();
  add_content(create);
  create->add_option("--minimum-cell", options->minimum_cell, "No study may release smaller counts")
      ->capture_default_str();
  create->add_flag("--exact-curves", options->exact_curves, "Studies may release curves at every event time");
  create->add_option("--rows-per-parameter", options->rows_per_parameter,
                     "No study may release a model with fewer people per parameter");
  create->add_option("--round-to", options->round_to, "Studies round numbers of people to multiples of this, or more");
  create->add_flag("--protect-sites", options->protect_sites, "Studies show no number that is nearly one site's");
  create->add_flag("--no-zero-and-full", options->no_zero_and_full,
                   "Studies do not show that nobody or everybody of a group has the event");
  create->add_flag("--quality-gate", options->quality_gate, "Studies run only at sites whose records pass checks");
  create->add_option("--network", options->network, "For forecasts: loopback, lan, national-wan, wan, bad-wan")
      ->capture_default_str();
  CLI::App* propose = add("propose", "Write the next version, for members to sign", cli::propose_consortium);
  add_file(propose);
  add_content(propose);
  propose->add_option("--rotate", options->rotations, "NAME.rotation: a new key, announced by the old one");
  propose->add_option("--remove", options->remove, "Member or person to take out");
  propose->add_option("--revoke", options->revoke, "Member or person to take out, and whose key never counts again");
  CLI::App* sign = add("sign", "Sign the file as a member, with its node's key", cli::sign_consortium);
  add_file(sign);
  sign->add_option("--as", options->identity, "Path of NAME.key and NAME.crt without ending")->required();
  sign->add_option("--credential", options->credential, "File with the key's passphrase; else the terminal is asked");
  CLI::App* collect = add("collect", "Take over signatures that others added to their copies", cli::collect_signatures);
  add_file(collect);
  collect->add_option("OTHERS", options->others, "Copies of the same version")->required();
  add_file(add("verify", "Who has signed, and whether the file is in force", cli::verify_consortium));
}

void add_operator_commands(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  auto text = std::make_shared<std::string>();
  CLI::App* node = app.add_subcommand("node", "Run a node");
  node->add_option("--config", *text, "node.toml")->required();
  node->callback([=, &command] { command = [=] { cli::run_node(*text); }; });

  CLI::App* check = app.add_subcommand("source", "Where a site's records are")
                        ->require_subcommand(1)
                        ->add_subcommand("check", "Show what the node can read: tables, columns, types, rows");
  check->add_option("RECORDS", *text, "node.toml, a file with [source], a folder or a .duckdb file")->required();
  check->callback([=, &output, &command] { command = [=, &output] { cli::check_source(*text, output); }; });

  CLI::App* privacy = app.add_subcommand("privacy", "What a node has spent of its privacy budget");
  privacy->add_option("NODE", *text, "node.toml")->required();
  privacy->callback([=, &output, &command] { command = [=, &output] { cli::show_privacy(*text, output); }; });
}

void add_load_commands(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  auto options = std::make_shared<cli::LoadOptions>();
  CLI::App* load = app.add_subcommand("load", "Load hospital data into an OMOP database, a DuckDB file; docs/omop.md")
                       ->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, const char* from, auto run) {
    CLI::App* sub = load->add_subcommand(name, help);
    sub->add_option(from, options->from, "What to load")->required();
    sub->add_option("--into", options->into, "DuckDB file; made where there is none")->required();
    sub->callback([=, &output, &command] { command = [=, &output] { run(*options, output); }; });
    return sub;
  };
  add("fhir", "A FHIR R4 bulk export (NDJSON, plain or gzip)", "FOLDER", cli::load_fhir)
      ->add_option("--line-limit", options->line_megabytes, "Longest line that is read, MiB")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  add("hl7", "HL7 v2 messages, a folder of *.hl7 or one file", "PATH", cli::load_hl7);
  add("vocabulary", "OMOP vocabulary tables and source_to_concept_map (CSV)", "FOLDER", cli::load_vocabulary);
}

void add_listen_command(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  auto options = std::make_shared<cli::ListenOptions>();
  CLI::App* hl7 = app.add_subcommand("listen", "Receive messages as they come; docs/omop.md")
                      ->require_subcommand(1)
                      ->add_subcommand("hl7", "HL7 v2 over MLLP, on the loopback interface");
  hl7->add_option("--port", options->port, "TCP port; 0 takes any free one")->required();
  hl7->add_option("--into", options->into, "DuckDB file; made where there is none")->required();
  hl7->add_option("--message-seconds", options->message_seconds, "A message that has begun must be whole by then")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  hl7->callback([=, &output, &command] { command = [=, &output] { cli::listen_hl7(*options, output); }; });
}

void add_harmonise_command(CLI::App& app, const cli::Output& output, std::function<void()>& command) {
  auto options = std::make_shared<cli::HarmoniseOptions>();
  CLI::App* harmonise = app.add_subcommand("harmonise", "Codes without a standard concept, units that do not convert");
  harmonise->add_option("RECORDS", options->source, "node.toml, a file with [source], a folder or a .duckdb file")
      ->required();
  harmonise->add_option("--map", options->map, "The site's own map of codes: CSV as OMOP's source_to_concept_map");
  harmonise->callback(
      [=, &output, &command] { command = [=, &output] { cli::show_harmonisation(*options, output); }; });
}

void add_quality_command(CLI::App& app, const cli::Output& output, std::function<void()>& command, int& status) {
  auto options = std::make_shared<cli::QualityOptions>();
  CLI::App* quality =
      app.add_subcommand("quality", "Check a site's records as the quality gate of its consortium does");
  quality->add_option("NODE", options->config, "The site's node.toml")->required();
  quality->add_option("--report", options->report,
                      "Write a page with all checks; it holds counts and stays at the site");
  quality->callback([=, &output, &command, &status] {
    command = [=, &output, &status] { status = cli::check_quality(*options, output) ? 0 : 3; };
  });
}

int report(const Error& error, const cli::Output& output) {
  const std::string text = output.json ? nlohmann::json{{"error", node::to_json(error)}}.dump(2) : error.text();
  std::fprintf(output.json ? stdout : stderr, "%s\n", text.c_str());
  if (error.code == "quality.check_failed") return 3;
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
  int status = 0;
  app.add_flag("--json", output.json, "Print JSON");
  add_local_commands(app, output, command);
  add_study_commands(app, output, command, status);
  cli::add_audit_commands(app, output, command);
  cli::add_evidence_commands(app, output, command);
  add_load_commands(app, output, command);
  add_listen_command(app, output, command);
  add_bench_command(app, output, command);
  add_key_commands(app, output, command);
  add_consortium_commands(app, output, command);
  add_operator_commands(app, output, command);
  add_harmonise_command(app, output, command);
  add_quality_command(app, output, command, status);
  cli::add_policy_commands(app, output, command, status);
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
  return done.ok() ? status : report(done.error(), output);
}
