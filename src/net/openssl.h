// OpenSSL's objects as owners, for .cc files of this folder only.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "net/private_key.h"

namespace cohortium::net {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using BioPointer = std::unique_ptr<BIO, Release<BIO_free_all>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, Release<X509_free>>;
using ContextPointer = std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>>;
using SslPointer = std::unique_ptr<SSL, Release<SSL_free>>;

struct PrivateKey::State {
  explicit State(KeyPointer owned) : key(std::move(owned)) {}
  KeyPointer key;
};

// The SHA-256 of the SubjectPublicKeyInfo, as hexadecimal digits.
std::string fingerprint_of(const X509& certificate);
// Fails with net.bad_identity.
CertificatePointer parse_certificate(std::string_view pem);

// What OpenSSL says about the last failure of this thread; empties its queue.
inline std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = ERR_reason_error_string(code);
  ERR_clear_error();
  return text != nullptr ? text : "no reason given";
}

}  // namespace cohortium::net
