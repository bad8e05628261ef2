// A site's own table of what its codes mean: a CSV file in the shape of the common data model's source_to_concept_map.
//
//   source_code,source_vocabulary_id,target_concept_id       required
//   valid_start_date,valid_end_date,invalid_reason,...        a row with an invalid_reason is left out; others are ignored
//
// A code may map to several concepts. The same row twice is refused: somebody changed one of them and not the other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cohortium::harmonise {

using SiteMap = std::map<std::string, std::vector<std::int64_t>>;  // code to concepts

// Fails with harmonise.bad_map (`where` = file:line) or data.unreadable_file.
SiteMap read_site_map(const std::filesystem::path& path);

}  // namespace cohortium::harmonise
