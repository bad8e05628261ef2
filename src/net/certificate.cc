#include "net/certificate.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/file.h"
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

SelfSigned make_self_signed(const std::string& name) {
  const KeyPointer key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const CertificatePointer certificate(X509_new());
  COHORTIUM_CHECK(key != nullptr && certificate != nullptr);
  COHORTIUM_CHECK(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  set_serial_number_and_validity(certificate.get());
  set_name(certificate.get(), name);
  COHORTIUM_CHECK(X509_set_pubkey(certificate.get(), key.get()) == 1);
  COHORTIUM_CHECK(X509_sign(certificate.get(), key.get(), nullptr) > 0);

  const BioPointer certificate_text(BIO_new(BIO_s_mem()));
  const BioPointer key_text(BIO_new(BIO_s_secmem()));
  COHORTIUM_CHECK(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1);
  COHORTIUM_CHECK(PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  const std::string_view key_pem = content(key_text.get());
  return {.certificate_pem = std::string(content(certificate_text.get())),
          .key_pem = Buffer<char>(key_pem.begin(), key_pem.end())};
}

std::string fingerprint_of(const X509& certificate) {
  unsigned char* encoded = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &encoded);
  COHORTIUM_CHECK(size > 0);
  unsigned char digest[32];
  const bool hashed =
      EVP_Q_digest(nullptr, "SHA256", nullptr, encoded, static_cast<std::size_t>(size), digest, nullptr) == 1;
  OPENSSL_free(encoded);
  COHORTIUM_CHECK(hashed);
  return to_hex(std::as_bytes(std::span(digest)));
}

std::string certificate_fingerprint(const std::filesystem::path& certificate_path) {
  const std::string text = read_file(certificate_path, 65536);
  const BioPointer memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  COHORTIUM_CHECK(memory != nullptr);
  const CertificatePointer certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    throw Failure({.code = "net.bad_identity",
                   .message = "the file holds no certificate: " + openssl_reason(),
                   .where = certificate_path.string(),
                   .remedy = "name a PEM file that begins with BEGIN CERTIFICATE"});
  }
  return fingerprint_of(*certificate);
}

}  // namespace cohortium::net
