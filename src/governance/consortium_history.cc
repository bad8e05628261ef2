#include "governance/consortium_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "crypto/hash.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr const char* domain = "consortium";
constexpr std::size_t largest_text = std::size_t{1} << 20, largest_history = std::size_t{64} << 20;

std::filesystem::path signatures_path(const std::filesystem::path& file) { return file.string() + ".signatures"; }

[[noreturn]] void refuse(const std::string& code, const std::string& message, const std::string& where,
                         const std::string& remedy) {
  throw Failure({.code = "consortium." + code,
                 .message = message,
                 .where = where,
                 .rule = "the members sign every version of the consortium file",
                 .remedy = remedy});
}

[[noreturn]] void malformed(const std::string& file, const std::string& message) {
  refuse("bad_signatures", "the file of signatures cannot be used: " + message, file,
         "get it again from a member whose node runs");
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const std::string* key_of(const Consortium& consortium, const std::string& member) {
  const Member* found = consortium.find_member(member);
  return found != nullptr ? &found->fingerprint : nullptr;
}

std::vector<ConsortiumVersion> parse_versions(const std::filesystem::path& path) {
  const json document = json::parse(read_file(path, largest_history), nullptr, false);
  const bool good = document.is_object() && document.size() == 2 && document.contains("versions") &&
                    document.value("cohortium_consortium", json()) == json(1) && document["versions"].is_array() &&
                    !document["versions"].empty();
  if (!good) malformed(path.string(), "it is not of this program");
  std::vector<ConsortiumVersion> versions;
  for (const json& entry : document["versions"]) {
    if (!entry.is_object() || !entry.value("text", json()).is_string() || !entry.value("signatures", json()).is_array())
      malformed(path.string(), "a version has no text or no signatures");
    ConsortiumVersion version{.text = entry["text"], .signatures = {}};
    for (const json& signature : entry["signatures"]) version.signatures.push_back(signature_from_json(signature));
    versions.push_back(std::move(version));
  }
  return versions;
}

}  // namespace

ConsortiumHistory::ConsortiumHistory(const std::string& text) { add({.text = text, .signatures = {}}, "consortium"); }

ConsortiumHistory ConsortiumHistory::read(const std::filesystem::path& file) {
  const std::string text = read_file(file, largest_text);
  const std::filesystem::path signatures = signatures_path(file);
  if (!std::filesystem::exists(signatures)) {
    refuse("not_signed", "the consortium file has no signatures", signatures.string(),
           "keep both files together; members sign with `cohortium consortium sign`");
  }
  ConsortiumHistory history;
  std::vector<ConsortiumVersion> versions = parse_versions(signatures);
  // A draft that nobody has signed may still be edited.
  if (versions.back().signatures.empty()) versions.back().text = text;
  if (versions.back().text != text) {
    refuse("changed_after_signing", "the consortium file is not the one that was signed", file.string(),
           "put the signed file back; a change is a new version: `cohortium consortium propose`");
  }
  for (ConsortiumVersion& version : versions) {
    if (!history.versions_.empty()) static_cast<void>(history.in_force());
    history.add(std::move(version), file.string());
  }
  return history;
}

ConsortiumHistory ConsortiumHistory::with(const std::string& text) const {
  static_cast<void>(in_force());
  ConsortiumHistory next = *this;
  next.add({.text = text, .signatures = {}}, "consortium");
  return next;
}

// Checks that a version follows the one before, and every signature on it.
void ConsortiumHistory::add(ConsortiumVersion version, const std::string& file) {
  file_ = file;
  Consortium parsed = parse_consortium(version.text, file);
  const auto number = static_cast<int>(versions_.size()) + 1;
  if (parsed.version != number) {
    refuse("bad_version", fmt::format("this is version {} where version {} is due", parsed.version, number), file,
           fmt::format("write version = {}", number));
  }
  for (const std::string& key : parsed_.empty() ? std::vector<std::string>() : last().revoked) {
    if (contains(parsed.revoked, key)) continue;
    refuse("revoked_key", "a key that was revoked is no longer listed: " + key, file, "a revoked key stays revoked");
  }
  parsed.founding_digest = parsed_.empty() ? parsed.digest : parsed_.front().digest;
  parsed_.push_back(std::move(parsed));
  versions_.push_back(std::move(version));
  const std::size_t index = versions_.size() - 1;
  for (const Signature& signature : versions_[index].signatures) {
    const std::string* now = key_of(parsed_[index], signature.by);
    const std::string* before = index > 0 ? key_of(parsed_[index - 1], signature.by) : nullptr;
    if (now == nullptr && before == nullptr) malformed(file, "\"" + signature.by + "\" signed, but is no member");
    const bool by_old_key = before != nullptr && attempt([&] {
                                                   verify(signature, *before, domain, statement_of(index));
                                                   return 0;
                                                 }).ok();
    if (!by_old_key) verify(signature, now != nullptr ? *now : *before, domain, statement_of(index));
  }
}

json ConsortiumHistory::statement_of(std::size_t index) const {
  return {{"digest", parsed_[index].digest},
          {"previous", index > 0 ? parsed_[index - 1].digest : std::string(64, '0')},
          {"version", parsed_[index].version}};
}

SignatureStanding ConsortiumHistory::standing_of(std::size_t index) const {
  const Consortium& deciding = parsed_[index > 0 ? index - 1 : 0];
  const auto has_signed = [&](const Member& member) {
    return std::any_of(versions_[index].signatures.begin(), versions_[index].signatures.end(), [&](const auto& given) {
      return given.by == member.name && fingerprint_of(given) == member.fingerprint;
    });
  };
  SignatureStanding standing;
  standing.needed = index > 0 ? deciding.signatures_for_change() : static_cast<int>(deciding.members.size());
  for (const Member& member : deciding.members)
    (has_signed(member) ? standing.signed_by : standing.may_sign).push_back(member.name);
  for (const Member& member : parsed_[index].members) {
    const std::string* before = key_of(deciding, member.name);
    const bool is_new = before == nullptr || *before != member.fingerprint;
    if (is_new && !has_signed(member)) standing.must_sign.push_back(member.name);
  }
  return standing;
}

void ConsortiumHistory::sign(const Identity& identity) {
  const std::size_t index = versions_.size() - 1;
  for (const std::size_t of : {index, index > 0 ? index - 1 : 0}) {
    for (const Member& member : parsed_[of].members) {
      if (member.fingerprint != identity.fingerprint) continue;
      const Signature made = governance::sign(identity.tls.key, member.name, domain, statement_of(index));
      auto& all = versions_[index].signatures;
      std::erase_if(all, [&](const Signature& old) { return old.by == made.by && old.key == made.key; });
      all.push_back(made);
      return;
    }
  }
  refuse("unknown_key", "this key is of no member, and only members sign", identity.files.certificate.string(),
         "sign with the key of a node; or compare the fingerprint in the file with that of the key");
}

std::size_t ConsortiumHistory::collect(const ConsortiumHistory& other) {
  if (other.statement_of(other.versions_.size() - 1) != statement_of(versions_.size() - 1))
    refuse("changed_after_signing", "the signatures are of another text or follow another version", other.file_,
           "let all members sign one file");
  auto& all = versions_.back().signatures;
  std::size_t added = 0;
  for (const Signature& signature : other.versions_.back().signatures) {
    const bool is_here = std::any_of(all.begin(), all.end(), [&](const Signature& mine) {
      return mine.by == signature.by && mine.key == signature.key;
    });
    if (is_here) continue;
    all.push_back(signature);
    ++added;
  }
  return added;
}

const Consortium& ConsortiumHistory::in_force() const {
  const SignatureStanding standing = this->standing();
  if (standing.in_force()) return last();
  std::string missing;
  if (static_cast<int>(standing.signed_by.size()) < standing.needed) {
    missing =
        fmt::format("{} of {} members have signed; {} missing of: {}", standing.signed_by.size(),
                    standing.signed_by.size() + standing.may_sign.size(),
                    standing.needed - static_cast<int>(standing.signed_by.size()), fmt::join(standing.may_sign, ", "));
  }
  if (!standing.must_sign.empty()) {
    missing += fmt::format("{}{} must sign with the new key", missing.empty() ? "" : "; ",
                           fmt::join(standing.must_sign, ", "));
  }
  refuse("not_signed", fmt::format("version {} of the consortium file is not in force: {}", last().version, missing),
         file_, "have them sign with `cohortium consortium sign`");
}

void ConsortiumHistory::write(const std::filesystem::path& file) const {
  json versions = json::array();
  for (const ConsortiumVersion& version : versions_) {
    json signatures = json::array();
    for (const Signature& signature : version.signatures) signatures.push_back(to_json(signature));
    versions.push_back({{"text", version.text}, {"signatures", signatures}});
  }
  write_file(file, versions_.back().text);
  write_file(signatures_path(file), json{{"cohortium_consortium", 1}, {"versions", versions}}.dump(1) + "\n");
}

Consortium read_consortium(const std::filesystem::path& file) { return ConsortiumHistory::read(file).in_force(); }

bool accept_consortium(const std::filesystem::path& record, const ConsortiumHistory& history) {
  const Consortium& now = history.in_force();
  if (std::filesystem::exists(record)) {
    const json accepted = json::parse(read_file(record, 4096), nullptr, false);
    const int number = accepted.is_object() ? accepted.value("version", 0) : 0;
    const std::string digest = accepted.is_object() ? accepted.value("digest", "") : "";
    if (number > now.version) {
      refuse(
          "rolled_back",
          fmt::format("the consortium file is version {}, but this node has accepted version {}", now.version, number),
          record.string(), "put the newer file and its signatures back");
    }
    if (number < 1 || history.version(number).digest != digest) {
      refuse("forked",
             fmt::format("version {} of this consortium file is not the one that this node has accepted", number),
             record.string(), "compare digests with the other members; two versions of one number must not exist");
    }
    if (number == now.version) return false;
  }
  write_file(record, json{{"digest", now.digest}, {"version", now.version}}.dump() + "\n");
  return true;
}

}  // namespace cohortium::governance
