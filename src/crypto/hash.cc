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

class Context {
 public:
  Context() { COHORTIUM_CHECK(context_ != nullptr); }
  ~Context() { EVP_MD_CTX_free(context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  EVP_MD_CTX* get() const { return context_; }

 private:
  EVP_MD_CTX* const context_ = EVP_MD_CTX_new();
};

}  // namespace

struct Sha256::State : Context {};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  COHORTIUM_CHECK(EVP_DigestInit_ex2(state_->get(), algorithm(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  COHORTIUM_CHECK(EVP_DigestUpdate(state_->get(), bytes.data(), bytes.size()) == 1);
  return *this;
}

Sha256& Sha256::update(std::string_view text) { return update(bytes_of(text)); }

Digest Sha256::digest() const {
  const State copy;
  Digest digest;
  COHORTIUM_CHECK(EVP_MD_CTX_copy_ex(copy.get(), state_->get()) == 1);
  COHORTIUM_CHECK(EVP_DigestFinal_ex(copy.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
  return digest;
}

Digest sha256(std::span<const std::byte> bytes) { return sha256({bytes}); }

Digest sha256(std::initializer_list<std::span<const std::byte>> parts) {
  thread_local const Context reused;  // making one costs as much as hashing a few hundred bytes
  Digest digest;
  COHORTIUM_CHECK(EVP_DigestInit_ex2(reused.get(), algorithm(), nullptr) == 1);
  for (const auto part : parts) COHORTIUM_CHECK(EVP_DigestUpdate(reused.get(), part.data(), part.size()) == 1);
  COHORTIUM_CHECK(EVP_DigestFinal_ex(reused.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
  return digest;
}

std::string sha256_hex(std::string_view text) { return to_hex(sha256(bytes_of(text))); }

}  // namespace cohortium::crypto
