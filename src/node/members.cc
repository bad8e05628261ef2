#include "node/members.h"

#include "base/error.h"

namespace cohortium::node {

const governance::Member& member_named(const governance::Consortium& consortium, const std::string& name) {
  if (const governance::Member* member = consortium.find_member(name)) return *member;
  throw Failure({.code = "node.unknown_member",
                 .message = "\"" + name + "\" is not a member of this consortium",
                 .where = name,
                 .remedy = "name members as in the consortium file"});
}

std::vector<std::string> compute_party_names(const governance::Consortium& consortium) {
  std::vector<std::string> names;
  for (const governance::Member& member : consortium.compute_parties()) names.push_back(member.name);
  return names;
}

bool is_analyst(const governance::Consortium& consortium, const std::string& name) {
  const governance::Person* person = consortium.find_person(name);
  return person != nullptr && person->role == governance::Role::kAnalyst;
}

bool is_operator_of(const governance::Consortium& consortium, const std::string& person_name,
                    const std::string& member) {
  const governance::Person* person = consortium.find_person(person_name);
  return person != nullptr && person->role == governance::Role::kOperator && person->member == member;
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
