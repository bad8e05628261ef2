#include "governance/consortium_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/error.h"
#include "governance/identity.h"

namespace cohortium::governance {
namespace {

class Checker {
 public:
  Checker(const Consortium& consortium, const Locate& locate) : consortium_(consortium), locate_(locate) {}

  void check() {
    if (consortium_.name.empty()) refuse("bad_value", "the consortium has no name", "name", "give it one");
    if (consortium_.minimum_cell < 1) {
      refuse("bad_value", "a minimum cell size is at least 1", "release.minimum_cell",
             "11 is usual in health research; 1 suits only those who may see all records anyway");
    }
    if (const auto& known = network_names();
        std::find(known.begin(), known.end(), consortium_.network) == known.end()) {
      refuse("bad_value", fmt::format("there is no network \"{}\"", consortium_.network), "network",
             fmt::format("write one of {}", fmt::join(known, ", ")));
    }
    for (std::size_t i = 0; i < consortium_.members.size(); ++i) check_member(i);
    for (std::size_t i = 0; i < consortium_.people.size(); ++i) check_person(i);
    check_member_reference(consortium_.coordinator, "coordinator");
    const std::size_t parties = consortium_.compute_parties().size();
    if (parties != 3) {
      refuse("compute_parties", fmt::format("{} members are compute parties; there must be three", parties), "member",
             "set compute = true at exactly three members");
    }
  }

 private:
  void check_member(std::size_t index) {
    const Member& member = consortium_.members[index];
    const std::string at = fmt::format("member[{}]", index);
    check_name_and_key(member.name, member.fingerprint, at);
    if (!parse_endpoint(member.endpoint)) {
      refuse("bad_value", fmt::format("\"{}\" is no endpoint", member.endpoint), at + ".endpoint",
             "write host:port, or [IPv6 address]:port, the port between 1 and 65535");
    }
    check_unique("endpoint", member.endpoint, at + ".endpoint");
  }

  void check_person(std::size_t index) {
    const Person& person = consortium_.people[index];
    const std::string at = fmt::format("person[{}]", index);
    check_name_and_key(person.name, person.fingerprint, at);
    if (!person.member.empty()) check_member_reference(person.member, at + ".member");
    if (person.role == Role::kOperator && person.member.empty()) {
      refuse("missing_field", fmt::format("{} is an operator, but of which member?", person.name), at,
             "add member = \"…\"");
    }
  }

  // Members and people share one name space and one key space: a connection is known by its key alone.
  void check_name_and_key(const std::string& name, const std::string& fingerprint, const std::string& at) {
    if (!is_valid_name(name)) {
      refuse("bad_value", fmt::format("\"{}\" is no name", name), at + ".name",
             "begin with a letter a-z, go on with a-z, 0-9, _ and -, at most 63 characters in all");
    }
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (fingerprint.size() != 64 || !std::all_of(fingerprint.begin(), fingerprint.end(), is_digit)) {
      refuse("bad_value", fmt::format("the fingerprint of {} is not 64 lower-case hexadecimal digits", name),
             at + ".fingerprint", "copy what the owner of the key reads out");
    }
    check_unique("name", name, at + ".name");
    check_unique("fingerprint", fingerprint, at + ".fingerprint");
  }

  void check_unique(const std::string& what, const std::string& value, const std::string& at) {
    const auto [first, is_new] = seen_[what].emplace(value, at);
    if (is_new) return;
    refuse("duplicate", fmt::format("the {} \"{}\" is taken", what, value), at,
           "it stands first at " + locate_(first->second));
  }

  void check_member_reference(const std::string& name, const std::string& at) {
    if (consortium_.find_member(name) != nullptr) return;
    refuse("unknown_member", fmt::format("there is no member \"{}\"", name), at, "name one of the members");
  }

  [[noreturn]] void refuse(const std::string& code, const std::string& message, const std::string& at,
                           const std::string& remedy) {
    throw Failure({.code = "consortium." + code, .message = message, .where = locate_(at), .remedy = remedy});
  }

  const Consortium& consortium_;
  const Locate& locate_;
  std::map<std::string, std::map<std::string, std::string>> seen_;  // by kind: value, and where it stands first
};

}  // namespace

const std::vector<std::string>& network_names() {
  static const std::vector<std::string> names = {"loopback", "lan", "national-wan", "wan", "bad-wan"};
  return names;
}

void check_consortium(const Consortium& consortium, const Locate& locate) { Checker(consortium, locate).check(); }

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto is_allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           (bracketed ? c == ':' : c == '_');
  };
  if (host.empty() || host.size() > 253 || !std::all_of(host.begin(), host.end(), is_allowed)) return std::nullopt;
  Endpoint endpoint{.host = std::string(host)};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
  if (error != std::errc() || end != digits.data() + digits.size() || endpoint.port == 0) return std::nullopt;
  return endpoint;
}

}  // namespace cohortium::governance
