// What one record of the source (a FHIR resource, a segment of an HL7 v2 message) says, before codes are looked up and
// ids are given: the mappers make Drafts, the loader (loader.h) makes rows of OMOP tables of them.
//
// A record is named by its kind and id; other records name it by its key, "Encounter/17". A record that cannot be
// mapped carries the reason instead of content (docs/omop.md lists all reasons).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "omop/moments.h"

namespace cohortium::omop {

// A coded value as it stands in the source: one concept in one or several code systems, or a text alone.
struct Coding {
  std::string system = {}, code = {}, display = {};
};
using Codings = std::vector<Coding>;  // in order of preference

// Where an event goes when the vocabulary does not say otherwise.
enum class Area { kVisit, kCondition, kDrug, kProcedure, kMeasurement, kObservation };

struct Event {
  Area area = Area::kObservation;
  std::string part = {};  // tells the events of one record apart; empty for the first
  Moment start = {};
  std::optional<Moment> end = {};
  int type_concept = 32817;                  // "EHR": where the record comes from
  std::optional<int> standard_concept = {};  // known without a vocabulary (the class of a visit)
  Codings code = {}, value = {}, unit = {}, route = {}, qualifier = {};
  Codings admitted_from = {}, discharged_to = {};
  std::string medication = {};  // key of the record that holds the code
  std::optional<double> number = {}, range_low = {}, range_high = {}, quantity = {};
  std::optional<int> operator_concept = {};
  std::string text = {};  // the value as a text
  std::optional<int> days_supply = {}, refills = {};
  std::string instructions = {}, lot = {}, dose_unit = {}, stop_reason = {};
};

struct Address {
  std::string line_1 = {}, line_2 = {}, city = {}, state = {}, zip = {}, county = {}, country = {};
};

struct Person {
  Moment birth = {};
  int gender_concept = 0, race_concept = 0, ethnicity_concept = 0;
  std::string gender = {}, race = {}, ethnicity = {};
  std::optional<Moment> death = {};
};

struct Organisation {
  std::string name = {}, type = {};
};

struct Practitioner {
  std::string name = {}, npi = {}, specialty = {}, gender = {};
  int gender_concept = 0;
};

// Why a record is not mapped; thrown by the mappers, and caught where its line is known.
struct Refusal {
  const char* reason;
  bool withdraws = false;
};

struct Draft {
  std::string kind = {}, id = {};
  std::int64_t line = 0;               // in the file; for HL7 v2 the first line of the message
  std::string raw = {};                // as it stood in the file: kept with rejects, and digested
  std::optional<Moment> updated = {};  // when the source last changed it
  bool only_if_absent = false;         // says less than a record of the same key may have said before
  std::string reason = {};             // why it cannot be mapped
  bool withdraws = false;              // it is no longer true: rows of an earlier version go away
  std::string subject = {};            // key of the patient; empty where there is none
  std::string visit = {}, provider = {}, care_site = {};  // keys
  std::vector<Event> events = {};
  std::optional<Person> person = {};
  std::optional<Address> address = {};
  std::optional<Organisation> organisation = {};
  std::optional<Practitioner> practitioner = {};
  Codings medication = {};                // of a Medication resource
  std::vector<std::string> aliases = {};  // other ways in which records name this one
  std::string merged_away = {};           // key of the patient that this one takes over
  std::vector<std::string> notes = {};    // what could not be kept whole, counted by name

  std::string key() const { return kind + "/" + id; }
};

}  // namespace cohortium::omop
