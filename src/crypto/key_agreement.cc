#include "crypto/key_agreement.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/error.h"

namespace cohortium::crypto {

struct KeyAgreement::State {
  EVP_PKEY* key;
  explicit State(EVP_PKEY* owned) : key(owned) {}
  ~State() { EVP_PKEY_free(key); }  // cleanses the private key
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

namespace {

const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// 0 bytes when OpenSSL refuses to derive: it does so for the all-zero secret, the mark of a low-order point.
std::size_t derive(EVP_PKEY* key, EVP_PKEY* peer, Bytes& secret) {
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(key, nullptr);
  COHORTIUM_CHECK(context != nullptr);
  std::size_t size = secret.size();
  const bool derived = EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, peer) == 1 &&
                       EVP_PKEY_derive(context, reinterpret_cast<unsigned char*>(secret.data()), &size) == 1;
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return derived ? size : 0;
}

}  // namespace

KeyAgreement::KeyAgreement() : state_(std::make_unique<State>(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"))) {
  if (state_->key == nullptr) {
    throw Failure({.code = "crypto.no_randomness",
                   .message = "the operating system gives no random numbers",
                   .remedy = "check the machine's entropy source; nothing secret was produced"});
  }
}

KeyAgreement::KeyAgreement(std::span<const std::byte, 32> private_key)
    : state_(std::make_unique<State>(
          EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, raw(private_key), private_key.size()))) {
  COHORTIUM_CHECK(state_->key != nullptr);
}

KeyAgreement::~KeyAgreement() = default;
KeyAgreement::KeyAgreement(KeyAgreement&&) noexcept = default;
KeyAgreement& KeyAgreement::operator=(KeyAgreement&&) noexcept = default;

std::array<std::byte, 32> KeyAgreement::public_key() const {
  std::array<std::byte, 32> bytes;
  std::size_t size = bytes.size();
  COHORTIUM_CHECK(EVP_PKEY_get_raw_public_key(state_->key, reinterpret_cast<unsigned char*>(bytes.data()), &size) == 1);
  return bytes;
}

Bytes KeyAgreement::shared_secret(std::span<const std::byte, 32> peer_public) const {
  const State peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, raw(peer_public), peer_public.size()));
  COHORTIUM_CHECK(peer.key != nullptr);
  Bytes secret(32);
  const Bytes nothing(32, std::byte{0});
  if (derive(state_->key, peer.key, secret) != secret.size() || equal_in_constant_time(secret, nothing)) {
    throw Failure({.code = "crypto.bad_public_key",
                   .message = "the peer's public key is a point of low order",
                   .remedy = "the peer runs faulty or hostile software; do not compute with it"});
  }
  return secret;
}

}  // namespace cohortium::crypto
