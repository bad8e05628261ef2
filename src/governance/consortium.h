// The consortium file: who takes part, with which keys, in which roles, and what no study may undercut. Every node has
// the same file, signed by the members (consortium_history.h); its digest tells whether two nodes agree.
//
//   name = "Lung outcomes"
//   version = 1                           # one more at every change
//   change_signatures = 2                 # members that must sign the next version; default more than half
//   coordinator = "north"                 # a member
//   network = "lan"                       # between the compute parties, for forecasts: loopback, lan, national-wan, …
//
//   [release]
//   minimum_cell = 11                     # the floor: a study may ask for more, never for less
//   exact_curves = false                  # whether a study may release a curve at every event time
//   rows_per_parameter = 3                # people per parameter of a model, at least; default 0: as the study says
//   round_to = 5                          # numbers of people are rounded to multiples of this or more; default 1
//   protect_sites = true                  # every study must ask for it; default false
//   zero_and_full = false                 # whether a study may show that nobody or everybody of a group has the event
//
//   [quality]                             # with it, a study runs only at sites whose records pass (quality/gate.h)
//   [quality.thresholds]                  # shares of rows, by the name of a check or of a kind of checks
//   unit = 0.4
//   [[quality.range]]                     # what is plausible, beside what is built in
//   concept = 3004249
//   unit = 8876
//   low = 40
//   high = 300
//
//   [agreement]                           # of the check that sites agree (study/site_agreement.h)
//   required = true                       # every study must ask for it; default false
//   name_sites = false                    # whether it tells which sites differ; default false
//
//   [[member]]
//   name = "north"                        # [a-z][a-z0-9_-]{0,62}
//   endpoint = "north.example.org:7443"   # or "[2001:db8::1]:7443"
//   fingerprint = "64 hexadecimal digits"
//   site = true                           # has records
//   compute = true                        # three members, or four; their order here numbers the parties
//   approvals = 1                         # of a site: how many of its approvers must approve a study; 0: its policy alone may
//   expires = "2028-12-31"                # last day on which the key counts; default none
//
//   [[person]]
//   name = "ana"
//   fingerprint = "64 hexadecimal digits"
//   role = "analyst"                      # or approver, data steward, auditor, operator (roles.h)
//   member = "north"                      # whom she acts for; optional for an analyst and an auditor
//   expires = "2027-12-31"
//
//   [[revoked]]
//   fingerprint = "64 hexadecimal digits" # a key that counts no more, whoever shows it
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "governance/roles.h"
#include "net/tls.h"
#include "quality/rules.h"

namespace cohortium::governance {

struct Signature;

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};

struct Member {
  std::string name;
  std::string endpoint;  // host:port
  std::string fingerprint;
  bool site = false;
  bool compute = false;
  int approvals = 1;
  std::string expires = {};  // "2028-12-31", or empty: never
};

struct Person {
  std::string name;
  std::string fingerprint;
  Role role = Role::kAnalyst;
  std::string member = {};  // empty: none
  std::string expires = {};
};

struct Consortium {
  std::string name;
  std::string coordinator;
  int version = 1;
  int change_signatures = 0;  // 0: more than half of the members
  std::string network = "lan";
  int minimum_cell = 11;
  bool exact_curves = false;
  double rows_per_parameter = 0;
  int round_to = 1;
  bool protect_sites = false;
  bool zero_and_full = true;
  std::optional<cohortium::quality::Rules> quality = {};  // none: sites share whatever their records are like
  bool agreement_required = false, name_sites = false;
  std::vector<Member> members;
  std::vector<Person> people;
  std::vector<std::string> revoked;  // fingerprints
  std::string digest;                // SHA-256 of its text
  std::string founding_digest;       // of version 1: which consortium this is, whatever has changed since

  // Null when there is none of this name.
  const Member* find_member(std::string_view member_name) const;
  const Person* find_person(std::string_view person_name) const;
  std::vector<Member> compute_parties() const;  // three or four, in order
  std::vector<Person> approvers_of(std::string_view site) const;
  int signatures_for_change() const;
  // The pinned fingerprint of a member or person. Fails with consortium.unknown_key or consortium.expired_key.
  const std::string& good_key_of(std::string_view member_or_person) const;
};

// What `network` may say; study/forecast.h knows their figures.
const std::vector<std::string>& network_names();

// What a text says, whoever signed it: for drafts, and for consortium_history.h. Fails with consortium.bad_syntax,
// .missing_field, .unknown_field, .bad_value, .duplicate, .unknown_member, .revoked_key or .compute_parties, `where`
// being file:line:column.
Consortium parse_consortium(const std::string& text, const std::string& file);
// The text of a consortium. Checks by the same rules.
std::string consortium_text(const Consortium& consortium);

Endpoint endpoint_of(const Member& member);
// Checks a signature (signature.h) by the pinned key of whoever signed. Fails with signature.*, or with
// consortium.revoked_key, .unknown_key or .expired_key.
void verify(const Signature& signature, const Consortium& consortium, std::string_view domain,
            const nlohmann::json& value);

// The keys of all members and people, for net::TlsListener and net::connect_tls.
net::PinnedPeers pinned_peers(const Consortium& consortium);

}  // namespace cohortium::governance
