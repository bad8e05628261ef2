#include "node/members.h"

#include <algorithm>

#include "base/error.h"
#include "mpc/protocols.h"

namespace cohortium::node {

const governance::Member& member_named(const governance::Consortium& consortium, const std::string& name) {
  if (const governance::Member* member = consortium.find_member(name)) return *member;
  throw Failure({.code = "node.unknown_member",
                 .message = "\"" + name + "\" is not a member of this consortium",
                 .where = name,
                 .remedy = "name members as in the consortium file"});
}

std::vector<std::string> compute_party_names(const governance::Consortium& consortium, const std::string& protocol) {
  const auto parties = static_cast<std::size_t>(mpc::parties_of(protocol));
  std::vector<std::string> names;
  for (const governance::Member& member : consortium.compute_parties()) names.push_back(member.name);
  if (names.size() < parties) {
    throw Failure({.code = "node.too_few_compute_parties",
                   .message = protocol + " takes " + std::to_string(parties) +
                              " compute parties, this consortium has " + std::to_string(names.size()),
                   .where = "$.security.protocol",
                   .remedy =
                       "choose another protocol, or let a fourth member compute: compute = true in the consortium "
                       "file"});
  }
  names.resize(parties);
  return names;
}

std::vector<std::string> nodes_of(const study::Study& study, const governance::Consortium& consortium) {
  std::vector<std::string> nodes = study.sites;
  for (const std::string& party : compute_party_names(consortium, study.protocol)) {
    if (std::find(nodes.begin(), nodes.end(), party) == nodes.end()) nodes.push_back(party);
  }
  return nodes;
}

bool person_may(const governance::Consortium& consortium, const std::string& name, governance::Action action,
                const std::string& at_member) {
  const governance::Person* person = consortium.find_person(name);
  if (person == nullptr || !governance::may(person->role, action)) return false;
  return at_member.empty() || person->member == at_member ||
         (person->member.empty() && !governance::acts_for_a_member(person->role));
}

std::unique_ptr<net::TlsStream> connect_to_member(const governance::Member& member, const net::TlsIdentity& identity,
                                                  const net::PinnedPeers& peers, const std::string& protocol,
                                                  net::Deadline deadline) {
  const governance::Endpoint at = governance::endpoint_of(member);
  auto stream =
      attempt([&] { return net::connect_tls(at.host, at.port, identity, peers, member.name, protocol, deadline); });
  if (stream.ok()) return std::move(stream).value();
  Error error = stream.error();
  if (!error.where.starts_with(member.name)) error.where = member.name + ", " + member.endpoint;
  throw Failure(error);
}

}  // namespace cohortium::node
