// Signatures as their owner, a stranger and a forger leave them.
#include "governance/signature.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "net/certificate.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

const json value = {{"study", "abc"}, {"n", 1.0}};

std::string code_of(const Signature& signature, const std::string& fingerprint, const json& text,
                    std::string_view domain = "study") {
  const auto verified = attempt([&] {
    verify(signature, fingerprint, domain, text);
    return true;
  });
  return verified.ok() ? "good" : verified.error().code;
}

class SignatureTest : public testing::Test {
 protected:
  net::PrivateKey key = net::PrivateKey::generate();
  std::string fingerprint = net::public_key_fingerprint(key.public_key());
  Signature good = sign(key, "ana", "study", value);
};

TEST_F(SignatureTest, IsOfThisValueForThisPurposeByThisKey) {
  EXPECT_EQ(code_of(good, fingerprint, value), "good");
  EXPECT_EQ(code_of(good, fingerprint, json::parse(R"({"n": 1, "study": "abc"})")), "good");  // one spelling
  EXPECT_EQ(code_of(good, fingerprint, {{"study", "abd"}, {"n", 1}}), "signature.bad");
  EXPECT_EQ(code_of(good, fingerprint, value, "approval"), "signature.bad");
  const net::PrivateKey other = net::PrivateKey::generate();
  EXPECT_EQ(code_of(sign(other, "ana", "study", value), fingerprint, value), "signature.other_key");
  Signature mixed = sign(other, "ana", "study", value);
  mixed.key = good.key;
  EXPECT_EQ(code_of(mixed, fingerprint, value), "signature.bad");
}

// After Wycheproof's Ed25519 cases: every bit counts, and there is one encoding.
TEST_F(SignatureTest, AlteredSignatures) {
  const Bytes bytes = from_hex(good.signature);
  ASSERT_EQ(bytes.size(), 64u);
  const auto with = [&](const Bytes& altered) {
    Signature signature = good;
    signature.signature = to_hex(altered);
    return code_of(signature, fingerprint, value);
  };
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Bytes altered = bytes;
    altered[bit / 8] ^= std::byte{1} << (bit % 8);
    ASSERT_EQ(with(altered), "signature.bad") << bit;
  }
  for (const std::size_t size : {0, 1, 32, 63})
    EXPECT_EQ(with(Bytes(bytes.begin(), bytes.begin() + size)), "signature.bad");
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_EQ(with(longer), "signature.bad");
  EXPECT_EQ(with(Bytes(64, std::byte{0})), "signature.bad");
  EXPECT_EQ(with(Bytes(64, std::byte{0xff})), "signature.bad");
  // S + L is congruent to S: accepting it would give one text two signatures (RFC 8032, section 5.1.7).
  const Bytes order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  Bytes malleated = bytes;
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned>(malleated[32 + i]) + static_cast<unsigned>(order[i]);
    malleated[32 + i] = static_cast<std::byte>(carry & 0xff);
    carry >>= 8;
  }
  EXPECT_EQ(with(malleated), "signature.bad");
}

TEST_F(SignatureTest, AlteredKeys) {
  const Bytes bytes = from_hex(good.key);
  const auto with = [&](const Bytes& altered, bool pinned) {
    Signature signature = good;
    signature.key = to_hex(altered);
    return code_of(signature, pinned ? net::public_key_fingerprint(altered) : fingerprint, value);
  };
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_EQ(with(longer, false), "signature.other_key");
  EXPECT_EQ(with(longer, true), "signature.bad");  // even somebody pinned it: one key, one encoding
  EXPECT_EQ(with(Bytes(), true), "signature.bad");
  EXPECT_EQ(with(Bytes(44, std::byte{0x30}), true), "signature.bad");
  Bytes x25519 = bytes;  // the algorithm 1.3.101.112 becomes 1.3.101.110
  x25519[8] = std::byte{0x6e};
  EXPECT_EQ(with(x25519, true), "signature.bad");
}

TEST_F(SignatureTest, KnownAnswer) {
  // RFC 8032, section 7.1, test 2: the message is one byte.
  const Bytes spki =
      from_hex("302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Bytes signature = from_hex(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
      "387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(net::is_signature(spki, from_hex("72"), signature));
  EXPECT_FALSE(net::is_signature(spki, from_hex("73"), signature));
}

TEST_F(SignatureTest, AsText) {
  EXPECT_EQ(signature_from_json(to_json(good)), good);
  json text = to_json(good);
  text["signature"] = "A" + good.signature.substr(1);
  EXPECT_EQ(code_of(signature_from_json(text), fingerprint, value), "signature.malformed");
  for (const char* bad :
       {"null", "[]", "{}", R"({"by":"a","key":"00"})", R"({"by":"a","key":"00","signature":1})",
        R"({"by":"a","key":"00","signature":"00","more":1})", R"({"by":["a"],"key":"00","signature":"00"})"}) {
    EXPECT_EQ(attempt([&] { return signature_from_json(json::parse(bad)); }).error().code, "signature.malformed")
        << bad;
  }
  text["key"] = std::string(1000, '0');
  EXPECT_EQ(attempt([&] { return signature_from_json(text); }).error().code, "signature.malformed");
}

}  // namespace
}  // namespace cohortium::governance
