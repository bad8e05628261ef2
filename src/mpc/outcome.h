// What an analysis hands to the door (release/), and what it gets back: the vocabulary between the two.
//
// Counts of people are integers below 2^32 in Z_2^128. Nothing in a SharedOutcome has been opened; nothing may be
// opened but by release/, which applies the rules to the shared values first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mpc/shared.h"

namespace cohortium::mpc {

inline constexpr int count_bits = 32;                           // every count of people is below 2^32 ...
inline constexpr std::size_t maximum_rows_per_site = 1u << 26;  // ... because a site may bring at most this many rows
inline constexpr std::size_t maximum_sites = 64;                // ... and there are at most this many sites

enum class CurveRule { kMerged, kExact };

// The `largest` greatest magnitudes of a group make up at most `share` of the sum of all.
struct DominanceRule {
  std::uint64_t largest = 1;
  double share = 1;
};

struct ReleaseRule {
  std::uint64_t minimum_cell = 11;
  CurveRule curve = CurveRule::kMerged;
  std::optional<double> rows_per_parameter = {};  // of models; absent: 3, or 0 where the minimum is 1
  std::uint64_t round_to = 1;                     // every released number of people is a multiple of it
  bool protect_sites = false;  // whether a group must be nobody or enough people at all sites but any one
  bool zero_and_full = true;   // whether it may show that nobody, or everybody, of a group has the event
  std::optional<DominanceRule> dominance = {};

  double people_per_parameter() const { return rows_per_parameter.value_or(minimum_cell > 1 ? 3 : 0); }
};

// Why a computation has no answer: one shared bit, 1 where it has none.
struct SharedFault {
  SharedBits bit;
  std::string what;       // "the information matrix is singular"
  std::string rule = {};  // of the study, as result.json names it; empty: there is no estimate
};

// Records that a rule of their kind withholds: one shared bit per record, 1 where it does.
struct SharedVeto {
  SharedBits bits;
  std::string rule;  // as result.json names it
};

// One site's part of the numbers of people of some records.
struct SharedCounts {
  Shared<u128> people;
  std::optional<Shared<u128>> events = {};
};

// Records that may be opened where enough people stand behind them.
struct SharedCells {
  Shared<u128> people;               // one count per record
  std::vector<Shared<u128>> values;  // one element per record each; any size when `together`
  bool together = false;             // open all records or, when one does not pass, none
  // Where a value tells how many of the people had the event: that number per record. It must be none or enough itself,
  // and the number of people is opened only where those without the event are none or enough, too.
  std::optional<Shared<u128>> events = {};
  // Totals of consecutive blocks of records, each length a multiple of the one before. A total shows where what it
  // holds beyond the records and totals already shown is enough people, so no withheld record follows from it.
  std::vector<std::size_t> totals = {};
  // Opened once all records pass (they are `together`): where one is 1, no value is opened.
  std::vector<SharedFault> faults = {};
  std::vector<SharedVeto> vetoes = {};
  std::vector<SharedCounts> sites = {};  // the parts of `people` and `events`, where sites are protected
  // Whether all values count people, so that they can be rounded as `people` is.
  bool counts_only = false;
};

// Numbers of events and censorings of several strata on one public time grid, stratum by stratum.
struct SharedCurve {
  std::size_t strata = 0;
  std::size_t grid = 0;
  Shared<u128> events, censored;  // strata * grid
  // Read off the ends of steps; empty where what is shown follows from the counts.
  std::vector<Shared<u128>> sampled;  // strata * grid each
};

struct SharedOutcome {
  std::optional<SharedCells> cells;
  std::optional<SharedCurve> curve;
};

struct ReleasedCells {
  std::vector<bool> passed;  // per record
  std::vector<std::optional<u128>> people;
  std::vector<std::vector<u128>> values;                      // 0 where withheld
  std::vector<std::vector<std::optional<u128>>> totals = {};  // per length and block; absent where withheld
  std::vector<std::string> faults = {};                       // what is wrong; no record passed then
  std::vector<std::string> fault_rules = {};                  // of each, SharedFault::rule
  // Records with enough people that another rule withholds, by rule; a record counts for the first one that does.
  std::vector<std::pair<std::string, std::size_t>> vetoed = {};
};

// Grid points from..to (inclusive) taken together. Counts that are withheld are absent.
struct ReleasedStep {
  std::size_t from = 0, to = 0;
  std::optional<u128> at_risk;  // just before `from`
  u128 events = 0;
  std::optional<u128> censored;
  std::vector<u128> sampled;  // at `to`
};

struct ReleasedStratum {
  bool passed = false;  // enough people; otherwise everything below is empty
  std::optional<u128> people, events;
  std::vector<ReleasedStep> steps;
};

struct ReleasedOutcome {
  std::optional<ReleasedCells> cells;
  std::optional<std::vector<ReleasedStratum>> curve;
};

}  // namespace cohortium::mpc
