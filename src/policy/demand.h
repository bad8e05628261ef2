// What a study asks of a site, read off its plan: kinds of analysis, and every column with all that is done with it.
//
// Guaranteed  no column is read, selected by, computed with or shared that is not here: filters, formulas, dates from which
//             days are counted, columns of units, what tells duplicates apart, and the columns behind a cohort and its
//             features, SQL included (cohort/columns_read.h); what cannot be followed is the whole table, "*"
// Not         what values mean: that a diagnosis is sensitive depends on its concept, which no column's name tells
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/policy.h"
#include "study/plan.h"

namespace cohortium::policy {

struct ColumnDemand {
  std::map<Use, std::string> uses = {};  // and where the study first asks for it: a JSON path
};

struct AnalysisDemand {
  std::string kind = {}, path = {};
  bool opened = false;  // of strength "opened", or asks sites at public states
};

struct Demand {
  std::string study = {}, purpose = {}, protocol = {};
  std::vector<AnalysisDemand> analyses = {};
  std::map<std::pair<std::string, std::string>, ColumnDemand> columns = {};  // by table and column
  std::uint64_t minimum_cell = 0;
  bool exact_curves = false;
  std::optional<double> privacy_loss = {};  // rho; none: without noise
};

Demand demand_of(const study::Plan& plan);

// Tables of the vocabulary, which hold no patient's data and no role: every cohort looks concepts up in them.
bool is_vocabulary(const std::string& table);

}  // namespace cohortium::policy
