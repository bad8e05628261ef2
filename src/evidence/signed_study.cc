#include "evidence/signed_study.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "governance/decision.h"
#include "governance/roles.h"
#include "study/forecast.h"
#include "study/plan.h"
#include "study/privacy.h"

namespace cohortium::evidence {
namespace {

using nlohmann::json;

constexpr std::size_t largest_file = std::size_t{256} << 20;

// Whether a version of the consortium file has this very key as an analyst's of this name.
bool is_analyst(const governance::Envelope& envelope, const governance::ConsortiumHistory& history) {
  const std::string key = governance::fingerprint_of(envelope.signature);
  for (int number = 1; number <= static_cast<int>(history.versions().size()); ++number) {
    const governance::Person* person = history.version(number).find_person(envelope.analyst);
    if (person != nullptr && person->fingerprint == key && may(person->role, governance::Action::kSubmitStudy))
      return true;
  }
  return false;
}

void check_signed(const governance::Envelope& envelope, const json& signed_study,
                  const governance::ConsortiumHistory& history, const governance::SignatureCheck& check) {
  if (envelope.consortium != history.last().founding_digest) {
    throw Failure({.code = "envelope.other_consortium",
                   .message = "the study was signed for another consortium",
                   .where = envelope.study.hash,
                   .rule = "a signature counts in the consortium it names",
                   .remedy = "use the consortium file that the study was signed for"});
  }
  check(envelope.signature, "study", signed_study.at("statement"));
  if (is_analyst(envelope, history)) return;
  throw Failure({.code = "envelope.not_an_analyst",
                 .message = envelope.analyst + " signed the study as an analyst, but is none",
                 .where = envelope.study.hash,
                 .rule = "only an analyst may, by the consortium file",
                 .remedy = "have an analyst of the consortium sign it"});
}

SignedStudy described(const std::filesystem::path& file, const governance::Envelope& envelope) {
  const study::Plan plan(envelope.study);
  SignedStudy known{.file = file.filename().string(),
                    .envelope = envelope,
                    .leakage = study::to_json(study::leakage_statement(plan)),
                    .privacy = study::privacy_facts(plan)};
  for (std::size_t i = 0; i < plan.declarations().size(); ++i)
    known.computes.push_back(plan.study().analyses[i].id + ": " + plan.declarations()[i].computes);
  return known;
}

}  // namespace

SignedStudy read_signed_study(const std::filesystem::path& file, const governance::ConsortiumHistory& history,
                              const governance::SignatureCheck& check) {
  const std::string text = read_file(file, largest_file);
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("cohortium_result")) {
    const governance::Envelope envelope = governance::parse_envelope(text);
    check_signed(envelope, document, history, check);
    return described(file, envelope);
  }
  const std::string digest = governance::consortium_digest_of(document);
  const governance::Consortium* version = nullptr;
  for (int number = 1; number <= static_cast<int>(history.versions().size()); ++number)
    if (history.version(number).digest == digest) version = &history.version(number);
  // Says what is missing or differs where there is no such version.
  auto proved = governance::prove_result(document, version != nullptr ? *version : history.last(), check);
  const json& signed_study = document.at("proof").at("envelope");
  const governance::Envelope envelope = governance::parse_envelope(signed_study.dump());
  check_signed(envelope, signed_study, history, check);
  SignedStudy known = described(file, envelope);
  known.leakage = document.at("leakage");
  for (auto& approval : governance::approvals_in(document.at("proof").at("decisions"), envelope, *version))
    known.approvals.push_back({std::move(approval), known.file});
  known.proved = std::move(proved);
  return known;
}

void add_approvals(SignedStudy& study, const std::filesystem::path& file, const governance::Consortium& consortium,
                   const governance::SignatureCheck& check) {
  const json list = json::parse(read_file(file, largest_file), nullptr, false);
  if (!list.is_array()) {
    throw Failure({.code = "evidence.bad_decisions",
                   .message = "this is no list of approvals and withdrawals",
                   .where = file.string(),
                   .remedy = "give decisions.json as the node keeps it for the study"});
  }
  json by_site;
  for (const std::string& site : study.study().sites) by_site[site] = json::array();
  for (const json& each : list) {
    const governance::Decision decision = governance::decision_from_json(each);
    check(decision.signature, "decision", each.at("statement"));
    if (by_site.contains(decision.site)) by_site[decision.site].push_back(each);
  }
  if (study.proved) return;  // the result says which approvals stood when the run began
  for (study::Approval& approval : governance::approvals_in(by_site, study.envelope, consortium)) {
    const bool is_known = std::any_of(study.approvals.begin(), study.approvals.end(), [&](const auto& known) {
      return known.approval.site == approval.site && known.approval.by == approval.by;
    });
    if (!is_known) study.approvals.push_back({std::move(approval), file.filename().string()});
  }
}

}  // namespace cohortium::evidence
