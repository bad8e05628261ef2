// A study file: parsed, checked against the schema and in itself.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/features.h"
#include "data/table.h"
#include "harmonise/rules.h"
#include "mpc/outcome.h"
#include "release/noise.h"
#include "statistics/analysis.h"

namespace cohortium::study {

// Analyses whose p-values are adjusted for one another.
struct Adjustment {
  std::string method;
  std::vector<std::string> analyses;  // ids
};

struct Study {
  std::string title, purpose;
  std::vector<std::string> sites;
  std::string protocol = "replicated3";
  data::TableDeclaration data;
  std::shared_ptr<const cohort::CohortTable> cohort;  // where the rows are of a cohort, and the columns its features
  harmonise::StudyRules harmonise;
  std::vector<statistics::AnalysisEntry> analyses;
  mpc::ReleaseRule release;  // where numbers are rounded, its minimum is what that needs (release/rounding.h)
  std::optional<release::PrivacyRule> privacy;
  std::optional<Adjustment> adjustment;
  std::string canonical;  // the document with sorted keys and no white space: what is hashed and what nodes exchange
  std::string hash;       // SHA-256 of `canonical`, hexadecimal: the study's identity
};

// Fails with study.* (`where` = file:line:column for syntax, JSON path for content), harmonise.* or data.bad_filter.
Study parse_study(std::string_view text, const std::string& file_name);
Study read_study(const std::filesystem::path& path);

}  // namespace cohortium::study
