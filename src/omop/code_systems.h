// Which OMOP vocabulary a code system of FHIR (URI, OID) or HL7 v2 (table 0396) is, and which standard concepts of OMOP
// administrative codes stand for: these are fixed, no vocabulary needs to be loaded for them.
#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace cohortium::omop {

// A system may stand for several vocabularies.
std::span<const std::pair<std::string_view, std::string_view>> code_systems();

int gender_concept(std::string_view gender);          // FHIR administrative-gender, HL7 table 0001
int race_concept(std::string_view cdc_code);          // CDC race and ethnicity codes
int ethnicity_concept(std::string_view code);         // the same, and HL7 table 0189
int visit_concept(std::string_view encounter_class);  // v3-ActCode, HL7 table 0004
int operator_concept(std::string_view comparator);    // <, <=, >=, >, =

}  // namespace cohortium::omop
