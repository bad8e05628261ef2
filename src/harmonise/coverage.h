// What of a source is harmonised: which codes have standard concepts, or could have, and whether the units of each
// measurement can be turned into one another.
//
// Reads      tables of the common data model, in the source's own engine
// Reveals    nothing: codes and counts are for the site's own people
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/source.h"
#include "harmonise/site_map.h"

namespace cohortium::harmonise {

enum class MappedBy { kNothing, kSiteMap, kVocabulary };
const char* name_of(MappedBy by);  // "nothing", "site map", "vocabulary"

// A code of the source on rows without a standard concept.
struct UnmappedCode {
  std::string table = {}, code = {};
  std::int64_t rows = 0;
  std::int64_t concept_id = 0;  // that it would map to; 0: none. Of several the smallest
  MappedBy by = MappedBy::kNothing;
};

struct TableCoverage {
  std::string table = {};
  std::int64_t rows = 0, mapped = 0;                // rows; of these with a standard concept
  std::int64_t by_site_map = 0, by_vocabulary = 0;  // further rows that could have one
  std::int64_t codes_not_looked_at = 0;             // rows of codes beyond the most frequent 10,000
};

struct CodeCoverage {
  std::vector<TableCoverage> tables;
  std::vector<UnmappedCode> codes;  // the most frequent first
};

// The site's map goes before the vocabulary, which says what a code's own concept, or the only concept of this code,
// "Maps to". Fails with data.source_failed.
CodeCoverage code_coverage(data::Source& source, const SiteMap& site_map);

// One unit of one measurement concept, and whether its values can be turned into the most frequent unit's.
struct MeasuredUnit {
  std::int64_t concept_id = 0;
  std::string unit = {};  // UCUM, of the unit's concept, else as the source wrote it; empty: none
  std::int64_t rows = 0;
  std::string into = {};   // the most frequent unit of the concept
  std::string fault = {};  // "": convertible; else the code of the refusal: harmonise.unknown_unit, …
};

// Of all measurements with a number. Fails with data.source_failed.
std::vector<MeasuredUnit> measured_units(data::Source& source);

}  // namespace cohortium::harmonise
