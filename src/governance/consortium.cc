#include "governance/consortium.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <initializer_list>
#include <map>

#include "base/error.h"
#include "base/file.h"
#include "crypto/hash.h"
#include "governance/consortium_rules.h"

namespace cohortium::governance {
namespace {

// Reads the fields of one file and remembers where each stood, for the rules that look at several at once.
class Reader {
 public:
  Reader(std::string file, const std::string& text) : file_(std::move(file)), root_(parse(text)) {}

  Consortium read() {
    Consortium consortium;
    only(root_, "", {"name", "coordinator", "network", "release", "member", "person"});
    consortium.name = text(root_, "", "name");
    consortium.coordinator = text(root_, "", "coordinator");
    if (root_.contains("network")) consortium.network = text(root_, "", "network");
    if (const toml::node* release = root_.get("release")) {
      const toml::table& table = as<toml::table>(*release, "release", "a table: [release]");
      only(table, "release.", {"minimum_cell", "exact_curves"});
      consortium.minimum_cell = integer(table, "release.", "minimum_cell", consortium.minimum_cell);
      consortium.exact_curves = boolean(table, "release.", "exact_curves", consortium.exact_curves);
    }
    each("member",
         [&](const toml::table& table, const std::string& at) { consortium.members.push_back(member(table, at)); });
    each("person",
         [&](const toml::table& table, const std::string& at) { consortium.people.push_back(person(table, at)); });
    return consortium;
  }

  std::string locate(const std::string& path) const {
    const auto found = positions_.find(path);
    return found != positions_.end() ? found->second : file_;
  }

 private:
  toml::table parse(const std::string& text) const {
    try {
      return toml::parse(text, file_);
    } catch (const toml::parse_error& error) {
      throw Failure({.code = "consortium.bad_syntax",
                     .message = "this is not TOML: " + std::string(error.description()),
                     .where = position(error.source()),
                     .remedy = "correct the line; the format is described in the guide"});
    }
  }

  Member member(const toml::table& table, const std::string& at) {
    only(table, at, {"name", "endpoint", "fingerprint", "site", "compute"});
    return {.name = text(table, at, "name"),
            .endpoint = text(table, at, "endpoint"),
            .fingerprint = text(table, at, "fingerprint"),
            .site = boolean(table, at, "site", false),
            .compute = boolean(table, at, "compute", false)};
  }

  Person person(const toml::table& table, const std::string& at) {
    only(table, at, {"name", "fingerprint", "role", "member"});
    Person person{.name = text(table, at, "name"), .fingerprint = text(table, at, "fingerprint")};
    const std::string role = text(table, at, "role");
    if (role != "analyst" && role != "operator") {
      refuse("bad_value", fmt::format("\"{}\" is no role", role), at + "role", "write \"analyst\" or \"operator\"");
    }
    person.role = role == "analyst" ? Role::kAnalyst : Role::kOperator;
    if (table.contains("member")) person.member = text(table, at, "member");
    return person;
  }

  template <class Visit>
  void each(const std::string& key, Visit visit) {
    const toml::node* node = root_.get(key);
    if (node == nullptr) return;
    const toml::array& array = as<toml::array>(*node, key, "a list of tables: [[" + key + "]]");
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::string at = fmt::format("{}[{}]", key, i);
      visit(as<toml::table>(array[i], at, "a table: [[" + key + "]]"), at + ".");
    }
  }

  // A misspelt field must not be ignored: it may be a rule that someone relies on.
  void only(const toml::table& table, const std::string& at, std::initializer_list<std::string_view> allowed) {
    for (const auto& [key, node] : table) {
      if (std::find(allowed.begin(), allowed.end(), key.str()) != allowed.end()) continue;
      const std::string path = at + std::string(key.str());
      positions_[path] = position(key.source());
      refuse("unknown_field", fmt::format("there is no field \"{}\" here", path), path,
             fmt::format("the fields are: {}", fmt::join(allowed, ", ")));
    }
  }

  std::string text(const toml::table& table, const std::string& at, const std::string& key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      positions_[at + key] = position(table.source());
      refuse("missing_field", fmt::format("the field \"{}\" is missing", key), at + key,
             fmt::format("add {} = \"…\"", key));
    }
    return as<toml::value<std::string>>(*node, at + key, "a text in quotation marks").get();
  }
  int integer(const toml::table& table, const std::string& at, const std::string& key, int otherwise) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return otherwise;
    const std::int64_t value = as<toml::value<std::int64_t>>(*node, at + key, "a whole number").get();
    constexpr std::int64_t limit = 1'000'000;
    if (value < 0 || value > limit) {
      refuse("bad_value", fmt::format("\"{}\" must lie between 0 and {}", key, limit), at + key, "correct it");
    }
    return static_cast<int>(value);
  }
  bool boolean(const toml::table& table, const std::string& at, const std::string& key, bool otherwise) {
    const toml::node* node = table.get(key);
    return node == nullptr ? otherwise : as<toml::value<bool>>(*node, at + key, "true or false").get();
  }

  template <class T>
  const T& as(const toml::node& node, const std::string& path, const std::string& kind) {
    positions_[path] = position(node.source());
    const T* value = dynamic_cast<const T*>(&node);
    if (value == nullptr) refuse("bad_value", fmt::format("\"{}\" must be {}", path, kind), path, "correct it");
    return *value;
  }

  [[noreturn]] void refuse(const std::string& code, const std::string& message, const std::string& path,
                           const std::string& remedy) const {
    throw Failure({.code = "consortium." + code, .message = message, .where = locate(path), .remedy = remedy});
  }
  std::string position(const toml::source_region& source) const {
    return fmt::format("{}:{}:{}", file_, source.begin.line, source.begin.column);
  }

  std::string file_;
  std::map<std::string, std::string> positions_;  // by path: "member[2].endpoint"
  toml::table root_;
};

std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

std::string to_toml(const Consortium& consortium) {
  std::string out =
      fmt::format("name = {}\ncoordinator = {}\nnetwork = {}\n\n[release]\nminimum_cell = {}\nexact_curves = {}\n",
                  quoted(consortium.name), quoted(consortium.coordinator), quoted(consortium.network),
                  consortium.minimum_cell, consortium.exact_curves);
  for (const Member& member : consortium.members) {
    out += fmt::format("\n[[member]]\nname = {}\nendpoint = {}\nfingerprint = {}\nsite = {}\ncompute = {}\n",
                       quoted(member.name), quoted(member.endpoint), quoted(member.fingerprint), member.site,
                       member.compute);
  }
  for (const Person& person : consortium.people) {
    out += fmt::format("\n[[person]]\nname = {}\nfingerprint = {}\nrole = \"{}\"\n", quoted(person.name),
                       quoted(person.fingerprint), person.role == Role::kAnalyst ? "analyst" : "operator");
    if (!person.member.empty()) out += fmt::format("member = {}\n", quoted(person.member));
  }
  return out;
}

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

Consortium read_consortium(const std::filesystem::path& path) {
  const std::string text = read_file(path, std::size_t{1} << 20);
  Reader reader(path.string(), text);
  Consortium consortium = reader.read();
  check_consortium(consortium, [&](const std::string& field) { return reader.locate(field); });
  consortium.digest = crypto::sha256_hex(text);
  return consortium;
}

void write_consortium(const std::filesystem::path& path, const Consortium& consortium) {
  check_consortium(consortium, [](const std::string& field) { return field; });
  write_file(path, to_toml(consortium));
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
