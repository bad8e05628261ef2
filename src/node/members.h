// Looking people and nodes up in the consortium file, and connecting to nodes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "governance/consortium.h"
#include "net/tls.h"

namespace cohortium::node {

// Fails with node.unknown_member.
const governance::Member& member_named(const governance::Consortium& consortium, const std::string& name);
std::vector<std::string> compute_party_names(const governance::Consortium& consortium);
bool is_analyst(const governance::Consortium& consortium, const std::string& name);
bool is_operator_of(const governance::Consortium& consortium, const std::string& person, const std::string& member);

// Fails with net.*; an error names the member, whatever was known of it when it came up.
std::unique_ptr<net::TlsStream> connect_to_member(const governance::Member& member, const net::TlsIdentity& identity,
                                                  const net::PinnedPeers& peers, const std::string& protocol,
                                                  net::Deadline deadline);

}  // namespace cohortium::node
