// A tag that two parties with a common one-time key compute over what should be one and the same message: Poly1305.
//
// Whoever does not know the key makes two different messages of up to L bytes have the same tag with probability at most
// 8 ceil(L / 16) / 2^106. A key serves one message.
//
// Source  RFC 8439, section 2.5; Bernstein, FSE 2005, theorem 3.3
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace cohortium::crypto {

using OneTimeKey = std::array<std::byte, 32>;
using Tag = std::array<std::byte, 16>;

class OneTimeTag {
 public:
  explicit OneTimeTag(const OneTimeKey& key);
  ~OneTimeTag();
  OneTimeTag(OneTimeTag&&) noexcept;
  OneTimeTag& operator=(OneTimeTag&&) noexcept;

  void update(std::span<const std::byte> bytes);
  Tag finish();  // of everything so far; nothing may follow

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::crypto
