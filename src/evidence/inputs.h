// All that evidence is made from: read once, checked, or refused as a whole.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/source_config.h"
#include "evidence/checked_log.h"
#include "evidence/document.h"
#include "evidence/own_statements.h"
#include "evidence/signed_study.h"
#include "governance/consortium_history.h"
#include "governance/privacy_ledger.h"
#include "harmonise/rules.h"

namespace cohortium::evidence {

// What a node's configuration file says, as far as evidence speaks of it. Nobody signs that file.
struct SiteConfiguration {
  std::string file, node;
  std::optional<data::SourceConfig> source = {};
  harmonise::SiteRules harmonise = {};
  governance::PrivacyBudget budget = {};
  std::optional<bool> key_encrypted = {};  // none: the key file is not here
  bool passphrase_in_file = false;
  std::vector<governance::PrivacyExpense> expenses = {};
};

struct Files {
  std::filesystem::path consortium;
  std::vector<std::filesystem::path> logs, heads, studies, decisions, facts;
};

struct Inputs {
  std::string consortium_file;
  governance::ConsortiumHistory history;
  std::vector<Log> logs;
  std::vector<SignedStudy> studies;  // in order of their hashes, one each
  OwnStatements own;
  std::optional<SiteConfiguration> configuration = {};

  const governance::Consortium& consortium() const { return history.last(); }
  std::vector<Input> listed() const;  // for the document
};

// Fails with what the checks of the files fail with: consortium.*, audit.*, envelope.*, decision.*, result.*,
// signature.*, evidence.*, file.*.
Inputs read_inputs(const Files& files, std::optional<SiteConfiguration> configuration);

}  // namespace cohortium::evidence
