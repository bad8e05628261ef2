// `cohortium run`: a study on this machine, by real nodes.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/local_consortium.h"
#include "cli/progress_line.h"
#include "cli/result_text.h"
#include "harmonise/study_query.h"
#include "mpc/protocols.h"
#include "node/config.h"
#include "study/plan.h"
#include "study/pooled_reference.h"
#include "study/site_table.h"
#include "study/unprotected.h"

namespace cohortium::cli {
namespace {

using nlohmann::json;

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Where each site's records are: a folder, a DuckDB file, or a TOML file that names a database.
std::map<std::string, std::filesystem::path> site_records(const study::Study& study,
                                                          const std::vector<std::string>& given) {
  auto refuse = [](const std::string& message, const std::string& remedy) {
    throw Failure({.code = "cli.bad_site", .message = message, .where = "--site", .remedy = remedy});
  };
  std::map<std::string, std::filesystem::path> folders;
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
      refuse("\"" + text + "\" is not NAME=RECORDS", "write for example --site north=records/north");
    const std::string name = text.substr(0, equals), records = text.substr(equals + 1);
    if (std::find(study.sites.begin(), study.sites.end(), name) == study.sites.end()) {
      refuse("the study has no site \"" + name + "\"", fmt::format("its sites are {}", fmt::join(study.sites, ", ")));
    }
    if (!std::filesystem::exists(records))
      refuse("\"" + records + "\" is neither a folder nor a file",
             "name the folder that holds the site's table, a .duckdb file, or a TOML file with the table [source]");
    if (!folders.emplace(name, records).second) refuse("site \"" + name + "\" is given twice", "give each site once");
  }
  for (const std::string& site : study.sites) {
    if (!folders.contains(site))
      refuse("no records are given for site \"" + site + "\"", "add --site " + site + "=RECORDS");
  }
  return folders;
}

struct RunComparison {
  study::Agreement pooled, unprotected;
  double plaintext_seconds = 0;
};

RunComparison compare_run(const study::Plan& plan, const std::map<std::string, std::filesystem::path>& records,
                          const json& analyses) {
  std::vector<std::filesystem::path> all;
  std::vector<data::Table> tables;
  for (const std::string& name : plan.study().sites) {
    const data::SourceConfig source = node::read_source(records.at(name));
    study::SiteHarmonisation site{.rules = node::read_site_rules(records.at(name))};
    const bool as_it_stands = plan.study().cohort == nullptr &&
                              harmonise::needs_nothing(plan.study().data, plan.study().harmonise, site.rules);
    if (source.kind == data::SourceKind::kFolder && as_it_stands) all.push_back(source.path);
    tables.push_back(study::load_site_table(source, plan.study(), site));
    tables.back().site = tables.size() - 1;
    tables.back().sites = plan.study().sites.size();
  }
  // The pooled reference reads files itself; records in a database are compared with the unprotected steps alone.
  const bool all_files = all.size() == tables.size();
  const study::PooledAnswer pooled = all_files ? study::analyse_pooled(plan.study(), all) : study::PooledAnswer();
  return {.pooled = all_files ? study::compare(plan.study(), pooled, analyses) : study::Agreement(),
          .unprotected = study::compare(analyses, study::analyse_unprotected(plan, tables)),
          .plaintext_seconds = pooled.seconds};
}

// The wall time of plaintext means something where it computed all there is: its time is shown where it computed
// anything.
std::string comparison_text(const RunComparison& comparison, double secure_seconds) {
  std::string text;
  if (comparison.pooled.numbers > 0) {
    text += fmt::format(
        "\ncompared with the same analysis of the pooled records in plaintext\n"
        "  largest difference  {:.1e} (of {} numbers, relative to 1)\n"
        "  wall time           {:.3f} s secure, {:.3f} s plaintext: {:.2f} times\n",
        comparison.pooled.largest_difference, comparison.pooled.numbers, secure_seconds, comparison.plaintext_seconds,
        secure_seconds / comparison.plaintext_seconds);
  }
  return text + fmt::format(
                    "\ncompared with the same steps without any protection\n"
                    "  largest difference  {:.1e} (of {} numbers, relative to 1)\n",
                    comparison.unprotected.largest_difference, comparison.unprotected.numbers);
}

// The site's own account of what is wrong, which only its operator may see: here that is the caller.
[[noreturn]] void fail_with_site_details(const LocalConsortium& nodes, const study::Study& study, const Error& error) {
  const std::string site = error.where.substr(0, error.where.find(':'));  // "south: age"
  const bool known = std::find(study.sites.begin(), study.sites.end(), site) != study.sites.end();
  if (const std::string details = known ? nodes.site_error(site) : ""; details.starts_with(error.code + ":")) {
    Error full = error;
    full.message += fmt::format("\n  {} says: {}", site, details);
    throw Failure(full);
  }
  nodes.check_nodes();
  throw Failure(error);
}

}  // namespace

void run_locally(const RunOptions& options, const Output& output) {
  const study::Plan plan(study::read_study(options.study));
  const study::Study& study = plan.study();
  const auto records = site_records(study, options.sites);
  ProgressLine progress(output.json);

  progress.show("starting the nodes");
  const Stopwatch starting;
  // As few as a consortium may have, or more where the protocol takes more.
  const auto compute_parties = static_cast<std::size_t>(std::max(3, mpc::parties_of(study.protocol)));
  const LocalConsortium nodes(records, compute_parties);
  const double start_seconds = starting.seconds();
  nodes.analyst().submit(governance::envelope_text(nodes.analyst().sign(study, 1)));
  for (const std::string& site : study.sites) nodes.approver_of(site).decide("approve", site, study.hash);

  const Stopwatch running;
  json result;
  const auto ended = attempt([&] {
    nodes.analyst().run(study.hash);
    nodes.analyst().follow(study.hash, [&](const json& status) { progress.show(progress_text(status)); });
    result = nodes.analyst().result(study.hash);
    result.erase("proof");  // by keys that are thrown away: nobody could check it
    return true;
  });
  const double run_seconds = running.seconds();
  progress.show("");
  if (!ended.ok()) fail_with_site_details(nodes, study, ended.error());
  write_result(options.out, result.dump());

  json summary = {{"study", study.hash},
                  {"result", (options.out / "result.json").string()},
                  {"report", (options.out / "report.html").string()},
                  {"seconds", {{"start", start_seconds}, {"run", run_seconds}}}};
  std::string text = result_text(result) + fmt::format("\n{:.2f} s (and {:.2f} s to start {} nodes)\n", run_seconds,
                                                       start_seconds, std::max(compute_parties, study.sites.size()));
  if (options.compare) {
    const RunComparison comparison = compare_run(plan, records, result.at("analyses"));
    summary["comparison"] = {{"largest_difference", comparison.pooled.largest_difference},
                             {"numbers", comparison.pooled.numbers},
                             {"plaintext_seconds", comparison.plaintext_seconds},
                             {"ratio", run_seconds / comparison.plaintext_seconds},
                             {"unprotected",
                              {{"largest_difference", comparison.unprotected.largest_difference},
                               {"numbers", comparison.unprotected.numbers}}}};
    text += comparison_text(comparison, run_seconds);
  }
  text += fmt::format("\nresult  {}\nreport  {}\n", (options.out / "result.json").string(),
                      (options.out / "report.html").string());
  std::fputs(output.json ? (summary.dump(2) + "\n").c_str() : text.c_str(), stdout);
}

}  // namespace cohortium::cli
