// Looking people and nodes up in the consortium file, and connecting to nodes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "governance/consortium.h"
#include "net/tls.h"
#include "study/study_file.h"

namespace cohortium::node {

// Fails with node.unknown_member.
const governance::Member& member_named(const governance::Consortium& consortium, const std::string& name);
// The first of the consortium's compute parties, as many as the protocol takes. Fails with node.too_few_compute_parties.
std::vector<std::string> compute_party_names(const governance::Consortium& consortium, const std::string& protocol);
// Who takes part in a run: sites, then compute parties that are no sites of it.
std::vector<std::string> nodes_of(const study::Study& study, const governance::Consortium& consortium);
// Whether this person may do this, by role; `at_member` is whose node is asked, where the role is bound to one.
bool person_may(const governance::Consortium& consortium, const std::string& person, governance::Action action,
                const std::string& at_member = "");

// Fails with net.*; an error names the member, whatever was known of it when it came up.
std::unique_ptr<net::TlsStream> connect_to_member(const governance::Member& member, const net::TlsIdentity& identity,
                                                  const net::PinnedPeers& peers, const std::string& protocol,
                                                  net::Deadline deadline);

}  // namespace cohortium::node
