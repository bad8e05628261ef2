#include "governance/identity.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "net/certificate.h"
#include "net/token_key.h"

namespace cohortium::governance {
namespace {

constexpr std::size_t shortest_passphrase = 12, largest_file = 65536;

void refuse_to_overwrite(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return;
  throw Failure({.code = "identity.exists",
                 .message = "there is a file of this name already",
                 .where = path.string(),
                 .remedy = "use it, or choose another folder or name; nothing was changed"});
}

void check_strength(const net::Passphrase& passphrase) {
  if (passphrase.size() >= shortest_passphrase) return;
  throw Failure({.code = "key.weak_passphrase",
                 .message = "the passphrase is shorter than " + std::to_string(shortest_passphrase) + " characters",
                 .remedy = "take several random words, or let --new-credential make one"});
}

// Reading what others can read, too, protects nothing. A pipe has no others.
void refuse_if_open_to_others(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & S_IROTH) == 0) return;
  throw Failure({.code = "key.open_to_others",
                 .message = "everybody on this machine may read the file",
                 .where = path.string(),
                 .remedy = "chmod 600 it; if others use this machine, rotate the key"});
}

// Errors about a key name its file.
template <class Read>
auto at(const std::filesystem::path& path, Read read) {
  const auto result = attempt(read);
  if (result.ok()) return result.value();
  Error error = result.error();
  if (error.where.empty()) error.where = path.string();
  throw Failure(error);
}

net::PrivateKey read_key(const std::filesystem::path& path, const net::Passphrase& passphrase) {
  refuse_if_open_to_others(path);
  const std::string text = read_file(path, largest_file);
  if (net::is_token_uri(text))
    return at(path, [&] { return net::token_key(text.substr(0, text.find_first_of("\r\n")), passphrase); });
  return at(path, [&] { return net::PrivateKey::from_pem(text, passphrase); });
}

IdentityFiles files_of_new(const std::filesystem::path& folder, const std::string& name) {
  if (!is_valid_name(name)) {
    throw Failure({.code = "identity.bad_name",
                   .message = "the name \"" + name + "\" cannot be used",
                   .remedy = "begin with a letter a-z, go on with a-z, 0-9, _ and -, at most 63 characters in all"});
  }
  const IdentityFiles files = identity_files(folder / name);
  for (const auto& path : {files.key, files.certificate}) refuse_to_overwrite(path);
  return files;
}

Identity write_identity(const IdentityFiles& files, const std::string& name, const net::PrivateKey& key,
                        const std::string& key_file) {
  const net::TlsIdentity tls{.certificate = net::make_certificate(key, name), .key = key};
  std::error_code reported_by_write;
  std::filesystem::create_directories(files.key.parent_path(), reported_by_write);
  write_file(files.key, key_file, FileAccess::kOwnerOnly);
  write_file(files.certificate, tls.certificate);
  return {.files = files, .tls = tls, .fingerprint = net::public_key_fingerprint(key.public_key())};
}

}  // namespace

bool is_valid_name(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_allowed = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= 63 && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

IdentityFiles identity_files(const std::filesystem::path& path) {
  return {.certificate = path.string() + ".crt", .key = path.string() + ".key"};
}

Identity create_identity(const std::filesystem::path& folder, const std::string& name,
                         const net::Passphrase& passphrase) {
  const IdentityFiles files = files_of_new(folder, name);
  check_strength(passphrase);
  const net::PrivateKey key = net::PrivateKey::generate();
  return write_identity(files, name, key, key.to_pem(passphrase));
}

Identity create_token_identity(const std::filesystem::path& folder, const std::string& name, const std::string& uri,
                               const net::Passphrase& pin) {
  return write_identity(files_of_new(folder, name), name, net::token_key(uri, pin), uri + "\n");
}

Identity load_identity(const IdentityFiles& files, const net::Passphrase& passphrase) {
  const net::PrivateKey key = read_key(files.key, passphrase);
  const net::TlsIdentity tls{.certificate = read_file(files.certificate, largest_file), .key = key};
  const std::string fingerprint = net::public_key_fingerprint(key.public_key());
  if (at(files.certificate, [&] { return net::certificate_fingerprint(tls.certificate); }) != fingerprint) {
    throw Failure({.code = "net.bad_identity",
                   .message = "the certificate is of another key than " + files.key.string(),
                   .where = files.certificate.string(),
                   .remedy = "keep the two files that were made together in one place"});
  }
  return {.files = files, .tls = tls, .fingerprint = fingerprint};
}

bool is_protected(const std::filesystem::path& key) {
  const std::string text = read_file(key, largest_file);
  return net::is_token_uri(text) || text.find("BEGIN ENCRYPTED PRIVATE KEY") != std::string::npos;
}

void protect_key(const std::filesystem::path& path, const net::Passphrase& old, const net::Passphrase& passphrase) {
  check_strength(passphrase);
  if (net::is_token_uri(read_file(path, largest_file))) {
    throw Failure({.code = "key.in_token",
                   .message = "the key is in a token, which its PIN protects",
                   .where = path.string(),
                   .remedy = "change the PIN with the token's own tool"});
  }
  const net::PrivateKey key = is_protected(path) ? read_key(path, old) : at(path, [&] {
    std::string pem = read_file(path, largest_file);
    net::PrivateKey read = net::PrivateKey::from_unprotected_pem(pem);
    wipe(pem.data(), pem.size());
    return read;
  });
  write_file(path, key.to_pem(passphrase), FileAccess::kOwnerOnly);
}

net::Passphrase read_credential(const std::filesystem::path& path) {
  refuse_if_open_to_others(path);
  std::string text = read_file(path, 4096);
  const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  net::Passphrase passphrase(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end));
  wipe(text.data(), text.size());
  if (passphrase.empty()) {
    throw Failure({.code = "key.no_passphrase",
                   .message = "the credential file is empty",
                   .where = path.string(),
                   .remedy = "its first line is the passphrase"});
  }
  return passphrase;
}

net::Passphrase create_credential(const std::filesystem::path& path) {
  refuse_to_overwrite(path);
  const net::Passphrase passphrase = net::random_passphrase();
  net::Passphrase line = passphrase;
  line.push_back('\n');
  write_file(path, {line.data(), line.size()}, FileAccess::kOwnerOnly);
  return passphrase;
}

std::string fingerprint(const std::filesystem::path& certificate) {
  const std::string pem = read_file(certificate, largest_file);
  return at(certificate, [&] { return net::certificate_fingerprint(pem); });
}

}  // namespace cohortium::governance
