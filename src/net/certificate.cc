#include "net/certificate.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "net/openssl.h"

namespace cohortium::net {
namespace {

void set_name(X509* certificate, const std::string& name) {
  X509_NAME* const subject = X509_get_subject_name(certificate);
  COHORTIUM_CHECK(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                             reinterpret_cast<const unsigned char*>(name.data()),
                                             static_cast<int>(name.size()), -1, 0) == 1);
  COHORTIUM_CHECK(X509_set_issuer_name(certificate, subject) == 1);
  X509_EXTENSION* const alternative =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name).c_str());
  COHORTIUM_CHECK(alternative != nullptr && X509_add_ext(certificate, alternative, -1) == 1);
  X509_EXTENSION_free(alternative);
}

void set_serial_number_and_validity(X509* certificate) {
  unsigned char serial[16];
  COHORTIUM_CHECK(RAND_bytes(serial, sizeof serial) == 1);
  serial[0] &= 0x7f;
  BIGNUM* const number = BN_bin2bn(serial, sizeof serial, nullptr);
  COHORTIUM_CHECK(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr);
  BN_free(number);
  constexpr long a_day = 24 * 60 * 60;  // clocks differ
  COHORTIUM_CHECK(X509_gmtime_adj(X509_getm_notBefore(certificate), -a_day) != nullptr);
  COHORTIUM_CHECK(ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1);
}

std::string_view content(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

std::string make_certificate(const PrivateKey& private_key, const std::string& name) {
  EVP_PKEY* const key = private_key.state().key.get();
  const CertificatePointer certificate(X509_new());
  COHORTIUM_CHECK(certificate != nullptr);
  COHORTIUM_CHECK(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  set_serial_number_and_validity(certificate.get());
  set_name(certificate.get(), name);
  COHORTIUM_CHECK(X509_set_pubkey(certificate.get(), key) == 1);
  const EVP_MD* const digest = EVP_PKEY_is_a(key, "ED25519") == 1 ? nullptr : EVP_sha256();
  if (X509_sign(certificate.get(), key, digest) <= 0) {
    throw Failure({.code = "key.unusable",
                   .message = "the private key cannot be used: it does not sign: " + openssl_reason(),
                   .remedy = "check the token and its PIN"});
  }
  const BioPointer text(BIO_new(BIO_s_mem()));
  COHORTIUM_CHECK(PEM_write_bio_X509(text.get(), certificate.get()) == 1);
  return std::string(content(text.get()));
}

std::string public_key_fingerprint(std::span<const std::byte> public_key) {
  unsigned char digest[32];
  COHORTIUM_CHECK(EVP_Q_digest(nullptr, "SHA256", nullptr, public_key.data(), public_key.size(), digest, nullptr) == 1);
  return to_hex(std::as_bytes(std::span(digest)));
}

std::string fingerprint_of(const X509& certificate) {
  unsigned char* encoded = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &encoded);
  COHORTIUM_CHECK(size > 0);
  const std::string fingerprint =
      public_key_fingerprint(std::as_bytes(std::span(encoded, static_cast<std::size_t>(size))));
  OPENSSL_free(encoded);
  return fingerprint;
}

CertificatePointer parse_certificate(std::string_view pem) {
  const BioPointer memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  COHORTIUM_CHECK(memory != nullptr);
  CertificatePointer certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    throw Failure({.code = "net.bad_identity",
                   .message = "this is no certificate: " + openssl_reason(),
                   .remedy = "name a PEM file that begins with BEGIN CERTIFICATE"});
  }
  return certificate;
}

std::string certificate_fingerprint(std::string_view certificate_pem) {
  return fingerprint_of(*parse_certificate(certificate_pem));
}

}  // namespace cohortium::net
