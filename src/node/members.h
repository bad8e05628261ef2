// Looking people and nodes up in the consortium file.
#pragma once

#include <string>
#include <vector>

#include "governance/consortium.h"

namespace cohortium::node {

// Fails with node.unknown_member.
const governance::Member& member_named(const governance::Consortium& consortium, const std::string& name);
std::vector<std::string> compute_party_names(const governance::Consortium& consortium);
bool is_analyst(const governance::Consortium& consortium, const std::string& name);
bool is_operator_of(const governance::Consortium& consortium, const std::string& person, const std::string& member);

}  // namespace cohortium::node
