// Why a consortium file counts: all its versions from the first, each with the signatures that put it in force.
//
// Beside consortium.toml lies consortium.toml.signatures:
//   {"cohortium_consortium": 1, "versions": [{"signatures": [...], "text": "the whole file of version 1"}, ...]}
// Members sign, in the domain "consortium", {"digest", "previous", "version"}: the SHA-256 of the version's text and of
// the one before (64 zeros before the first), and its number.
//
//   Version 1   is in force once all its members have signed
//   Later ones  once as many members of the version before have signed as that version asks (change_signatures), and
//               with them everyone whose key is new: who joins, and who has a new key, agrees to it
//   A node      keeps the version it has accepted in STATE/consortium.json and takes no older and no other one
//
// Guaranteed  no member, coordinator or courier can change the file alone, nor bring an old version back to a node
// Not         that all nodes have the same version: a run names it, and nodes of another version refuse (node/node.h)
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "governance/consortium.h"
#include "governance/identity.h"
#include "governance/signature.h"

namespace cohortium::governance {

struct ConsortiumVersion {
  std::string text;
  std::vector<Signature> signatures;
};

// Who has signed a version, and who has still to do so.
struct SignatureStanding {
  std::vector<std::string> signed_by;  // members of the version before, or of the first version itself
  int needed = 0;                      // of `may_sign`
  std::vector<std::string> may_sign;   // who of these has not yet signed
  std::vector<std::string> must_sign;  // whose key is new, and who has not signed with it
  bool in_force() const { return static_cast<int>(signed_by.size()) >= needed && must_sign.empty(); }
};

class ConsortiumHistory {
 public:
  // Of FILE and FILE.signatures: every version but the last is in force. Fails with consortium.* (also
  // consortium.changed_after_signing where FILE is not the last version), signature.*, file.*.
  static ConsortiumHistory read(const std::filesystem::path& file);
  // A first version, which nobody has signed.
  explicit ConsortiumHistory(const std::string& text);
  // The same with a next version, which nobody has signed. Fails unless the last one is in force.
  ConsortiumHistory with(const std::string& text) const;
  void write(const std::filesystem::path& file) const;  // FILE and FILE.signatures

  // Adds the signature of the member whose key this is. Fails with consortium.unknown_key.
  void sign(const Identity& identity);
  // Takes over what `other`, of the same versions, has in signatures of the last one; how many were new.
  std::size_t collect(const ConsortiumHistory& other);

  const std::vector<ConsortiumVersion>& versions() const { return versions_; }
  const Consortium& last() const { return parsed_.back(); }
  SignatureStanding standing() const { return standing_of(versions_.size() - 1); }
  // The last version. Fails with consortium.not_signed, which names whose signatures are missing.
  const Consortium& in_force() const;
  const Consortium& version(int number) const { return parsed_.at(static_cast<std::size_t>(number - 1)); }

 private:
  ConsortiumHistory() = default;
  void add(ConsortiumVersion version, const std::string& file);
  SignatureStanding standing_of(std::size_t index) const;
  nlohmann::json statement_of(std::size_t index) const;

  std::string file_;
  std::vector<ConsortiumVersion> versions_;
  std::vector<Consortium> parsed_;
};

// The consortium that is in force by FILE and FILE.signatures.
Consortium read_consortium(const std::filesystem::path& file);

// Compares with what this node has accepted before, and remembers it; whether it is news. Fails with
// consortium.rolled_back or consortium.forked.
bool accept_consortium(const std::filesystem::path& record, const ConsortiumHistory& history);

}  // namespace cohortium::governance
