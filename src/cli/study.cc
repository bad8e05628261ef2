// `cohortium study …`: an analyst's and an operator's dealings with nodes.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/progress_line.h"
#include "cli/result_text.h"
#include "study/check_text.h"
#include "study/report.h"

namespace cohortium::cli {
namespace {

using nlohmann::json;

Client client_of(const Caller& caller) { return {caller.identity, governance::read_consortium(caller.consortium)}; }

void print(const Output& output, const json& machine, const std::string& people) {
  std::fputs(output.json ? (machine.dump(2) + "\n").c_str() : people.c_str(), stdout);
}

std::string status_text(const json& status) {
  std::string text = fmt::format("{}\n{}\nstate     {}\n", status["title"].get<std::string>(),
                                 status["hash"].get<std::string>(), status["state"].get<std::string>());
  for (const json& approval : status.value("approvals", json::array())) {
    const std::string site = approval["site"];
    if (approval.contains("error")) {
      text += fmt::format("  {:<20} {}\n", site, approval["error"]["message"].get<std::string>());
    } else if (approval["approved"].get<bool>()) {
      text += fmt::format("  {:<20} approved by {} at {}\n", site, approval["by"].get<std::string>(),
                          approval["time"].get<std::string>());
    } else {
      text += fmt::format("  {:<20} not approved yet\n", site);
    }
  }
  if (status["state"] == "running") text += "  " + progress_text(status) + "\n";
  if (status.contains("error")) text += node::error_from_json(status["error"]).text() + "\n";
  return text;
}

}  // namespace

void write_result(const std::filesystem::path& out, const std::string& result_json) {
  std::error_code ignored;
  std::filesystem::create_directories(out, ignored);
  const json result = json::parse(result_json);
  const std::string report = study::render_report(result);
  write_file(out / "result.json", result.dump(2) + "\n");
  write_file(out / "report.html", report);
}

void check_study(const std::filesystem::path& path, const Output& output) {
  const study::Plan plan(study::read_study(path));
  print(output, output.json ? study::check_summary(plan) : json(), output.json ? "" : study::check_text(plan));
}

void submit_study(const Caller& caller, const std::filesystem::path& path, const Output& output) {
  const study::Plan plan(study::read_study(path));
  const json answer = client_of(caller).submit(plan.study().canonical);
  print(output, answer, answer["hash"].get<std::string>() + "\n");
}

void approve_study(const Caller& caller, const std::string& hash, const std::string& node, const Output& output) {
  const Client client = client_of(caller);
  const json answer = client.approve(node, hash);
  print(output, answer, fmt::format("{} has approved \"{}\"\n", node, answer["title"].get<std::string>()));
}

void show_study(const Caller& caller, const std::string& hash, const Output& output) {
  const study::Plan plan(study::parse_study(client_of(caller).file(hash), "study"));
  if (plan.study().hash != hash) {
    throw Failure({.code = "node.altered_study",
                   .message = "the coordinator sent another study than the one asked for",
                   .where = hash,
                   .remedy = "do not approve; ask the coordinator's operator"});
  }
  const json document = json::parse(plan.study().canonical);
  print(output, document, study::check_text(plan) + "\nThe study file\n" + document.dump(2) + "\n");
}

void run_study(const Caller& caller, const std::string& hash, const Output& output) {
  const Client client = client_of(caller);
  const json started = client.run(hash);
  ProgressLine progress(output.json);
  client.follow(hash, [&](const json& status) { progress.show(progress_text(status)); });
  progress.show("");
  print(output, started, result_text(client.result(hash)));
}

void show_status(const Caller& caller, const std::string& hash, const Output& output) {
  const Client client = client_of(caller);
  if (!hash.empty()) {
    const json status = client.study(hash);
    print(output, status, status_text(status));
    return;
  }
  const json all = client.studies();
  std::string text;
  for (const json& study : all["studies"])
    text += fmt::format("{}  {}\n", study["hash"].get<std::string>(), study["title"].get<std::string>());
  print(output, all, text);
}

void fetch_result(const Caller& caller, const std::string& hash, const std::filesystem::path& out,
                  const Output& output) {
  const json result = client_of(caller).result(hash);
  write_result(out, result.dump());
  print(output, {{"result", (out / "result.json").string()}, {"report", (out / "report.html").string()}},
        result_text(result) +
            fmt::format("\nresult  {}\nreport  {}\n", (out / "result.json").string(), (out / "report.html").string()));
}

}  // namespace cohortium::cli
