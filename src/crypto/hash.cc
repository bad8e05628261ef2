#include "crypto/hash.h"

#include <openssl/evp.h>

#include "base/buffer.h"
#include "base/error.h"

namespace cohortium::crypto {
namespace {

// Looked up once: OpenSSL 3 searches its providers at every implicit look-up.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  COHORTIUM_CHECK(fetched != nullptr);
  return fetched;
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() { COHORTIUM_CHECK(context != nullptr); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  COHORTIUM_CHECK(EVP_DigestInit_ex2(state_->context, algorithm(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  COHORTIUM_CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
  return *this;
}

Sha256& Sha256::update(std::string_view text) { return update(bytes_of(text)); }

Digest Sha256::digest() const {
  const State copy;
  Digest digest;
  COHORTIUM_CHECK(EVP_MD_CTX_copy_ex(copy.context, state_->context) == 1);
  COHORTIUM_CHECK(EVP_DigestFinal_ex(copy.context, reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
  return digest;
}

Digest sha256(std::span<const std::byte> bytes) { return Sha256().update(bytes).digest(); }

std::string sha256_hex(std::string_view text) { return to_hex(sha256(bytes_of(text))); }

}  // namespace cohortium::crypto
