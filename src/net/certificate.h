// Self-signed certificates and their fingerprints. No authority signs anything here: the consortium file pins every
// member's key by its fingerprint, the SHA-256 of the certificate's SubjectPublicKeyInfo (what
// `openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | sha256sum` prints).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "net/private_key.h"

namespace cohortium::net {

// A certificate in PEM: CN and DNS name `name`, signed by the key itself, without an end (RFC 5280, section 4.1.2.5),
// because the pin decides and ends with the consortium file.
std::string make_certificate(const PrivateKey& key, const std::string& name);

// 64 hexadecimal digits. Of a certificate in PEM, which fails with net.bad_identity when it is none; of a public key.
std::string certificate_fingerprint(std::string_view certificate_pem);
std::string public_key_fingerprint(std::span<const std::byte> public_key);

}  // namespace cohortium::net
