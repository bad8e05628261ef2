#include "crypto/one_time_tag.h"

#include <openssl/evp.h>

#include "base/error.h"

namespace cohortium::crypto {
namespace {

unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
const unsigned char* raw(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }

// Looked up once, as in random_generator.cc.
EVP_MAC* algorithm() {
  static EVP_MAC* const fetched = EVP_MAC_fetch(nullptr, "POLY1305", nullptr);
  COHORTIUM_CHECK(fetched != nullptr);
  return fetched;
}

}  // namespace

struct OneTimeTag::State {
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(algorithm());

  State() { COHORTIUM_CHECK(context != nullptr); }
  ~State() { EVP_MAC_CTX_free(context); }  // cleanses the key
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

OneTimeTag::OneTimeTag(const OneTimeKey& key) : state_(std::make_unique<State>()) {
  COHORTIUM_CHECK(EVP_MAC_init(state_->context, raw(key.data()), key.size(), nullptr) == 1);
}
OneTimeTag::~OneTimeTag() = default;
OneTimeTag::OneTimeTag(OneTimeTag&&) noexcept = default;
OneTimeTag& OneTimeTag::operator=(OneTimeTag&&) noexcept = default;

void OneTimeTag::update(std::span<const std::byte> bytes) {
  COHORTIUM_CHECK(EVP_MAC_update(state_->context, raw(bytes.data()), bytes.size()) == 1);
}

Tag OneTimeTag::finish() {
  Tag tag;
  std::size_t length = 0;
  COHORTIUM_CHECK(EVP_MAC_final(state_->context, raw(tag.data()), &length, tag.size()) == 1 && length == tag.size());
  return tag;
}

}  // namespace cohortium::crypto
