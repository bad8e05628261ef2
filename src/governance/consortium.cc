#include "governance/consortium.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "governance/consortium_rules.h"
#include "governance/signature.h"

namespace cohortium::governance {
namespace {

template <class T>
const T* find_by_name(const std::vector<T>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const T& each) { return each.name == name; });
  return found != all.end() ? &*found : nullptr;
}

}  // namespace

const Member* Consortium::find_member(std::string_view member_name) const { return find_by_name(members, member_name); }
const Person* Consortium::find_person(std::string_view person_name) const { return find_by_name(people, person_name); }

std::vector<Member> Consortium::compute_parties() const {
  std::vector<Member> parties;
  std::copy_if(members.begin(), members.end(), std::back_inserter(parties), [](const Member& m) { return m.compute; });
  return parties;
}

std::vector<Person> Consortium::approvers_of(std::string_view site) const {
  std::vector<Person> found;
  std::copy_if(people.begin(), people.end(), std::back_inserter(found),
               [&](const Person& person) { return person.role == Role::kApprover && person.member == site; });
  return found;
}

int Consortium::signatures_for_change() const {
  return change_signatures > 0 ? change_signatures : static_cast<int>(members.size()) / 2 + 1;
}

const std::string& Consortium::good_key_of(std::string_view name_of_holder) const {
  const Member* member = find_member(name_of_holder);
  const Person* person = find_person(name_of_holder);
  const std::string holder(name_of_holder.substr(0, 63));
  if (member == nullptr && person == nullptr) {
    throw Failure({.code = "consortium.unknown_key",
                   .message = "\"" + holder + "\" is neither a member nor a person of this consortium",
                   .where = holder,
                   .rule = fmt::format("version {} of the consortium file", version),
                   .remedy = "whoever acts must stand in the consortium file"});
  }
  const std::string& expires = member != nullptr ? member->expires : person->expires;
  if (!expires.empty() && timestamp().substr(0, expires.size()) > expires) {
    throw Failure({.code = "consortium.expired_key",
                   .message = "the key of " + holder + " expired on " + expires,
                   .where = holder,
                   .rule = fmt::format("version {} of the consortium file", version),
                   .remedy = "rotate the key, or have the members agree to a later day"});
  }
  return member != nullptr ? member->fingerprint : person->fingerprint;
}

void verify(const Signature& signature, const Consortium& consortium, std::string_view domain,
            const nlohmann::json& value) {
  const auto& revoked = consortium.revoked;
  if (std::find(revoked.begin(), revoked.end(), fingerprint_of(signature)) != revoked.end()) {
    throw Failure({.code = "consortium.revoked_key",
                   .message = "the key that " + signature.by + " signed with is revoked",
                   .where = signature.by,
                   .rule = fmt::format("version {} of the consortium file", consortium.version),
                   .remedy = "have it signed with a key that counts"});
  }
  verify(signature, consortium.good_key_of(signature.by), domain, value);
}

Endpoint endpoint_of(const Member& member) {
  const auto endpoint = parse_endpoint(member.endpoint);
  COHORTIUM_CHECK(endpoint.has_value());
  return *endpoint;
}

net::PinnedPeers pinned_peers(const Consortium& consortium) {
  net::PinnedPeers pins;
  for (const Member& member : consortium.members) pins[member.name] = member.fingerprint;
  for (const Person& person : consortium.people) pins[person.name] = person.fingerprint;
  return pins;
}

}  // namespace cohortium::governance
