// A private key, and what it does: prove who we are in TLS, and sign.
//
//   Kinds    Ed25519 (RFC 8032) for keys in files; ECDSA on P-256 with SHA-256 (FIPS 186-5) for keys in a token, since
//            few tokens do Ed25519. Which of them a signature is of, the public key says; there are no others.
//   At rest  PKCS#8, encrypted by AES-256-CBC under a key that scrypt derives from a passphrase (RFC 5958, 8018, 7914);
//            `openssl pkey` reads it. A key that is not encrypted is refused.
//   Public   the SubjectPublicKeyInfo in DER (RFC 5280, section 4.1.2.7); its SHA-256 is the fingerprint that
//            consortium files pin (certificate.h).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.h"

namespace cohortium::net {

// What opens a key. Guessable ones are stretched; those of `random_passphrase` are not, for nobody guesses 256 bits.
using Passphrase = Buffer<char>;
Passphrase random_passphrase();  // "random:" and 64 hexadecimal digits

// A handle: copies name the same key, which is wiped when the last one goes.
class PrivateKey {
 public:
  static PrivateKey generate();  // Ed25519
  // Fails with key.unprotected, key.wrong_passphrase, key.unusable.
  static PrivateKey from_pem(std::string_view pem, const Passphrase& passphrase);
  // Of an unencrypted PEM file, in order to protect it. Fails with key.unusable.
  static PrivateKey from_unprotected_pem(std::string_view pem);

  std::string to_pem(const Passphrase& passphrase) const;  // not of a token's key
  Bytes public_key() const;
  // Fails with key.unusable when a token does not sign.
  Bytes sign(std::span<const std::byte> message) const;

  struct State;  // openssl.h
  explicit PrivateKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  const State& state() const { return *state_; }

 private:
  std::shared_ptr<const State> state_;
};

// Whether `signature` is the holder's of `public_key` on `message`. False for anything malformed, too.
bool is_signature(std::span<const std::byte> public_key, std::span<const std::byte> message,
                  std::span<const std::byte> signature);

}  // namespace cohortium::net
