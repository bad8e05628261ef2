// The list of earlier releases, as nodes send it to each other (earlier_releases.h): JSON
// [{"run", "study", "time", "minimum", "families"}].
#pragma once

#include <span>
#include <string>
#include <vector>

#include "governance/release_ledger.h"

namespace cohortium::node {

std::string release_list(const std::vector<governance::Release>& releases);

// Fails with node.bad_releases, where it is `peer`, on anything else: identifiers in hexadecimal, a time as this program
// writes it, minimums of 1 to 2^30, 1 to 4,096 families of 1 to 4,096 groups, the first of one.
std::vector<governance::Release> read_release_list(std::span<const std::byte> message, const std::string& peer);

// Fails so: of a list that contradicts another one.
[[noreturn]] void refuse_release_list(const std::string& peer);

}  // namespace cohortium::node
