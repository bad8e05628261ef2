// Self-signed certificates and their fingerprints. No authority signs anything here: the consortium file pins every
// member's key by its fingerprint, the SHA-256 of the certificate's SubjectPublicKeyInfo (what
// `openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | sha256sum` prints).
#pragma once

#include <filesystem>
#include <string>

#include "base/buffer.h"

namespace cohortium::net {

struct SelfSigned {
  std::string certificate_pem;
  Buffer<char> key_pem;
};

// A fresh Ed25519 key and its certificate: CN and DNS name `name`, without an end (RFC 5280, section 4.1.2.5), because
// the pin decides and ends with the consortium file.
SelfSigned make_self_signed(const std::string& name);

// 64 hexadecimal digits. Fails with net.bad_identity when the file holds no certificate.
std::string certificate_fingerprint(const std::filesystem::path& certificate_path);

}  // namespace cohortium::net
