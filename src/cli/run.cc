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
#include "study/plan.h"
#include "study/pooled_reference.h"
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

std::map<std::string, std::filesystem::path> site_folders(const study::Study& study,
                                                          const std::vector<std::string>& given) {
  auto refuse = [](const std::string& message, const std::string& remedy) {
    throw Failure({.code = "cli.bad_site", .message = message, .where = "--site", .remedy = remedy});
  };
  std::map<std::string, std::filesystem::path> folders;
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
      refuse("\"" + text + "\" is not NAME=FOLDER", "write for example --site north=records/north");
    const std::string name = text.substr(0, equals), folder = text.substr(equals + 1);
    if (std::find(study.sites.begin(), study.sites.end(), name) == study.sites.end()) {
      refuse("the study has no site \"" + name + "\"", fmt::format("its sites are {}", fmt::join(study.sites, ", ")));
    }
    if (!std::filesystem::is_directory(folder))
      refuse("\"" + folder + "\" is not a folder", "name the folder that holds the site's table");
    if (!folders.emplace(name, folder).second) refuse("site \"" + name + "\" is given twice", "give each site once");
  }
  for (const std::string& site : study.sites) {
    if (!folders.contains(site))
      refuse("no folder is given for site \"" + site + "\"", "add --site " + site + "=FOLDER");
  }
  return folders;
}

struct RunComparison {
  study::Agreement pooled, unprotected;
  double plaintext_seconds = 0;
};

RunComparison compare_run(const study::Plan& plan, const std::map<std::string, std::filesystem::path>& folders,
                          const json& analyses) {
  std::vector<std::filesystem::path> all;
  std::vector<data::Table> tables;
  for (const std::string& site : plan.study().sites) {
    all.push_back(folders.at(site));
    tables.push_back(data::load_table(all.back(), plan.study().data));
    tables.back().site = all.size() - 1;
    tables.back().sites = plan.study().sites.size();
  }
  const study::PooledAnswer pooled = study::analyse_pooled(plan.study(), all);
  return {.pooled = study::compare(plan.study(), pooled, analyses),
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
  const auto folders = site_folders(study, options.sites);
  ProgressLine progress(output.json);

  progress.show("starting the nodes");
  const Stopwatch starting;
  const LocalConsortium nodes(folders);
  const double start_seconds = starting.seconds();
  nodes.analyst().submit(read_file(options.study));
  for (const std::string& site : study.sites) nodes.operator_of(site).approve(site, study.hash);

  const Stopwatch running;
  json result;
  const auto ended = attempt([&] {
    nodes.analyst().run(study.hash);
    nodes.analyst().follow(study.hash, [&](const json& status) { progress.show(progress_text(status)); });
    result = nodes.analyst().result(study.hash);
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
                                                       start_seconds, std::max<std::size_t>(3, study.sites.size()));
  if (options.compare) {
    const RunComparison comparison = compare_run(plan, folders, result.at("analyses"));
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
