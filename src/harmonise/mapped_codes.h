// A site's codes and the concepts they map to, as common table expressions: the join runs in the site's own engine, its
// tables stay as they are.
//
// The order is that of coverage.h: the site's own map; what the code's own concept "Maps to"; where the source names no
// concept, what the only concept of this code "Maps to". A code that maps to several concepts gives a row for each, as
// in a database that was loaded by the same map.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cohort/features.h"
#include "data/source.h"
#include "harmonise/rules.h"
#include "quality/model.h"

namespace cohortium::harmonise {

class MappedCodes {
 public:
  // Reads the site's map. Fails with harmonise.bad_map, data.unreadable_file, data.source_failed.
  MappedCodes(data::Source& source, const SiteRules& rules);

  // Adds an expression over the rows t of `from` where `wanted`, with code, source_concept and concept_id, and returns
  // its name. `code` and `source_concept` are expressions over t, of text and of 64 bits.
  std::string add(const std::string& from, const std::string& code, const std::string& source_concept,
                  const std::string& wanted);
  // The SELECT behind what was added; it may begin with a WITH of its own.
  std::string before(const std::string& select) const;

  // How a table of the common data model stands in SQL: its rows with the concepts they map to in place of 0.
  std::string table(const std::string& name);

 private:
  std::string vocabulary_rows(const std::string& codes) const;

  data::Source& source_;
  const quality::Model model_;
  const bool vocabulary_;
  std::string expressions_;
  std::size_t count_ = 0;
};

// The cohort's query over mapped tables (cohort::feature_query).
cohort::Query mapped_query(data::Source& source, const SiteRules& rules, const cohort::CohortTable& table,
                           bool with_person);

}  // namespace cohortium::harmonise
