// The OMOP vocabulary tables and a site's own map of codes, from the CSV files of a folder into a Store.
//
// Files     CONCEPT.csv, CONCEPT_RELATIONSHIP.csv, … as Athena delivers them (tabs, no quotes) or with commas and quotes,
//           names in any case, also .csv.gz; of source_to_concept_map.csv only source_code, source_vocabulary_id (a
//           vocabulary or the URI of a code system) and target_concept_id are needed.
// Replaces  each table that the folder has a file for, all in one transaction. Records that are loaded again afterwards are
//           mapped anew.
#pragma once

#include <filesystem>

#include "omop/loader.h"

namespace cohortium::omop {

// Rows of each table that was loaded. The store must be able to read other files. Fails with omop.nothing_to_load or
// omop.bad_vocabulary.
Counts load_vocabulary(Store& store, const std::filesystem::path& folder);

}  // namespace cohortium::omop
