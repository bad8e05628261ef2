// `cohortium study …`: an analyst's and an operator's dealings with nodes.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/passphrase.h"
#include "cli/progress_line.h"
#include "cli/result_text.h"
#include "governance/audit_keys.h"
#include "governance/consortium_history.h"
#include "governance/result_proof.h"
#include "node/http.h"
#include "study/check_text.h"
#include "study/report.h"

namespace cohortium::cli {
namespace {

using nlohmann::json;

Client client_of(const Caller& caller) {
  return {open_identity(caller.identity, caller.credential), governance::read_consortium(caller.consortium)};
}

void print(const Output& output, const json& machine, const std::string& people) {
  std::fputs(output.json ? (machine.dump(2) + "\n").c_str() : people.c_str(), stdout);
}

std::string status_text(const json& status) {
  std::string text =
      fmt::format("{}\n{}\nstate     {}\nsigned    by {}, expires {}\n", status["title"].get<std::string>(),
                  status["hash"].get<std::string>(), status["state"].get<std::string>(),
                  status["analyst"].get<std::string>(), status["expires"].get<std::string>());
  for (const json& approval : status.value("approvals", json::array())) {
    const std::string site = approval["site"];
    if (approval.contains("error")) {
      text += fmt::format("  {:<20} {}\n", site, approval["error"]["message"].get<std::string>());
    } else {
      text += fmt::format("  {:<20} {} of {} approvals\n", site, approval["given"].get<int>(),
                          approval["needed"].get<int>());
    }
  }
  if (status["state"] == "running") text += "  " + progress_text(status) + "\n";
  if (status.contains("error")) text += node::error_from_json(status["error"]).text() + "\n";
  return text;
}

// The result as the nodes of its run have signed it, whatever the coordinator hands out.
json proved_result(const Client& client, const Caller& caller, const std::string& hash) {
  json result = client.result(hash);
  const std::string digest = governance::consortium_digest_of(result);
  const auto consortium =
      digest.empty() ? client.consortium() : governance::consortium_version(caller.consortium, digest);
  const auto proved = governance::prove_result(result, consortium, governance::signature_check(caller.consortium));
  if (proved.facts.study == hash) return result;
  throw Failure({.code = "result.other_study",
                 .message = "the coordinator handed out the result of another study",
                 .where = proved.facts.study,
                 .rule = "a result names its study",
                 .remedy = "do not use it; ask the coordinator's operator"});
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

void sign_study(const Caller& caller, const std::filesystem::path& path, int days, const std::filesystem::path& out,
                const Output& output) {
  const study::Plan plan(study::read_study(path));
  const governance::Envelope envelope = client_of(caller).sign(plan.study(), days);
  write_file(out, governance::envelope_text(envelope) + "\n");
  print(output, {{"envelope", out.string()}, {"hash", envelope.study.hash}, {"expires", envelope.expires}},
        fmt::format("{}\nsigned by {}, expires {}\n", envelope.study.hash, envelope.analyst, envelope.expires));
}

void submit_study(const Caller& caller, const std::filesystem::path& path, int days, const Output& output) {
  const Client client = client_of(caller);
  const std::string text = read_file(path);
  const json document = json::parse(text, nullptr, false);
  const bool is_signed = document.is_object() && document.contains("cohortium_envelope");
  if (!is_signed) static_cast<void>(study::Plan(study::read_study(path)));
  const json answer = client.submit(
      is_signed ? text : governance::envelope_text(client.sign(study::parse_study(text, path.string()), days)));
  print(output, answer, answer["hash"].get<std::string>() + "\n");
}

void decide_on_study(const Caller& caller, const std::string& decision, const std::string& hash,
                     const std::string& node, const Output& output) {
  const json answer = client_of(caller).decide(decision, node, hash);
  const std::string title = answer["title"];
  print(output, answer,
        decision == "approve" ? fmt::format("{}: {} of {} approvals of \"{}\"\n", node, answer["given"].get<int>(),
                                            answer["needed"].get<int>(), title)
                              : fmt::format("{} has withdrawn from \"{}\"\n", node, title));
}

void show_study(const Caller& caller, const std::string& hash, const Output& output) {
  const governance::Envelope envelope = client_of(caller).envelope(hash);
  const study::Plan plan(envelope.study);
  const json document = json::parse(plan.study().canonical);
  print(output, json::parse(governance::envelope_text(envelope)),
        fmt::format("{}\nSigned by {} at {}; expires {}\n\nThe study file\n{}\n", study::check_text(plan),
                    envelope.analyst, envelope.signed_at, envelope.expires, document.dump(2)));
}

bool check_agreement(const Caller& caller, const std::string& hash, const Output& output) {
  const json answer = client_of(caller).agreement(hash);
  std::string text = answer["title"].get<std::string>() + "\n";
  bool all = true;
  for (const json& item : answer.at("items")) {
    all = all && item.at("agree").get<bool>();
    std::string sites;
    for (const json& site : item.at("apart")) sites += (sites.empty() ? ": " : ", ") + site.get<std::string>();
    text += fmt::format("  {:<10} {}{}\n", item.at("agree").get<bool>() ? "agree" : "DISAGREE",
                        item.at("item").get<std::string>(), sites);
  }
  print(output, answer, text);
  return all;
}

void run_study(const Caller& caller, const std::string& hash, const Output& output) {
  const Client client = client_of(caller);
  const json started = client.run(hash);
  ProgressLine progress(output.json);
  client.follow(hash, [&](const json& status) { progress.show(progress_text(status)); });
  progress.show("");
  print(output, started, result_text(proved_result(client, caller, hash)));
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
  const json result = proved_result(client_of(caller), caller, hash);
  write_result(out, result.dump());
  print(output, {{"result", (out / "result.json").string()}, {"report", (out / "report.html").string()}},
        result_text(result) +
            fmt::format("\nresult  {}\nreport  {}\n", (out / "result.json").string(), (out / "report.html").string()));
}

}  // namespace cohortium::cli
