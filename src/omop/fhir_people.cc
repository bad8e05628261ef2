// Patients, organisations, places and practitioners of FHIR R4.
#include <fmt/format.h>

#include <algorithm>

#include "omop/code_systems.h"
#include "omop/fhir_resources.h"

namespace cohortium::omop {
namespace {

// US Core race and ethnicity: the OMB category, or the text.
struct UsCore {
  std::string code, text;
};

UsCore us_core(const Json& resource, std::string_view name) {
  const std::string url = fmt::format("http://hl7.org/fhir/us/core/StructureDefinition/us-core-{}", name);
  UsCore result;
  for (const Json& extension : resource["extension"].items()) {
    if (extension["url"].text() != url) continue;
    for (const Json& part : extension["extension"].items()) {
      if (part["url"].text() == "ombCategory" && result.code.empty()) result.code = part["valueCoding"]["code"].text();
      if (part["url"].text() == "text") result.text = part["valueString"].text();
    }
  }
  return result;
}

// How conditional references name it: "Organization?identifier=system|value".
std::vector<std::string> identifier_aliases(const Json& resource, const std::string& kind) {
  std::vector<std::string> aliases;
  for (const Json& identifier : resource["identifier"].items()) {
    const std::string value = identifier["value"].text();
    if (!value.empty()) aliases.push_back(fmt::format("{}?identifier={}|{}", kind, identifier["system"].text(), value));
  }
  return aliases;
}

std::string full_name(const Json& name) {
  if (const std::string text = name["text"].text(); !text.empty()) return text;
  std::string result;
  for (const char* part : {"prefix", "given"})
    for (const Json& piece : name[part].items()) result += piece.text() + " ";
  return result + name["family"].text();
}

}  // namespace

Address address_of(const Json& address) {
  std::vector<std::string> lines;
  for (const Json& line : address["line"].items()) lines.push_back(line.text());
  Address result{.line_1 = lines.empty() ? "" : lines[0],
                 .line_2 = {},
                 .city = address["city"].text(),
                 .state = address["state"].text(),
                 .zip = address["postalCode"].text(),
                 .county = address["district"].text(),
                 .country = address["country"].text()};
  for (std::size_t i = 1; i < lines.size(); ++i) result.line_2 += (i == 1 ? "" : ", ") + lines[i];
  return result;
}

void map_patient(const Json& resource, Draft& draft) {
  const auto birth = resource["birthDate"].moment();
  if (!birth) throw Refusal{"birth_date_missing"};
  Person person{.birth = *birth};
  for (const Json& extension : resource["_birthDate"]["extension"].items())
    if (extension["url"].text() == "http://hl7.org/fhir/StructureDefinition/patient-birthTime")
      person.birth = extension["valueDateTime"].moment().value_or(person.birth);
  if (person.birth.date() != birth->date() && birth->whole()) person.birth = *birth;  // they contradict each other
  person.gender = resource["gender"].text();
  person.gender_concept = gender_concept(person.gender);
  const UsCore race = us_core(resource, "race"), ethnicity = us_core(resource, "ethnicity");
  person.race = race.code.empty() ? race.text : race.code;
  person.race_concept = race_concept(race.code);
  person.ethnicity = ethnicity.code.empty() ? ethnicity.text : ethnicity.code;
  person.ethnicity_concept = ethnicity_concept(ethnicity.code);
  person.death = noted(resource["deceasedDateTime"].moment(), draft);
  if (resource["deceasedBoolean"].flag().value_or(false)) draft.notes.push_back("death_without_date");
  if (const Json address = resource["address"].first(); address.present()) draft.address = address_of(address);
  draft.care_site = reference_to(resource["managingOrganization"], {"Organization"});
  draft.provider = reference_to(resource["generalPractitioner"].first(), {"Practitioner"});
  draft.subject = draft.key();
  draft.person = std::move(person);
}

void map_organization(const Json& resource, Draft& draft) {
  draft.organisation = {.name = resource["name"].text(), .type = code_of(resource["type"].first())};
  if (const Json address = resource["address"].first(); address.present()) draft.address = address_of(address);
  draft.aliases = identifier_aliases(resource, draft.kind);
}

void map_location(const Json& resource, Draft& draft) {
  draft.organisation = {.name = resource["name"].text(), .type = code_of(resource["type"].first())};
  if (const Json address = resource["address"]; address.present()) draft.address = address_of(address);
  draft.aliases = identifier_aliases(resource, draft.kind);
}

void map_practitioner(const Json& resource, Draft& draft) {
  Practitioner practitioner{.name = full_name(resource["name"].first()),
                            .npi = {},
                            .specialty = code_of(resource["qualification"].first()["code"]),
                            .gender = resource["gender"].text()};
  practitioner.gender_concept = gender_concept(practitioner.gender);
  for (const Json& identifier : resource["identifier"].items())
    if (identifier["system"].text() == "http://hl7.org/fhir/sid/us-npi") practitioner.npi = identifier["value"].text();
  draft.aliases = identifier_aliases(resource, draft.kind);
  draft.practitioner = std::move(practitioner);
}

}  // namespace cohortium::omop
