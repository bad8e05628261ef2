#include "omop/code_systems.h"

namespace cohortium::omop {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr Pair kSystems[] = {
    {"http://snomed.info/sct", "SNOMED"},
    {"urn:oid:2.16.840.1.113883.6.96", "SNOMED"},
    {"SCT", "SNOMED"},
    {"SNM3", "SNOMED"},
    {"http://loinc.org", "LOINC"},
    {"urn:oid:2.16.840.1.113883.6.1", "LOINC"},
    {"LN", "LOINC"},
    {"http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm"},
    {"http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm Extension"},
    {"urn:oid:2.16.840.1.113883.6.88", "RxNorm"},
    {"RXNORM", "RxNorm"},
    {"http://hl7.org/fhir/sid/cvx", "CVX"},
    {"urn:oid:2.16.840.1.113883.12.292", "CVX"},
    {"CVX", "CVX"},
    {"http://hl7.org/fhir/sid/ndc", "NDC"},
    {"urn:oid:2.16.840.1.113883.6.69", "NDC"},
    {"NDC", "NDC"},
    {"http://www.whocc.no/atc", "ATC"},
    {"ATC", "ATC"},
    {"http://hl7.org/fhir/sid/icd-10-cm", "ICD10CM"},
    {"urn:oid:2.16.840.1.113883.6.90", "ICD10CM"},
    {"I10C", "ICD10CM"},
    {"http://hl7.org/fhir/sid/icd-10", "ICD10"},
    {"urn:oid:2.16.840.1.113883.6.3", "ICD10"},
    {"I10", "ICD10"},
    {"http://fhir.de/CodeSystem/bfarm/icd-10-gm", "ICD10GM"},
    {"http://hl7.org/fhir/sid/icd-9-cm", "ICD9CM"},
    {"urn:oid:2.16.840.1.113883.6.103", "ICD9CM"},
    {"I9C", "ICD9CM"},
    {"I9", "ICD9CM"},
    {"urn:oid:2.16.840.1.113883.6.104", "ICD9Proc"},
    {"http://www.cms.gov/Medicare/Coding/ICD10", "ICD10PCS"},
    {"urn:oid:2.16.840.1.113883.6.4", "ICD10PCS"},
    {"I10P", "ICD10PCS"},
    {"http://www.ama-assn.org/go/cpt", "CPT4"},
    {"C4", "CPT4"},
    {"CPT", "CPT4"},
    {"http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "HCPCS"},
    {"urn:oid:2.16.840.1.113883.6.285", "HCPCS"},
    {"HCPCS", "HCPCS"},
    {"HPC", "HCPCS"},
    {"http://fhir.de/CodeSystem/bfarm/ops", "OPS"},
    {"http://unitsofmeasure.org", "UCUM"},
    {"UCUM", "UCUM"},
};

int find(std::span<const std::pair<std::string_view, int>> table, std::string_view code) {
  for (const auto& [known, concept_id] : table)
    if (known == code) return concept_id;
  return 0;
}

}  // namespace

std::span<const Pair> code_systems() { return kSystems; }

int gender_concept(std::string_view gender) {
  constexpr std::pair<std::string_view, int> table[] = {{"male", 8507}, {"M", 8507}, {"female", 8532}, {"F", 8532}};
  return find(table, gender);
}

int race_concept(std::string_view cdc_code) {
  constexpr std::pair<std::string_view, int> table[] = {
      {"2106-3", 8527}, {"2054-5", 8516}, {"2028-9", 8515}, {"1002-5", 8657}, {"2076-8", 8557}};
  return find(table, cdc_code);
}

int ethnicity_concept(std::string_view code) {
  constexpr std::pair<std::string_view, int> table[] = {
      {"2135-2", 38003563}, {"H", 38003563}, {"2186-5", 38003564}, {"N", 38003564}};
  return find(table, code);
}

int visit_concept(std::string_view encounter_class) {
  constexpr std::pair<std::string_view, int> table[] = {
      {"AMB", 9202}, {"EMER", 9203},     {"IMP", 9201}, {"ACUTE", 9201}, {"NONAC", 9201}, {"SS", 9201}, {"HH", 581476},
      {"VR", 5083},  {"OBSENC", 581385}, {"I", 9201},   {"O", 9202},     {"E", 9203},     {"R", 9202},  {"B", 9201}};
  return find(table, encounter_class);
}

int operator_concept(std::string_view comparator) {
  constexpr std::pair<std::string_view, int> table[] = {
      {"<", 4171756}, {"<=", 4171754}, {"=", 4172703}, {">=", 4171755}, {">", 4172704}};
  return find(table, comparator);
}

}  // namespace cohortium::omop
