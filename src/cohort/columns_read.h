// Which columns of the site's tables stand behind a cohort and its features: for whoever decides who may read what.
//
// Found in the syntax tree of the very query that runs at the site, without knowing what columns its tables have.
//
// Guaranteed  every column that bears on the outcome is named, or "*", which is the whole table
// Not         the fewest: a name without its table counts for every table in reach, and where the tree holds something
//             unknown every table counts as read in whole
#pragma once

#include <map>
#include <set>
#include <string>

#include "cohort/features.h"

namespace cohortium::cohort {

// By table, in small letters; "*" where the whole table counts as read.
using ColumnsRead = std::map<std::string, std::set<std::string>>;

// Of the cohort and all features.
ColumnsRead columns_read(const CohortTable& table);
// Of what one feature says of a member, the dates of whose cohort entry are given.
ColumnsRead columns_read_by_feature(const CohortTable& table, std::size_t feature);

}  // namespace cohortium::cohort
