// Source codes to standard concepts: the site's own map (source_to_concept_map) first, then the vocabulary, by a code's
// own concept where it is standard and by "Maps to" where it is not. For .cc files of this folder only.
#pragma once

#include "data/duckdb.h"

namespace cohortium::omop {

// Makes `code_target` (system, code, source concept, k, target concept, its domain): what was looked up so far. A code
// that maps to several concepts has several rows, k = 0, 1, …; one that maps to none has target 0.
void create_code_lookup(data::Database& database);
// Looks up the codes of the batch that are new, and chooses among the codings of each field the first that has a target:
// `chosen` (n, part, role, system, code, display).
void look_up_codes(data::Database& database);

}  // namespace cohortium::omop
