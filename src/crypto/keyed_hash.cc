#include "crypto/keyed_hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstring>

#include "base/error.h"

namespace cohortium::crypto {

struct KeyedHash::State {
  explicit State(const Seed& key) {
    EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
    context = EVP_MAC_CTX_new(algorithm);
    EVP_MAC_free(algorithm);
    unsigned size = sizeof(std::uint64_t);
    const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_SIZE, &size),
                                               OSSL_PARAM_construct_end()};
    COHORTIUM_CHECK(
        EVP_MAC_init(context, reinterpret_cast<const unsigned char*>(key.data()), key.size(), parameters.data()) == 1);
  }
  ~State() { EVP_MAC_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  EVP_MAC_CTX* context = nullptr;
};

KeyedHash::KeyedHash(const Seed& key) : state_(std::make_unique<State>(key)) {}
KeyedHash::~KeyedHash() = default;
KeyedHash::KeyedHash(KeyedHash&&) noexcept = default;

std::uint64_t KeyedHash::operator()(std::string_view text) const {
  std::array<unsigned char, sizeof(std::uint64_t)> bytes;
  std::size_t length = 0;
  // Without a key it begins anew with the one that it has.
  COHORTIUM_CHECK(EVP_MAC_init(state_->context, nullptr, 0, nullptr) == 1);
  COHORTIUM_CHECK(EVP_MAC_update(state_->context, reinterpret_cast<const unsigned char*>(text.data()), text.size()) ==
                  1);
  COHORTIUM_CHECK(EVP_MAC_final(state_->context, bytes.data(), &length, bytes.size()) == 1 && length == bytes.size());
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace cohortium::crypto
