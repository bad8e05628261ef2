// A cohort definition of OHDSI's Circe format, as ATLAS exports it, parsed and bounded.
//
// Constants that will stand in SQL are printed here, by us: numbers as numbers, dates as DATE literals, text in quotes.
// Nothing else of the file reaches a statement; names of inclusion rules are kept for people, others dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cohort/domains.h"

namespace cohortium::cohort {

struct ConceptSet {
  struct Item {
    std::int64_t concept_id = 0;
    bool excluded = false, descendants = false, mapped = false;
  };
  std::int64_t id = 0;
  std::vector<Item> items = {};
};

// "x {op} low" or "[NOT] x BETWEEN low AND high".
struct Range {
  std::string op = {};  // a SQL operator; "" for between
  bool negated = false;
  std::string low = {}, high = {};  // SQL constants
};

// One condition on an event's row: a field of its domain with what it is compared to.
struct Test {
  const Field* field = nullptr;
  Range range = {};                                     // numbers and dates
  std::vector<std::int64_t> concepts = {};              // one of these ...
  std::optional<std::int64_t> concept_set = {};         // ... or of this set ...
  bool excluded = false;                                // ... or none of them
  std::string text = {};                                // a quoted SQL constant ...
  enum class Match { kIs, kStarts, kEnds, kContains };  // ... and how the column must relate to it
  Match match = Match::kIs;
  std::size_t characters = 0;  // of the text
};

struct Group;

struct DateAdjustment {
  bool start_from_end = false, end_from_end = true;
  std::int64_t start_offset = 0, end_offset = 0;
};

// Which events of one domain.
struct Criteria {
  const Domain* domain = nullptr;
  std::optional<std::int64_t> concept_set = {}, source_concept_set = {};
  bool first = false;
  std::vector<Test> tests = {};
  std::optional<DateAdjustment> adjustment = {};
  std::optional<std::string> period_start = {}, period_end = {};  // of an observation period: dates the user chose
  std::shared_ptr<const Group> correlated = {};
};

// Days from an index date; without days, the bound of the observation period on that side.
struct WindowEnd {
  std::optional<std::int64_t> days = {};  // signed
  bool before = true;
};
struct Window {
  WindowEnd start = {}, end = {};
  bool from_index_end = false;  // else from the start of the index event
  bool of_event_end = false;    // the event's end must lie in it, else its start
};

struct CorrelatedCriteria {
  Criteria criteria = {};
  Window start_window = {};
  std::optional<Window> end_window = {};
  enum class Count { kExactly, kAtMost, kAtLeast };
  Count type = Count::kAtLeast;
  std::int64_t count = 1;
  std::string distinct = {};  // a column of events; empty: rows are counted
  bool same_visit = false, ignore_observation_period = false;
};

// On the person at the index event.
struct Demographic {
  std::vector<Test> tests = {};
};

struct Group {
  enum class Type { kAll, kAny, kAtLeast, kAtMost };
  Type type = Type::kAll;
  std::int64_t count = 0;
  std::vector<CorrelatedCriteria> criteria = {};
  std::vector<Demographic> demographics = {};
  std::vector<Group> groups = {};
  bool empty() const { return criteria.empty() && demographics.empty() && groups.empty(); }
};

enum class Limit { kAll, kFirst, kLast };

struct DateOffset {
  bool from_end = false;
  std::int64_t days = 0;
};
struct CustomEra {
  std::int64_t drug_concept_set = 0, gap_days = 0, offset = 0;
  std::optional<std::int64_t> days_supply = {};
};

struct Definition {
  std::vector<ConceptSet> concept_sets = {};
  std::vector<Criteria> entry = {};
  std::int64_t prior_days = 0, post_days = 0;
  Limit entry_limit = Limit::kAll, qualified_limit = Limit::kAll, final_limit = Limit::kAll;
  std::optional<Group> additional = {};
  std::vector<Group> inclusion_rules = {};
  std::vector<std::string> rule_names = {};  // for people; they reach no SQL
  std::optional<DateOffset> date_offset = {};
  std::optional<CustomEra> custom_era = {};
  std::vector<Criteria> censoring = {};
  std::int64_t era_pad = 0;
  std::optional<std::string> window_start = {}, window_end = {};  // DATE literals
};

// `path`: where the object stands, for messages. Fails with cohort.bad_definition, cohort.not_supported,
// cohort.unknown_concept_set.
Definition parse_definition(const nlohmann::json& json, const std::string& path);

// Parts that features use, too. `known`: the sets that CodesetId may name.
std::vector<ConceptSet> parse_concept_sets(const nlohmann::json& json, const std::string& path);
Criteria parse_criteria(const nlohmann::json& json, const std::string& path, const std::vector<ConceptSet>& known);

}  // namespace cohortium::cohort
