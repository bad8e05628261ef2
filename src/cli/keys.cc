// `cohortium keys`.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/passphrase.h"
#include "governance/identity.h"
#include "governance/rotation.h"

namespace cohortium::cli {
namespace {

using nlohmann::json;

void print(const Output& output, const json& machine, const std::string& people) {
  std::fputs(output.json ? (machine.dump(2) + "\n").c_str() : people.c_str(), stdout);
}

}  // namespace

void create_keys(const KeyOptions& options, const Output& output) {
  const std::filesystem::path key = options.folder / (options.name + ".key");
  const governance::Identity identity =
      options.token.empty()
          ? governance::create_identity(options.folder, options.name,
                                        new_passphrase_for(key, {options.credential, options.new_credential}))
          : governance::create_token_identity(options.folder, options.name, options.token,
                                              passphrase_of(key, options.credential));
  print(output,
        {{"name", options.name},
         {"key", identity.files.key.string()},
         {"certificate", identity.files.certificate.string()},
         {"fingerprint", identity.fingerprint}},
        fmt::format("key          {} (keep it; give it to nobody)\ncertificate  {}\nfingerprint  {}\n",
                    identity.files.key.string(), identity.files.certificate.string(), identity.fingerprint));
}

void show_keys(const KeyOptions& options, const Output& output) {
  const governance::IdentityFiles files = governance::identity_files(options.path);
  const std::string fingerprint = governance::fingerprint(files.certificate);
  const bool has_key = std::filesystem::exists(files.key);
  const char* key = !has_key ? "not here" : governance::is_protected(files.key) ? "encrypted" : "NOT ENCRYPTED";
  print(output, {{"name", options.path.filename().string()}, {"fingerprint", fingerprint}, {"key", key}},
        fmt::format("fingerprint  {}\nkey          {}\n", fingerprint, key));
}

void protect_keys(const KeyOptions& options, const Output& output) {
  const std::filesystem::path key = governance::identity_files(options.path).key;
  const net::Passphrase old = governance::is_protected(key) ? passphrase_of(key, options.old) : net::Passphrase();
  governance::protect_key(key, old, new_passphrase_for(key, {options.credential, options.new_credential}));
  print(output, {{"key", key.string()}}, key.string() + " is encrypted with the new passphrase\n");
}

void rotate_keys(const KeyOptions& options, const Output& output) {
  const governance::Identity before = open_identity(options.path, options.old);
  const std::string name = options.path.filename().string();
  const net::Passphrase passphrase =
      new_passphrase_for(options.folder / (name + ".key"), {options.credential, options.new_credential});
  const governance::Identity after = governance::create_identity(options.folder, name, passphrase);
  const std::filesystem::path announcement = options.folder / (name + ".rotation");
  write_file(announcement, governance::rotation_text(name, before, after));
  print(output, {{"fingerprint", after.fingerprint}, {"announcement", announcement.string()}},
        fmt::format("fingerprint   {}\nannouncement  {} (for `cohortium consortium propose --rotate`)\n",
                    after.fingerprint, announcement.string()));
}

}  // namespace cohortium::cli
