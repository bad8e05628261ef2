// X25519: two parties that exchange public keys share a secret. The exchange itself must be authenticated by its
// carrier (it runs inside TLS with pinned certificates).
//
// Source  RFC 7748, sections 5 and 6.1
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "base/buffer.h"

namespace cohortium::crypto {

class KeyAgreement {
 public:
  KeyAgreement();                                                     // a fresh private key
  explicit KeyAgreement(std::span<const std::byte, 32> private_key);  // one that was made elsewhere
  ~KeyAgreement();                                                    // wipes the private key
  KeyAgreement(KeyAgreement&&) noexcept;
  KeyAgreement& operator=(KeyAgreement&&) noexcept;

  std::array<std::byte, 32> public_key() const;
  // Not uniform: expand it with derive_seed. Fails with crypto.bad_public_key for a point of low order, whose secret
  // anybody could know.
  Bytes shared_secret(std::span<const std::byte, 32> peer_public) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::crypto
