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

}  // namespace cohortium::node
