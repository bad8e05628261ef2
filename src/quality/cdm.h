// The tables of the OMOP common data model as the checks see them: what holds in versions 5.3 and 5.4 alike. Columns that
// no check looks at are not listed.
//
// Source  OHDSI CommonDataModel, OMOP_CDMv5.3_Field_Level.csv and OMOP_CDMv5.4_Field_Level.csv
#pragma once

#include <span>
#include <string_view>

namespace cohortium::quality {

enum class Holds {
  kKey,        // the table's own id
  kReference,  // the key of `target`
  kConcept,    // a concept id, of the domain `target` where there is one
  kDate,
  kWhole,   // within [low, high], where they differ
  kNumber,  // likewise
  kText
};

struct CdmColumn {
  std::string_view name;
  Holds holds;
  bool required = false;  // no row without it
  std::string_view target = {};
  double low = 0, high = 0;
};

struct CdmTable {
  std::string_view name;
  std::span<const CdmColumn> columns;
  std::string_view start = {}, end = {};  // the dates between which it happened
  std::string_view concept_column = {};   // what it is about, in standard concepts
};

std::span<const CdmTable> cdm_tables();
const CdmTable* find_cdm_table(std::string_view name);  // null when the model has none of this name

// What a measurement of a concept can be in a unit; outside, the value or the unit is wrong.
struct PlausibleRange {
  int measurement_concept;
  std::string_view measurement;  // "systolic blood pressure"
  int unit_concept;
  std::string_view unit;  // UCUM
  double low, high;
};
std::span<const PlausibleRange> plausible_ranges();

}  // namespace cohortium::quality
