// Statements with their sources, from checked inputs: what the parts of a document are put together from.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/inputs.h"

namespace cohortium::evidence {

// What a document is about: one study, or a consortium with all studies that are at hand.
struct Subject {
  const Inputs& inputs;
  const SignedStudy* study = nullptr;  // null: the consortium

  std::vector<const SignedStudy*> studies() const;
  std::vector<std::string> sites() const;
  bool concerns(const LogEntry& entry) const;  // of logs
};

using Statements = std::vector<Statement>;

Statement from_consortium(const Inputs& inputs, const std::string& field, const std::string& text,
                          nlohmann::json value = {});
Statement from_study(const SignedStudy& study, const std::string& path, const std::string& text,
                     nlohmann::json value = {});
Statement from_log(const Log& log, const LogEntry& entry, const std::string& text, nlohmann::json value = {});
Statement from_head(const Log& log, const std::string& text, nlohmann::json value = {});
Statement from_configuration(const SiteConfiguration& configuration, const std::string& field, const std::string& text,
                             nlohmann::json value = {});
// `document` is where the project says so: "SECURITY.md".
Statement from_software(const std::string& document, const std::string& text);

// What the logs say of these events: of a study every entry, of a consortium how many there are of each.
Statements logged_events(const Subject& subject, std::initializer_list<std::string_view> events);
template <class... Names>
Statements logged(const Subject& subject, Names... events) {
  return logged_events(subject, {std::string_view(events)...});
}

// Who takes part, in which roles, decided by whom.
Statements members_of(const Subject& subject);
Statements people_of(const Subject& subject, std::initializer_list<governance::Role> roles);
Statements rules_of(const Inputs& inputs);    // of the consortium, for every study
Statements changes_of(const Inputs& inputs);  // of the consortium file
Statements approvals_of(const Subject& subject);
Statements runs_of(const Subject& subject);

void append(Statements& all, Statements more);

}  // namespace cohortium::evidence
