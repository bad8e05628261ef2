// What sites should agree in before their records are counted together, and what each of them has.
//
// An item is named after what the study says of it, so all nodes have the same list. What a site has becomes a number:
// the head of a SHA-256, where sites must have the same, or the value itself, where they may differ by so much. These
// numbers say much about a site (a vocabulary's version, a first date can be guessed and tried): they go nowhere but
// into secret shares, and are compared under the protocol (release/agreement.h).
//
//   schema      of each table that is read: its columns, of the common data model those that the model has
//   vocabulary  its version; the concepts of each concept set, descendants and all
//   units       of each column with a unit: whether the site's unit is known; of a cohort's values that are not converted:
//               the units that at least a twentieth of them have
//   coverage    of each table and column with concepts: the share of rows that have one, by the site's mapping
//   time        of each table, or column of dates: the first and the last day
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cohort/features.h"
#include "data/source.h"
#include "data/table.h"
#include "harmonise/rules.h"

namespace cohortium::harmonise {

struct AgreementValue {
  std::uint64_t high = 0, low = 0;
  bool operator==(const AgreementValue&) const = default;
};

struct AgreementItem {
  std::string name;          // "schema of measurement"
  bool same = true;          // else numbers (in `low`) that may differ by `within`
  std::uint64_t within = 0;  // below 2^32; numbers are below 2^41
  std::function<AgreementValue(data::Source&, const SiteRules&)> measure;
};

// Of a study that has agreement rules. `cohort` is null where the rows are of a table. Measuring fails with
// data.source_failed, harmonise.bad_map.
std::vector<AgreementItem> agreement_items(const data::TableDeclaration& table, const cohort::CohortTable* cohort,
                                           const StudyRules& study);

}  // namespace cohortium::harmonise
