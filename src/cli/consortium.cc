// `cohortium consortium`: the file that everybody relies on, and the signatures that put it in force.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/passphrase.h"
#include "governance/consortium_history.h"
#include "governance/rotation.h"

namespace cohortium::cli {
namespace {

using nlohmann::json;

void print(const Output& output, const json& machine, const std::string& people) {
  std::fputs(output.json ? (machine.dump(2) + "\n").c_str() : people.c_str(), stdout);
}

[[noreturn]] void bad_option(const std::string& option, const std::string& message, const std::string& remedy) {
  throw Failure({.code = "cli.bad_option", .message = message, .where = option, .remedy = remedy});
}

// "NAME=a,b,c" as NAME and its parts.
struct Assignment {
  std::string name;
  std::vector<std::string> parts;
};

Assignment parse_assignment(const std::string& text, const std::string& option, const std::string& form,
                            std::size_t least) {
  const std::size_t equals = text.find('=');
  Assignment assignment{.name = text.substr(0, equals), .parts = {}};
  if (equals != std::string::npos) {
    for (std::size_t from = equals + 1; from <= text.size();) {
      const std::size_t to = std::min(text.find(',', from), text.size());
      assignment.parts.push_back(text.substr(from, to - from));
      from = to + 1;
    }
  }
  if (assignment.parts.size() < least) bad_option(option, "\"" + text + "\" is not " + form, "see --help");
  return assignment;
}

// "KEY=VALUE" among the parts: its value, and the part is taken away.
std::optional<std::string> take(std::vector<std::string>& parts, const std::string& key) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const std::string& part) { return part.starts_with(key + "="); });
  if (found == parts.end()) return std::nullopt;
  const std::string value = found->substr(key.size() + 1);
  parts.erase(found);
  return value;
}

bool take_word(std::vector<std::string>& parts, const std::string& word) {
  const auto found = std::find(parts.begin(), parts.end(), word);
  if (found == parts.end()) return false;
  parts.erase(found);
  return true;
}

constexpr const char* member_form = "NAME=HOST:PORT,CERTIFICATE[,site][,compute][,approvals=N][,expires=DAY]";
constexpr const char* person_form = "NAME=CERTIFICATE,ROLE[,MEMBER][,expires=DAY]";

governance::Member parse_member(const std::string& text) {
  Assignment given = parse_assignment(text, "--member", member_form, 2);
  governance::Member member{.name = given.name,
                            .endpoint = given.parts[0],
                            .fingerprint = governance::fingerprint(given.parts[1]),
                            .site = take_word(given.parts, "site"),
                            .compute = take_word(given.parts, "compute")};
  member.expires = take(given.parts, "expires").value_or("");
  if (const auto approvals = take(given.parts, "approvals")) {
    const auto [end, error] =
        std::from_chars(approvals->data(), approvals->data() + approvals->size(), member.approvals);
    if (error != std::errc{} || end != approvals->data() + approvals->size())
      bad_option("--member", "\"" + *approvals + "\" is no number of approvals", std::string("write ") + member_form);
  }
  if (given.parts.size() > 2)
    bad_option("--member", "\"" + given.parts[2] + "\" says nothing about a member",
               std::string("write ") + member_form);
  return member;
}

governance::Person parse_person(const std::string& text) {
  Assignment given = parse_assignment(text, "--person", person_form, 2);
  governance::Person person{.name = given.name, .fingerprint = governance::fingerprint(given.parts[0])};
  person.expires = take(given.parts, "expires").value_or("");
  const auto role = governance::role_named(given.parts[1]);
  if (!role)
    bad_option("--person", "\"" + given.parts[1] + "\" is no role", "write one of " + governance::role_names());
  person.role = *role;
  if (given.parts.size() > 2) person.member = given.parts[2];
  if (given.parts.size() > 3)
    bad_option("--person", "\"" + text + "\" says too much", std::string("write ") + person_form);
  return person;
}

// In place of the one of this name, or at the end.
template <class T>
void put(std::vector<T>& all, T given) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const T& each) { return each.name == given.name; });
  if (found != all.end()) {
    *found = std::move(given);
  } else {
    all.push_back(std::move(given));
  }
}

// The key of whoever is taken out.
std::string remove(governance::Consortium& consortium, const std::string& name, const std::string& option) {
  std::string key;
  const auto is_it = [&](const auto& each) {
    if (each.name == name) key = each.fingerprint;
    return each.name == name;
  };
  std::erase_if(consortium.members, is_it);
  std::erase_if(consortium.people, is_it);
  if (key.empty()) bad_option(option, "there is no \"" + name + "\" in the consortium file", "check the name");
  return key;
}

json to_json(const governance::SignatureStanding& standing) {
  return {{"signed_by", standing.signed_by},
          {"needed", standing.needed},
          {"may_sign", standing.may_sign},
          {"must_sign", standing.must_sign},
          {"in_force", standing.in_force()}};
}

void print_standing(const governance::ConsortiumHistory& history, const std::filesystem::path& file,
                    const Output& output) {
  const governance::Consortium& last = history.last();
  const governance::SignatureStanding standing = history.standing();
  std::string text = fmt::format("{}\nversion  {}\ndigest   {}\nsigned   {} of {} needed{}{}\n", last.name,
                                 last.version, last.digest, standing.signed_by.size(), standing.needed,
                                 standing.signed_by.empty() ? "" : ": ", fmt::join(standing.signed_by, ", "));
  if (!standing.in_force() && !standing.may_sign.empty())
    text += fmt::format("missing  {}\n", fmt::join(standing.may_sign, ", "));
  if (!standing.must_sign.empty())
    text += fmt::format("new keys {} must sign with them\n", fmt::join(standing.must_sign, ", "));
  if (standing.in_force()) text += "in force\n";
  print(output,
        {{"consortium", file.string()},
         {"version", last.version},
         {"digest", last.digest},
         {"signatures", to_json(standing)}},
        text);
}

}  // namespace

void create_consortium(const ConsortiumOptions& options, const Output& output) {
  governance::Consortium consortium;
  consortium.name = options.name;
  consortium.change_signatures = options.change_signatures;
  consortium.minimum_cell = options.minimum_cell;
  consortium.exact_curves = options.exact_curves;
  consortium.rows_per_parameter = options.rows_per_parameter;
  consortium.round_to = options.round_to;
  consortium.protect_sites = options.protect_sites;
  consortium.zero_and_full = !options.no_zero_and_full;
  if (options.quality_gate) consortium.quality.emplace();
  consortium.network = options.network;
  for (const std::string& text : options.members) consortium.members.push_back(parse_member(text));
  for (const std::string& text : options.people) consortium.people.push_back(parse_person(text));
  consortium.coordinator = options.coordinator.empty() && !consortium.members.empty() ? consortium.members.front().name
                                                                                      : options.coordinator;
  const governance::ConsortiumHistory history(governance::consortium_text(consortium));
  history.write(options.out);
  print_standing(history, options.out, output);
}

void propose_consortium(const ConsortiumOptions& options, const Output& output) {
  const auto history = governance::ConsortiumHistory::read(options.file);
  governance::Consortium next = history.in_force();
  ++next.version;
  for (const auto& rotation : options.rotations) next = governance::with_rotation(next, read_file(rotation, 65536));
  for (const std::string& name : options.remove) remove(next, name, "--remove");
  for (const std::string& name : options.revoke) next.revoked.push_back(remove(next, name, "--revoke"));
  for (const std::string& text : options.members) put(next.members, parse_member(text));
  for (const std::string& text : options.people) put(next.people, parse_person(text));
  if (!options.coordinator.empty()) next.coordinator = options.coordinator;
  if (options.change_signatures > 0) next.change_signatures = options.change_signatures;
  const auto proposed = history.with(governance::consortium_text(next));
  proposed.write(options.out);
  print_standing(proposed, options.out, output);
}

void sign_consortium(const ConsortiumOptions& options, const Output& output) {
  auto history = governance::ConsortiumHistory::read(options.file);
  history.sign(open_identity(options.identity, options.credential));
  history.write(options.file);
  print_standing(history, options.file, output);
}

void collect_signatures(const ConsortiumOptions& options, const Output& output) {
  auto history = governance::ConsortiumHistory::read(options.file);
  for (const auto& other : options.others) history.collect(governance::ConsortiumHistory::read(other));
  history.write(options.file);
  print_standing(history, options.file, output);
}

void verify_consortium(const ConsortiumOptions& options, const Output& output) {
  const auto history = governance::ConsortiumHistory::read(options.file);
  static_cast<void>(history.in_force());
  print_standing(history, options.file, output);
}

}  // namespace cohortium::cli
