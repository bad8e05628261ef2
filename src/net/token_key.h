// A private key that stays in a token: a smart card, an HSM, or a program that behaves like one (PKCS#11).
//
//   pkcs11:token=hospital;object=north?module-path=/usr/lib/softhsm/libsofthsm2.so
//
// names it (RFC 7512); without a module path the system's p11-kit is asked. The key is an EC key on P-256: few tokens do
// Ed25519, and OpenSSL's PKCS#11 engine (the Debian package libengine-pkcs11-openssl, looked for when a key is opened)
// none. A process uses one module.
#pragma once

#include <string>
#include <string_view>

#include "net/private_key.h"

namespace cohortium::net {

bool is_token_uri(std::string_view text);

// Fails with key.no_token_support (the engine is not installed), key.wrong_passphrase (the PIN) or key.unusable.
PrivateKey token_key(const std::string& uri, const Passphrase& pin);

}  // namespace cohortium::net
