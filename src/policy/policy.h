// What one site allows, as data: rules, of which one must allow all of a study, and denials, which win over every rule.
//
//   version = 3                              # goes up with every change
//   site = "north"                           # whose policy this is: the name of the node
//
//   [columns.trial]                          # the role of every column that may be read at all, table by table
//   arm = "other"
//   time = "outcome"
//   postcode = "quasi_identifier"
//   hiv = "sensitive"
//   name = "identifier"
//   "*" = "other"                            # of all other columns of the table; without it they have no role
//
//   [[deny]]                                 # all that it names must match, of each list one
//   name = "no models of sensitive columns"
//   analyses = ["glm", "cox"]
//   columns = ["sensitive"]                  # roles; or { sensitive = ["filter"] }, where used in these ways
//
//   [[rule]]                                 # the first that allows all of a study decides
//   name = "outcomes research"
//   analyses = ["count", "kaplan_meier"]     # or ["any"], here and in the next three
//   protocols = ["replicated3-malicious", "replicated4"]
//   analysts = ["ana"]                       # names, or fingerprints of keys
//   purposes = ["outcomes research"]         # what the study's purpose says, or how it begins before a colon
//   columns = { outcome = ["any"], other = ["any"], quasi_identifier = ["filter", "group"] }
//   minimum_cell = 11                        # what the study must withhold at least
//   minimum_rows = 50                        # that it selects here; default: minimum_cell
//   maximum_privacy_loss = 0.1               # rho: then the study must add noise, and cost no more
//   exact_curves = false                     # whether curves may show every event time
//   opened_steps = false                     # whether models may be fitted in the open
//   approvals = 1                            # people of the site who must approve; 0: the policy alone does
//   [[rule.frequency]]
//   runs = 2
//   days = 30
//   per = "study"                            # or "analyst", "column", "rule"
//
// Guaranteed  what no rule allows is denied: an unknown column, kind, protocol, analyst or purpose has no rule
// Not         that studies together say no more than each: release rules and approvers look at that
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cohortium::policy {

enum class Role { kIdentifier, kQuasiIdentifier, kSensitive, kOutcome, kOther };

// What a study does with a column.
enum class Use {
  kRead,    // read and checked, whatever else is done with it
  kFilter,  // decides which rows take part
  kGroup,   // divides people into groups or strata
  kValue,   // is described, compared, modelled
  kRows,    // is shared row by row instead of in sums
  kDerive,  // another column is worked out of it: a unit, a date
  kMatch,   // tells which rows are the same
  kCohort   // decides, in the site's own database, who belongs to a cohort
};

const std::map<std::string, Role>& role_names();
const std::map<std::string, Use>& use_names();
std::string name_of(Role role);
std::string name_of(Use use);

inline constexpr const char* kAny = "any";

struct Frequency {
  enum class Per { kStudy, kAnalyst, kColumn, kRule };
  int runs = 1, days = 1;
  Per per = Per::kStudy;
};
const std::map<std::string, Frequency::Per>& per_names();

// By role, in which ways its columns are meant.
using ColumnUses = std::map<Role, std::set<Use>>;

struct Rule {
  std::string name = {};
  std::set<std::string> analyses = {}, protocols = {}, analysts = {}, purposes = {};
  ColumnUses columns = {};
  int minimum_cell = 11, minimum_rows = 11;
  std::optional<double> maximum_privacy_loss = {};
  bool exact_curves = false, opened_steps = false;
  int approvals = 1;
  std::vector<Frequency> frequency = {};
};

// An empty set says nothing: the denial does not depend on it.
struct Denial {
  std::string name = {};
  std::set<std::string> analyses = {}, protocols = {}, analysts = {}, purposes = {};
  ColumnUses columns = {};
};

struct Policy {
  int version = 0;
  std::string site = {};
  std::map<std::string, std::map<std::string, Role>> columns = {};  // by table, then column, in small letters
  std::vector<Denial> denials = {};
  std::vector<Rule> rules = {};
  std::string hash = {};  // SHA-256 of the file's text

  // Of a column, by either letter case; none where the policy does not give it one.
  std::optional<Role> role_of(const std::string& table, const std::string& column) const;
  // Of all columns of a table, those that have no name here included; none where such a column has no role.
  std::optional<std::set<Role>> roles_in(const std::string& table) const;
};

// Databases take names in either letter case: so that no spelling of a column gets round its role.
std::string small_letters(std::string name);

}  // namespace cohortium::policy
