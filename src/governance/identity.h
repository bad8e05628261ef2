// Who a node or a person is: a key, and a self-signed certificate whose fingerprint goes into the consortium file. One
// key proves who someone is on a connection and signs (signature.h).
//
//   NAME.key   PKCS#8 in PEM, encrypted (net/private_key.h), readable by its owner only; or one line, the name of a key
//              in a token (net/token_key.h), whose passphrase is the PIN
//   NAME.crt   certificate in PEM
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "net/tls.h"

namespace cohortium::governance {

// Names of members and people: [a-z][a-z0-9_-]{0,62}.
bool is_valid_name(std::string_view name);

struct IdentityFiles {
  std::filesystem::path certificate, key;
};
// FOLDER/NAME.crt and FOLDER/NAME.key of FOLDER/NAME.
IdentityFiles identity_files(const std::filesystem::path& path);

struct Identity {
  IdentityFiles files;
  net::TlsIdentity tls;
  std::string fingerprint;  // 64 hexadecimal digits
};

// Makes an Ed25519 key and its certificate. Never overwrites: a lost key cannot be had back. Fails with
// identity.bad_name, identity.exists, key.weak_passphrase, file.unwritable.
Identity create_identity(const std::filesystem::path& folder, const std::string& name,
                         const net::Passphrase& passphrase);

// The same for a key that a token has already.
Identity create_token_identity(const std::filesystem::path& folder, const std::string& name, const std::string& uri,
                               const net::Passphrase& pin);

// Fails with key.unprotected, key.wrong_passphrase, key.unusable, key.open_to_others, net.bad_identity, file.*.
Identity load_identity(const IdentityFiles& files, const net::Passphrase& passphrase);

// Encrypts a key file with another passphrase; `old` opens it, unless it was not encrypted. Fails as load_identity, and
// with key.in_token.
void protect_key(const std::filesystem::path& key, const net::Passphrase& old, const net::Passphrase& passphrase);
bool is_protected(const std::filesystem::path& key);

// The passphrase in a credential file: its first line. It may be a pipe (/dev/fd/3), and systemd's LoadCredential makes
// such files. Fails with key.no_passphrase, key.open_to_others, file.*.
net::Passphrase read_credential(const std::filesystem::path& path);
// A credential file with a fresh random passphrase, readable by its owner only. Fails with identity.exists.
net::Passphrase create_credential(const std::filesystem::path& path);

// SHA-256 of the certificate's public key. Fails with file.missing, net.bad_identity.
std::string fingerprint(const std::filesystem::path& certificate);

}  // namespace cohortium::governance
