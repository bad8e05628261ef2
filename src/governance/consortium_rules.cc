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
    if (consortium_.version < 1) {
      refuse("bad_value", "the consortium file has no version", "version",
             "write version = 1, one more at every change");
    }
    if (consortium_.minimum_cell < 1) {
      refuse("bad_value", "a minimum cell size is at least 1", "release.minimum_cell",
             "11 is usual in health research; 1 suits only those who may see all records anyway");
    }
    if (consortium_.rows_per_parameter < 0 || consortium_.rows_per_parameter > 1000) {
      refuse("bad_value", "there are 0 to 1000 rows per parameter", "release.rows_per_parameter",
             "3 is usual; 0 leaves it to the study");
    }
    if (consortium_.round_to < 1 || consortium_.round_to > 100) {
      refuse("bad_value", "numbers are rounded to multiples of 1 to 100", "release.round_to",
             "5 is usual; 1 leaves it to the study");
    }
    if (const auto& known = network_names();
        std::find(known.begin(), known.end(), consortium_.network) == known.end()) {
      refuse("bad_value", fmt::format("there is no network \"{}\"", consortium_.network), "network",
             fmt::format("write one of {}", fmt::join(known, ", ")));
    }
    if (consortium_.quality) check_quality(*consortium_.quality);
    for (std::size_t i = 0; i < consortium_.revoked.size(); ++i) check_revoked(i);
    for (std::size_t i = 0; i < consortium_.members.size(); ++i) check_member(i);
    for (std::size_t i = 0; i < consortium_.people.size(); ++i) check_person(i);
    check_member_reference(consortium_.coordinator, "coordinator");
    check_change_signatures();
    const std::size_t parties = consortium_.compute_parties().size();
    if (parties != 3 && parties != 4) {
      refuse("compute_parties", fmt::format("{} members are compute parties; there must be three or four", parties),
             "member", "set compute = true at three members, or at four for studies under replicated4");
    }
  }

 private:
  void check_quality(const quality::Rules& rules) {
    for (const auto& [name, share] : rules.thresholds) {
      const std::string at = "quality.thresholds." + name;
      if (!quality::is_threshold_name(name)) {
        refuse("bad_value", fmt::format("\"{}\" is no check and no kind of checks", name), at,
               "write TABLE.COLUMN.KIND or KIND; `cohortium quality` lists the checks of a site");
      }
      if (share < 0 || share > 1)
        refuse("bad_value", "a threshold is a share of rows", at, "write a number between 0 and 1");
    }
    for (std::size_t i = 0; i < rules.ranges.size(); ++i) {
      const quality::Range& range = rules.ranges[i];
      const std::string at = fmt::format("quality.range[{}]", i);
      if (range.concept_id < 1) refuse("bad_value", "a range is of a concept", at, "write concept = and its id");
      if (!(range.low <= range.high))
        refuse("bad_value", "the range is empty: low exceeds high", at + ".low", "swap them");
      check_unique("range of concept and unit", fmt::format("{} in {}", range.concept_id, range.unit_concept_id), at);
    }
  }

  void check_member(std::size_t index) {
    const Member& member = consortium_.members[index];
    const std::string at = fmt::format("member[{}]", index);
    check_name_and_key(member.name, member.fingerprint, at);
    if (!parse_endpoint(member.endpoint)) {
      refuse("bad_value", fmt::format("\"{}\" is no endpoint", member.endpoint), at + ".endpoint",
             "write host:port, or [IPv6 address]:port, the port between 1 and 65535");
    }
    check_unique("endpoint", member.endpoint, at + ".endpoint");
    check_approvals(member, at);
    check_date(member.expires, at + ".expires");
  }

  // Fewer than half could change the consortium behind the backs of the others, and two different ways at once.
  void check_change_signatures() {
    const int members = static_cast<int>(consortium_.members.size()), given = consortium_.change_signatures;
    if (given == 0 || (given * 2 > members && given <= members)) return;
    refuse("bad_value", fmt::format("{} of {} members cannot change the file", given, members), "change_signatures",
           "more than half of the members must sign, and no more than there are");
  }

  void check_approvals(const Member& member, const std::string& at) {
    const auto approvers = static_cast<int>(consortium_.approvers_of(member.name).size());
    // A site without any approver takes part in no study yet.
    if (member.approvals >= 0 && (approvers == 0 || member.approvals <= approvers)) return;
    refuse("bad_value",
           fmt::format("{} wants {} approvals of every study and has {} approvers", member.name, member.approvals,
                       approvers),
           at + ".approvals",
           "write a number up to that of its approvers, 0 where its policy alone may approve; name approvers as "
           "[[person]]");
  }

  void check_date(const std::string& date, const std::string& at) {
    std::string form = date;
    for (char& c : form) c = c >= '0' && c <= '9' ? '0' : c;
    if (date.empty() || form == "0000-00-00") return;
    refuse("bad_value", fmt::format("\"{}\" is no day", date), at, "write for example \"2027-12-31\"");
  }

  void check_revoked(std::size_t index) {
    const std::string at = fmt::format("revoked[{}].fingerprint", index);
    check_fingerprint(consortium_.revoked[index], "a revoked key", at);
    check_unique("revoked fingerprint", consortium_.revoked[index], at);
  }

  void check_person(std::size_t index) {
    const Person& person = consortium_.people[index];
    const std::string at = fmt::format("person[{}]", index);
    check_name_and_key(person.name, person.fingerprint, at);
    if (!person.member.empty()) check_member_reference(person.member, at + ".member");
    if (acts_for_a_member(person.role) && person.member.empty()) {
      refuse("missing_field", fmt::format("{} acts as {}, but of which member?", person.name, name_of(person.role)), at,
             "add member = \"…\"");
    }
    check_date(person.expires, at + ".expires");
  }

  // Members and people share one name space and one key space: a connection is known by its key alone.
  void check_name_and_key(const std::string& name, const std::string& fingerprint, const std::string& at) {
    if (!is_valid_name(name)) {
      refuse("bad_value", fmt::format("\"{}\" is no name", name), at + ".name",
             "begin with a letter a-z, go on with a-z, 0-9, _ and -, at most 63 characters in all");
    }
    check_fingerprint(fingerprint, name, at + ".fingerprint");
    if (std::find(consortium_.revoked.begin(), consortium_.revoked.end(), fingerprint) != consortium_.revoked.end()) {
      refuse("revoked_key", fmt::format("the key of {} is revoked", name), at + ".fingerprint",
             "let its owner make a new key");
    }
    check_unique("name", name, at + ".name");
    check_unique("fingerprint", fingerprint, at + ".fingerprint");
  }

  void check_fingerprint(const std::string& fingerprint, const std::string& whose, const std::string& at) {
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (fingerprint.size() == 64 && std::all_of(fingerprint.begin(), fingerprint.end(), is_digit)) return;
    refuse("bad_value", fmt::format("the fingerprint of {} is not 64 lower-case hexadecimal digits", whose), at,
           "copy what the owner of the key reads out");
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
