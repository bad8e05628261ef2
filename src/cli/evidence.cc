// `cohortium evidence`: compliance evidence, offline, from files that are checked first.
#include "evidence/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/file.h"
#include "cli/commands.h"
#include "evidence/page.h"
#include "governance/identity.h"
#include "node/config.h"

namespace cohortium::cli {
namespace {

using nlohmann::json;

evidence::SiteConfiguration read_configuration(const std::filesystem::path& file, const node::NodeConfig& config) {
  evidence::SiteConfiguration site{.file = file.filename().string(), .node = config.name};
  site.source = config.source;
  site.harmonise = config.harmonise;
  site.budget = config.privacy;
  // The key may be on another machine, or not for this person to read.
  const auto is_protected = attempt([&] { return governance::is_protected(config.key); });
  if (is_protected.ok()) site.key_encrypted = is_protected.value();
  site.passphrase_in_file = !config.credential.empty();
  site.expenses = governance::PrivacyLedger::read(config.state / "privacy.ledger");
  return site;
}

// What the node keeps (node/store.h), of one study or of all.
void add_state(const std::filesystem::path& state, bool all_studies, evidence::Files& files) {
  if (std::filesystem::exists(state / "audit")) files.logs.push_back(state / "audit");
  if (!std::filesystem::exists(state / "studies")) return;
  std::vector<std::filesystem::path> folders;
  for (const auto& folder : std::filesystem::directory_iterator(state / "studies")) folders.push_back(folder.path());
  std::sort(folders.begin(), folders.end());
  for (const auto& folder : folders) {
    for (const auto& file : {folder / "envelope.json", folder / "result.json"})
      if (all_studies && std::filesystem::exists(file)) files.studies.push_back(file);
    if (std::filesystem::exists(folder / "decisions.json")) files.decisions.push_back(folder / "decisions.json");
  }
}

std::string hash_of(const evidence::Inputs& inputs) { return inputs.studies.at(0).study().hash; }

}  // namespace

void make_evidence(const EvidenceOptions& options, const Output& output) {
  evidence::Files files = options.files;
  const bool of_study = !options.study.empty();
  if (of_study) files.studies = {options.study};
  std::optional<evidence::SiteConfiguration> configuration;
  if (!options.config.empty()) {
    const node::NodeConfig config = node::read_config(options.config);
    configuration = read_configuration(options.config, config);
    add_state(config.state, !of_study, files);
    if (files.consortium.empty()) files.consortium = config.consortium;
  }
  if (files.consortium.empty()) {
    throw Failure({.code = "cli.bad_option",
                   .message = "no consortium file is named",
                   .where = "--consortium",
                   .remedy = "give --consortium, or --config, which names one"});
  }
  const evidence::Inputs inputs = evidence::read_inputs(files, std::move(configuration));
  const evidence::Document document =
      of_study ? evidence::study_evidence(inputs, hash_of(inputs)) : evidence::consortium_evidence(inputs);
  const std::string text = to_json(document).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  const std::string page = evidence::render(document);
  std::error_code ignored;
  std::filesystem::create_directories(options.out, ignored);
  write_file(options.out / "evidence.json", text);
  write_file(options.out / "evidence.html", page);
  const std::size_t open = document.open_questions().size();
  const json summary = {{"evidence", (options.out / "evidence.json").string()},
                        {"page", (options.out / "evidence.html").string()},
                        {"open_questions", open}};
  const std::string people =
      fmt::format("evidence  {}\npage      {}\n{} questions are open: only people can answer them\n",
                  (options.out / "evidence.json").string(), (options.out / "evidence.html").string(), open);
  std::fputs(output.json ? (summary.dump(2) + "\n").c_str() : people.c_str(), stdout);
}

}  // namespace cohortium::cli
