// The consortium file as text: read with the place of every field, and written.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <map>

#include "base/error.h"
#include "base/toml.h"
#include "crypto/hash.h"
#include "governance/consortium.h"
#include "governance/consortium_rules.h"

namespace cohortium::governance {
namespace {

constexpr int most_concept = 2'147'483'647;  // the common data model's concept ids are 32-bit

// Reads the fields of one file and remembers where each stood, for the rules that look at several at once.
class Reader {
 public:
  Reader(std::string file, const std::string& text)
      : file_(std::move(file)),
        root_(parse_toml(text, file_,
                         {.code = "consortium.bad_syntax",
                          .message = "",
                          .remedy = "correct the line; the format is described in the guide"})) {}

  Consortium read() {
    Consortium consortium;
    only(root_, "",
         {"name", "version", "change_signatures", "coordinator", "network", "release", "quality", "agreement", "member",
          "person", "revoked"});
    consortium.name = text(root_, "", "name");
    consortium.version = integer(root_, "", "version", 0);
    consortium.change_signatures = integer(root_, "", "change_signatures", 0);
    consortium.coordinator = text(root_, "", "coordinator");
    if (root_.contains("network")) consortium.network = text(root_, "", "network");
    if (const toml::node* release = root_.get("release")) {
      const toml::table& table = as<toml::table>(*release, "release", "a table: [release]");
      only(table, "release.",
           {"minimum_cell", "exact_curves", "rows_per_parameter", "round_to", "protect_sites", "zero_and_full"});
      consortium.minimum_cell = integer(table, "release.", "minimum_cell", consortium.minimum_cell);
      consortium.exact_curves = boolean(table, "release.", "exact_curves", consortium.exact_curves);
      if (table.contains("rows_per_parameter"))
        consortium.rows_per_parameter = number(table, "release.", "rows_per_parameter");
      consortium.protect_sites = boolean(table, "release.", "protect_sites", consortium.protect_sites);
      consortium.zero_and_full = boolean(table, "release.", "zero_and_full", consortium.zero_and_full);
      consortium.round_to = integer(table, "release.", "round_to", consortium.round_to);
    }
    if (const toml::node* node = root_.get("quality")) {
      consortium.quality = quality_rules(as<toml::table>(*node, "quality", "a table: [quality]"));
    }
    if (const toml::node* node = root_.get("agreement")) {
      const toml::table& table = as<toml::table>(*node, "agreement", "a table: [agreement]");
      only(table, "agreement.", {"required", "name_sites"});
      consortium.agreement_required = boolean(table, "agreement.", "required", false);
      consortium.name_sites = boolean(table, "agreement.", "name_sites", false);
    }
    each(root_, "member",
         [&](const toml::table& table, const std::string& at) { consortium.members.push_back(member(table, at)); });
    each(root_, "person",
         [&](const toml::table& table, const std::string& at) { consortium.people.push_back(person(table, at)); });
    each(root_, "revoked", [&](const toml::table& table, const std::string& at) {
      only(table, at, {"fingerprint"});
      consortium.revoked.push_back(text(table, at, "fingerprint"));
    });
    return consortium;
  }

  std::string locate(const std::string& path) const {
    const auto found = positions_.find(path);
    return found != positions_.end() ? found->second : file_;
  }

 private:
  Member member(const toml::table& table, const std::string& at) {
    only(table, at, {"name", "endpoint", "fingerprint", "site", "compute", "approvals", "expires"});
    return {.name = text(table, at, "name"),
            .endpoint = text(table, at, "endpoint"),
            .fingerprint = text(table, at, "fingerprint"),
            .site = boolean(table, at, "site", false),
            .compute = boolean(table, at, "compute", false),
            .approvals = integer(table, at, "approvals", 1),
            .expires = table.contains("expires") ? text(table, at, "expires") : ""};
  }

  Person person(const toml::table& table, const std::string& at) {
    only(table, at, {"name", "fingerprint", "role", "member", "expires"});
    Person person{.name = text(table, at, "name"), .fingerprint = text(table, at, "fingerprint")};
    const std::string role = text(table, at, "role");
    const auto known = role_named(role);
    if (!known)
      refuse("bad_value", fmt::format("\"{}\" is no role", role), at + "role", "write one of " + role_names());
    person.role = *known;
    if (table.contains("expires")) person.expires = text(table, at, "expires");
    if (table.contains("member")) person.member = text(table, at, "member");
    return person;
  }

  quality::Rules quality_rules(const toml::table& table) {
    quality::Rules rules;
    only(table, "quality.", {"thresholds", "range"});
    if (const toml::node* node = table.get("thresholds")) {
      const std::string at = "quality.thresholds";
      const toml::table& thresholds = as<toml::table>(*node, at, "a table: [quality.thresholds]");
      for (const auto& [key, value] : thresholds) {
        const std::string name(key.str());
        rules.thresholds[name] = number(thresholds, at + ".", name);
      }
    }
    each(table, "quality.range", [&](const toml::table& range, const std::string& at) {
      only(range, at, {"concept", "unit", "low", "high"});
      rules.ranges.push_back({integer(range, at, "concept", 0, most_concept),
                              integer(range, at, "unit", 0, most_concept), number(range, at, "low"),
                              number(range, at, "high")});
    });
    return rules;
  }

  template <class Visit>
  void each(const toml::table& parent, const std::string& path, Visit visit) {
    const toml::node* node = parent.get(path.substr(path.find('.') + 1));
    if (node == nullptr) return;
    const toml::array& array = as<toml::array>(*node, path, "a list of tables: [[" + path + "]]");
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::string at = fmt::format("{}[{}]", path, i);
      visit(as<toml::table>(array[i], at, "a table: [[" + path + "]]"), at + ".");
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
  int integer(const toml::table& table, const std::string& at, const std::string& key, int otherwise,
              int limit = 1'000'000) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return otherwise;
    const std::int64_t value = as<toml::value<std::int64_t>>(*node, at + key, "a whole number").get();
    if (value < 0 || value > limit) {
      refuse("bad_value", fmt::format("\"{}\" must lie between 0 and {}", key, limit), at + key, "correct it");
    }
    return static_cast<int>(value);
  }
  double number(const toml::table& table, const std::string& at, const std::string& key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      positions_[at + key] = position(table.source());
      refuse("missing_field", fmt::format("the field \"{}\" is missing", key), at + key,
             fmt::format("add {} = 0", key));
    }
    positions_[at + key] = position(node->source());
    const std::optional<double> value = node->value<double>();
    if (!value || !node->is_number() || !std::isfinite(*value))
      refuse("bad_value", fmt::format("\"{}\" must be a number", at + key), at + key, "correct it");
    return *value;
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
  std::string position(const toml::source_region& source) const { return position_in(file_, source); }

  std::string file_;
  std::map<std::string, std::string> positions_;  // by path: "member[2].endpoint"
  toml::table root_;
};

std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

std::string quality_toml(const quality::Rules& rules) {
  std::string out = "\n[quality]\n";
  if (!rules.thresholds.empty()) out += "[quality.thresholds]\n";
  for (const auto& [name, share] : rules.thresholds) out += fmt::format("{} = {}\n", quoted(name), share);
  for (const quality::Range& range : rules.ranges) {
    out += fmt::format("\n[[quality.range]]\nconcept = {}\nunit = {}\nlow = {}\nhigh = {}\n", range.concept_id,
                       range.unit_concept_id, range.low, range.high);
  }
  return out;
}

std::string line_if(bool condition, const char* key, const std::string& value) {
  return condition ? fmt::format("{} = {}\n", key, value) : "";
}

std::string to_toml(const Consortium& consortium) {
  std::string out = fmt::format("name = {}\nversion = {}\n", quoted(consortium.name), consortium.version);
  out += line_if(consortium.change_signatures > 0, "change_signatures", std::to_string(consortium.change_signatures));
  out += fmt::format("coordinator = {}\nnetwork = {}\n\n[release]\nminimum_cell = {}\nexact_curves = {}\n",
                     quoted(consortium.coordinator), quoted(consortium.network), consortium.minimum_cell,
                     consortium.exact_curves);
  out += line_if(consortium.rows_per_parameter > 0, "rows_per_parameter",
                 fmt::format("{}", consortium.rows_per_parameter));
  out += line_if(consortium.round_to > 1, "round_to", std::to_string(consortium.round_to));
  out += line_if(consortium.protect_sites, "protect_sites", "true");
  out += line_if(!consortium.zero_and_full, "zero_and_full", "false");
  if (consortium.quality) out += quality_toml(*consortium.quality);
  if (consortium.agreement_required || consortium.name_sites)
    out += fmt::format("\n[agreement]\nrequired = {}\nname_sites = {}\n", consortium.agreement_required,
                       consortium.name_sites);
  for (const Member& member : consortium.members) {
    out += fmt::format("\n[[member]]\nname = {}\nendpoint = {}\nfingerprint = {}\nsite = {}\ncompute = {}\n",
                       quoted(member.name), quoted(member.endpoint), quoted(member.fingerprint), member.site,
                       member.compute);
    out += line_if(member.approvals != 1, "approvals", std::to_string(member.approvals));
    out += line_if(!member.expires.empty(), "expires", quoted(member.expires));
  }
  for (const Person& person : consortium.people) {
    out += fmt::format("\n[[person]]\nname = {}\nfingerprint = {}\nrole = \"{}\"\n", quoted(person.name),
                       quoted(person.fingerprint), name_of(person.role));
    out += line_if(!person.member.empty(), "member", quoted(person.member));
    out += line_if(!person.expires.empty(), "expires", quoted(person.expires));
  }
  for (const std::string& key : consortium.revoked)
    out += fmt::format("\n[[revoked]]\nfingerprint = {}\n", quoted(key));
  return out;
}

}  // namespace

Consortium parse_consortium(const std::string& text, const std::string& file) {
  Reader reader(file, text);
  Consortium consortium = reader.read();
  check_consortium(consortium, [&](const std::string& field) { return reader.locate(field); });
  consortium.digest = crypto::sha256_hex(text);
  return consortium;
}

std::string consortium_text(const Consortium& consortium) {
  check_consortium(consortium, [](const std::string& field) { return field; });
  return to_toml(consortium);
}

}  // namespace cohortium::governance
