// The consortium file: who takes part, with which keys, in which roles, and what no study may undercut. Every node has
// the same file; its digest tells whether two nodes agree.
//
//   name = "Lung outcomes"
//   coordinator = "north"                 # a member
//   network = "lan"                       # between the compute parties, for forecasts: loopback, lan, national-wan, …
//
//   [release]
//   minimum_cell = 11                     # the floor: a study may ask for more, never for less
//   exact_curves = false                  # whether a study may release a curve at every event time
//
//   [[member]]
//   name = "north"                        # [a-z][a-z0-9_-]{0,62}
//   endpoint = "north.example.org:7443"   # or "[2001:db8::1]:7443"
//   fingerprint = "64 hexadecimal digits"
//   site = true                           # has records
//   compute = true                        # exactly three members; their order here numbers the parties
//
//   [[person]]
//   name = "ana"
//   fingerprint = "64 hexadecimal digits"
//   role = "analyst"                      # or "operator", of a member
//   member = "north"                      # optional for an analyst
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls.h"

namespace cohortium::governance {

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
};

enum class Role { kAnalyst, kOperator };

struct Person {
  std::string name;
  std::string fingerprint;
  Role role = Role::kAnalyst;
  std::string member = {};  // empty: none
};

struct Consortium {
  std::string name;
  std::string coordinator;
  std::string network = "lan";
  int minimum_cell = 11;
  bool exact_curves = false;
  std::vector<Member> members;
  std::vector<Person> people;
  std::string digest;  // SHA-256 of the file it was read from

  // Null when there is none of this name.
  const Member* find_member(std::string_view member_name) const;
  const Person* find_person(std::string_view person_name) const;
  std::vector<Member> compute_parties() const;  // exactly three, in order
};

// What `network` may say; study/forecast.h knows their figures.
const std::vector<std::string>& network_names();

// Fails with consortium.bad_syntax, .missing_field, .unknown_field, .bad_value, .duplicate, .unknown_member or
// .compute_parties, `where` being file:line:column; or with file.*.
Consortium read_consortium(const std::filesystem::path& path);
// Checks by the same rules, then writes.
void write_consortium(const std::filesystem::path& path, const Consortium& consortium);

Endpoint endpoint_of(const Member& member);
// The keys of all members and people, for net::TlsListener and net::connect_tls.
net::PinnedPeers pinned_peers(const Consortium& consortium);

}  // namespace cohortium::governance
