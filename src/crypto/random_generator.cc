#include "crypto/random_generator.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>

#include "base/buffer.h"
#include "base/error.h"

namespace cohortium::crypto {
namespace {

unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
const unsigned char* raw(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }

// Looked up once: OpenSSL 3 searches its providers at every implicit look-up, which would cost more than a short fill.
const EVP_CIPHER* algorithm() {
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr);
  COHORTIUM_CHECK(fetched != nullptr);
  return fetched;
}

EVP_KDF* key_derivation() {
  static EVP_KDF* const fetched = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  COHORTIUM_CHECK(fetched != nullptr);
  return fetched;
}

// The stream is the encryption of zeros; this many at a time, so that the zeros stay in the first-level cache.
constexpr std::size_t block = 16384;
alignas(64) constexpr std::array<unsigned char, block> zeros{};

// A call of OpenSSL costs as much as some hundred bytes of stream, so requests shorter than this are served from a store
// drawn in advance. It starts small: many generators are asked for a few bytes only.
constexpr std::size_t short_request = 1024;
constexpr std::size_t first_store = 128, largest_store = 2048;

}  // namespace

Seed random_seed() {
  Seed seed;
  if (RAND_priv_bytes(raw(seed.data()), static_cast<int>(seed.size())) != 1) {
    throw Failure({.code = "crypto.no_randomness",
                   .message = "the operating system gives no random numbers",
                   .remedy = "check the machine's entropy source; nothing secret was produced"});
  }
  return seed;
}

Seed derive_seed(std::span<const std::byte> secret, std::string_view purpose) {
  EVP_KDF_CTX* const context = EVP_KDF_CTX_new(key_derivation());
  COHORTIUM_CHECK(context != nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::byte*>(secret.data()), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(purpose.data()), purpose.size()),
      OSSL_PARAM_construct_end()};
  Seed seed;
  const int derived = EVP_KDF_derive(context, raw(seed.data()), seed.size(), parameters);
  EVP_KDF_CTX_free(context);
  COHORTIUM_CHECK(derived == 1);
  return seed;
}

struct RandomGenerator::State {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  std::array<std::byte, largest_store> store;
  std::size_t begin = 0, end = 0;  // what of it is left

  State() { COHORTIUM_CHECK(context != nullptr); }
  ~State() {
    EVP_CIPHER_CTX_free(context);  // cleanses the key schedule
    wipe(store.data(), end);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void draw(std::span<std::byte> out) {
    while (!out.empty()) {
      const std::size_t count = std::min(out.size(), block);
      int written = 0;
      COHORTIUM_CHECK(EVP_EncryptUpdate(context, raw(out.data()), &written, zeros.data(), static_cast<int>(count)) ==
                          1 &&
                      static_cast<std::size_t>(written) == count);
      out = out.subspan(count);
    }
  }
};

RandomGenerator::RandomGenerator(const Seed& seed) : state_(std::make_unique<State>()) {
  COHORTIUM_CHECK(EVP_EncryptInit_ex2(state_->context, algorithm(), raw(seed.data()), zeros.data(), nullptr) == 1);
}
RandomGenerator::~RandomGenerator() = default;
RandomGenerator::RandomGenerator(RandomGenerator&&) noexcept = default;
RandomGenerator& RandomGenerator::operator=(RandomGenerator&&) noexcept = default;

void RandomGenerator::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    if (state_->begin == state_->end) {
      if (out.size() >= short_request) return state_->draw(out);
      state_->end = std::clamp(2 * state_->end, first_store, largest_store);
      state_->begin = 0;
      state_->draw(std::span(state_->store).first(state_->end));
    }
    const std::size_t count = std::min(out.size(), state_->end - state_->begin);
    std::copy_n(state_->store.begin() + static_cast<std::ptrdiff_t>(state_->begin), count, out.begin());
    state_->begin += count;
    out = out.subspan(count);
  }
}

}  // namespace cohortium::crypto
