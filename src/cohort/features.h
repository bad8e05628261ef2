// What a study's columns are of a cohort: one row per person and entry, computed in the site's own database.
//
// A study says `cohort` (Circe JSON, events, or SQL), `concept_sets`, `features` and perhaps `time_at_risk`;
// docs/cohorts.md describes them. All of it is checked before a study is signed; a site then runs one SELECT, whose columns
// are read and checked as a table's are.
#pragma once

#include <map>
#include <optional>

#include "cohort/compiler.h"

namespace cohortium::cohort {

struct Feature {
  enum class Kind {
    kAge,            // at the index date: its year less the year of birth
    kSex,            // gender_concept_id
    kRace,           // race_concept_id
    kEthnicity,      // ethnicity_concept_id
    kIndexYear,      //
    kAgeBand,        // the lower border of the attained age on the index date; missing below the first
    kObservedDays,   // of observation before the index date
    kCohortDays,     // from the index date to the cohort's end
    kPresent,        // 1 where an event lies in the window, else 0
    kCount,          // of events in the window
    kFirstDay,       // days from the index date to the first event in the window; missing where there is none
    kFirstValue,     // value_as_number of the first measurement in the window that has one
    kLastValue,      //
    kCharlson,       // Charlson's index of the conditions in the window
    kFollowUpDays,   // from the index date to the outcome, or to the end of follow-up
    kFollowUpEvent,  // 1 where the outcome came within follow-up, else 0
    kReadmission,  // 1 where an event begins 1 to `within` days after the cohort's end; missing where the person has died
    kDaysAtRisk,  // of time at risk, in this calendar year and age band
    kOutcome,     // 1 where it ended with the outcome, in this calendar year and age band
    kSteps        // the last step (CohortTable::steps) that the person reaches, counted from 0
  };
  Kind kind = Kind::kAge;
  std::optional<Criteria> of = {};                 // which events; the outcome of follow-up
  std::optional<std::int64_t> from = {}, to = {};  // days from the index date, inclusive; none: without bound
  bool from_end = false;                           // the window counts from the cohort's end instead
  bool during = false;                             // the window is the cohort entry, from its start to its end
  bool with_unit = false;                  // of a value: its unit is a column of its own, behind those of all features
  std::vector<std::int64_t> borders = {};  // of age bands, ascending
  std::int64_t within = 30;                // of a readmission, days
  std::optional<Criteria> except = {};     // events that make one planned, while it lasts
};

// Rows are then of a person's time at risk instead: one per calendar year and age band.
struct TimeAtRisk {
  std::int64_t from = 1;                 // first day, from the index date
  std::optional<std::int64_t> to = {};   // last day at most; the end of observation is another
  bool during = false;                   // from the first day of the cohort entry to its last instead
  std::optional<Criteria> outcome = {};  // ends it on its day; who had it before takes no part
  std::optional<std::int64_t> first_year = {}, last_year = {};  // calendar years that rows are of; none: not divided
  std::vector<std::int64_t> ages = {};                          // borders of age bands; none: not divided
};

enum class Members {
  kEntries,       // one row per cohort entry
  kPersons,       // one per person: her first entry
  kEntryPersons,  // one per person with an entry event, whatever the inclusion rules say of her
};

struct CohortTable {
  std::optional<Definition> definition = {};  // or ...
  std::optional<Criteria> events = {};        // ... all events of these criteria, from start to end, or ...
  std::optional<std::int64_t> gap_days = {};  // (... joined where they are at most so far apart)
  std::string sql = {};                       // ... SQL, checked
  std::set<std::string> sql_tables = {};      // that it reads
  std::vector<ConceptSet> concept_sets = {};  // of the definition and of the study
  Members members = Members::kEntries;
  std::vector<std::string> steps = {};  // names, of a definition: its entry events, its rules one by one, the cohort
  std::optional<TimeAtRisk> at_risk = {};
  std::vector<Feature> features = {};  // of the study's columns, in their order
};

// `data`: the study's object of this name, which has a cohort; `columns`: the names its columns have. Fails with
// cohort.bad_definition, cohort.not_supported, cohort.unknown_concept_set, cohort.bad_sql.
CohortTable parse_cohort_table(const nlohmann::json& data, const std::string& path,
                               const std::vector<std::string>& columns);

// The features that tell rows of one person apart: a person has one row per value of these.
std::vector<std::size_t> dividing_features(const CohortTable& table);

// One row per member, one column per feature, always in the same order; then the units of the features that have one:
// UCUM, of the unit's concept, else as the source wrote it; then, `with_person`, who it is: person_id.
Query feature_query(const CohortTable& table, const Statement::TableName& table_name, bool with_person = false);

// Of a feature that is a value: one row per unit of the values of its events, with the number of values.
Query units_query(const CohortTable& table, const Feature& feature, const Statement::TableName& table_name);

// The concepts of a concept set, ordered.
Query concepts_query(const CohortTable& table, std::int64_t set, const Statement::TableName& table_name);

}  // namespace cohortium::cohort
