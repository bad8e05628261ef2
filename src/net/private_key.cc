#include "net/private_key.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>

#include "base/error.h"
#include "net/openssl.h"

namespace cohortium::net {
namespace {

// OWASP's recommendation of 2023 for a passphrase that people chose; 16 MiB is what OpenSSL lets a key file ask for.
constexpr int scrypt_cost = 1 << 14, scrypt_block = 8, scrypt_parallel = 5;
constexpr std::string_view random_mark = "random:";

using Pkcs8Pointer = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Release<PKCS8_PRIV_KEY_INFO_free>>;
using EncryptedPointer = std::unique_ptr<X509_SIG, Release<X509_SIG_free>>;
using DigestPointer = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;

const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

[[noreturn]] void refuse(const std::string& code, const std::string& message, const std::string& remedy) {
  ERR_clear_error();
  throw Failure({.code = "key." + code, .message = message, .remedy = remedy});
}

[[noreturn]] void unusable(const std::string& reason) {
  refuse("unusable", "the private key cannot be used: " + reason, "check the path, or make a new key");
}

bool is_ed25519(const EVP_PKEY* key) { return EVP_PKEY_is_a(key, "ED25519") == 1; }

bool is_p256(const EVP_PKEY* key) {
  char group[32];
  std::size_t size = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
         std::string_view(group, size) == "prime256v1";
}

// Ed25519 signs the message itself.
const char* digest_of(const EVP_PKEY* key) { return is_ed25519(key) ? nullptr : "SHA256"; }

bool is_random(const Passphrase& passphrase) {
  return std::string_view(passphrase.data(), passphrase.size()).starts_with(random_mark) &&
         passphrase.size() == random_mark.size() + 64;
}

BioPointer memory_of(std::string_view text) {
  BioPointer memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  COHORTIUM_CHECK(memory != nullptr);
  return memory;
}

PrivateKey checked(KeyPointer key) {
  if (!is_ed25519(key.get()) && !is_p256(key.get())) unusable("it is neither an Ed25519 nor a P-256 key");
  return PrivateKey(std::make_shared<const PrivateKey::State>(std::move(key)));
}

}  // namespace

Passphrase random_passphrase() {
  unsigned char secret[32];
  COHORTIUM_CHECK(RAND_priv_bytes(secret, sizeof secret) == 1);
  Passphrase passphrase(random_mark.begin(), random_mark.end());
  for (const unsigned char byte : secret)
    for (const int digit : {byte >> 4, byte & 15}) passphrase.push_back("0123456789abcdef"[digit]);
  wipe(secret, sizeof secret);
  return passphrase;
}

PrivateKey PrivateKey::generate() {
  KeyPointer key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  COHORTIUM_CHECK(key != nullptr);
  return checked(std::move(key));
}

PrivateKey PrivateKey::from_pem(std::string_view pem, const Passphrase& passphrase) {
  if (pem.find("BEGIN PRIVATE KEY") != std::string_view::npos)
    refuse("unprotected", "the private key is not encrypted", "encrypt it with `cohortium keys protect`");
  const EncryptedPointer encrypted(PEM_read_bio_PKCS8(memory_of(pem).get(), nullptr, nullptr, nullptr));
  if (encrypted == nullptr) unusable("the file is no PEM file that begins with BEGIN ENCRYPTED PRIVATE KEY");
  const Pkcs8Pointer info(PKCS8_decrypt(encrypted.get(), passphrase.data(), static_cast<int>(passphrase.size())));
  if (info == nullptr)
    refuse("wrong_passphrase", "the passphrase does not open the private key",
           "type it again, or check the credential file; a forgotten passphrase cannot be recovered: rotate the key");
  KeyPointer key(EVP_PKCS82PKEY(info.get()));
  if (key == nullptr) unusable(openssl_reason());
  return checked(std::move(key));
}

PrivateKey PrivateKey::from_unprotected_pem(std::string_view pem) {
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  KeyPointer key(PEM_read_bio_PrivateKey(memory_of(pem).get(), nullptr, no_passphrase, nullptr));
  if (key == nullptr) unusable(openssl_reason());
  return checked(std::move(key));
}

std::string PrivateKey::to_pem(const Passphrase& passphrase) const {
  const Pkcs8Pointer info(EVP_PKEY2PKCS8(state_->key.get()));
  COHORTIUM_CHECK(info != nullptr);
  const bool stretch = !is_random(passphrase);
  X509_ALGOR* const method = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, 16, nullptr, stretch ? scrypt_cost : 2,
                                                   scrypt_block, stretch ? scrypt_parallel : 1);
  COHORTIUM_CHECK(method != nullptr);
  const EncryptedPointer encrypted(
      PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), info.get(), method));
  COHORTIUM_CHECK(encrypted != nullptr);
  const BioPointer out(BIO_new(BIO_s_mem()));
  COHORTIUM_CHECK(PEM_write_bio_PKCS8(out.get(), encrypted.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Bytes PrivateKey::public_key() const {
  unsigned char* encoded = nullptr;
  const int size = i2d_PUBKEY(state_->key.get(), &encoded);
  COHORTIUM_CHECK(size > 0);
  const auto* first = reinterpret_cast<const std::byte*>(encoded);
  Bytes bytes(first, first + size);
  OPENSSL_free(encoded);
  return bytes;
}

Bytes PrivateKey::sign(std::span<const std::byte> message) const {
  EVP_PKEY* const key = state_->key.get();
  const DigestPointer context(EVP_MD_CTX_new());
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));  // the longest there is
  std::size_t size = signature.size();
  if (EVP_DigestSignInit_ex(context.get(), nullptr, digest_of(key), nullptr, nullptr, key, nullptr) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, raw(message),
                     message.size()) != 1)
    unusable("it does not sign: " + openssl_reason());
  signature.resize(size);
  return signature;
}

bool is_signature(std::span<const std::byte> public_key, std::span<const std::byte> message,
                  std::span<const std::byte> signature) {
  const unsigned char* at = raw(public_key);
  const KeyPointer key(d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())));
  const bool usable =
      key != nullptr && at == raw(public_key) + public_key.size() && (is_ed25519(key.get()) || is_p256(key.get()));
  const DigestPointer context(EVP_MD_CTX_new());
  COHORTIUM_CHECK(context != nullptr);
  const bool good =
      usable &&
      EVP_DigestVerifyInit_ex(context.get(), nullptr, digest_of(key.get()), nullptr, nullptr, key.get(), nullptr) ==
          1 &&
      EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace cohortium::net
