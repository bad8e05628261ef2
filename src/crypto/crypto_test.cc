// Known-answer vectors of the standards, and what must be refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "crypto/hash.h"
#include "crypto/key_agreement.h"
#include "crypto/keyed_hash.h"
#include "crypto/one_time_tag.h"
#include "crypto/random_generator.h"

namespace cohortium::crypto {
namespace {

template <std::size_t size>
std::array<std::byte, size> array_from_hex(const std::string& text) {
  const Bytes bytes = from_hex(text);
  std::array<std::byte, size> result;
  EXPECT_EQ(bytes.size(), size);
  std::copy_n(bytes.begin(), size, result.begin());
  return result;
}

TEST(Sha256, Fips180Vectors) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, PiecesEqualTheWholeAndTheDigestMayBeTakenOnTheWay) {
  Sha256 hash;
  EXPECT_EQ(to_hex(hash.update("a").digest()), sha256_hex("a"));
  EXPECT_EQ(to_hex(hash.update("bc").digest()), sha256_hex("abc"));
}

// RFC 8439, section 2.5.2, whole and in pieces.
TEST(OneTimeTag, Rfc8439Vector) {
  const auto key = array_from_hex<32>("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
  const std::string text = "Cryptographic Forum Research Group";
  OneTimeTag whole(key), pieces(key), other(key);
  whole.update(bytes_of(text));
  pieces.update(bytes_of(text).first(7));
  pieces.update(bytes_of(text).subspan(7));
  other.update(bytes_of(text).first(33));
  EXPECT_EQ(to_hex(whole.finish()), "a8061dc1305136c6c22b8baf0c0127a9");
  EXPECT_EQ(to_hex(pieces.finish()), "a8061dc1305136c6c22b8baf0c0127a9");
  EXPECT_NE(to_hex(other.finish()), "a8061dc1305136c6c22b8baf0c0127a9");
}

// The stream is AES_k(0), AES_k(1), … in 16-byte blocks. For the zero key these two are known from GCM's first test
// case (McGrew and Viega, 2005), for the example key of SP 800-38A the first is an intermediate value of SP 800-38B,
// D.1.
TEST(RandomGenerator, CounterModeKeyStream) {
  RandomGenerator generator(Seed{});
  Bytes stream(32);
  generator.fill(stream);
  EXPECT_EQ(to_hex(stream), "66e94bd4ef8a2c3b884cfa59ca342b2e58e2fccefa7e3061367f1d57a4e7455a");
}

TEST(RandomGenerator, ExampleKeyOfSp80038) {
  RandomGenerator generator(array_from_hex<16>("2b7e151628aed2a6abf7158809cf4f3c"));
  Bytes stream(16);
  generator.fill(stream);
  EXPECT_EQ(to_hex(stream), "7df76b0c1ab899b33e42f047b91b546f");
}

TEST(RandomGenerator, LengthsOfTheRequestsDoNotChangeTheStream) {
  const Seed seed = random_seed();
  RandomGenerator whole(seed), parts(seed);
  Bytes expected(100'003), actual(expected.size());
  whole.fill(expected);
  std::size_t from = 0;
  for (std::size_t length = 0; from < actual.size(); length = 3 * length + 1) {
    const std::size_t count = std::min(length, actual.size() - from);
    parts.fill(std::span(actual).subspan(from, count));
    from += count;
  }
  EXPECT_EQ(actual, expected);
}

TEST(RandomGenerator, ShortAndLongRequestsTakeTurns) {
  const Seed seed = random_seed();
  RandomGenerator whole(seed), parts(seed);
  Bytes expected(200'000), actual(expected.size());
  whole.fill(expected);
  std::size_t from = 0;
  for (std::size_t i = 0; from < actual.size(); ++i) {
    constexpr std::array<std::size_t, 7> lengths = {8, 5000, 1, 1023, 1024, 64, 17'000};
    const std::size_t count = std::min(lengths[i % lengths.size()], actual.size() - from);
    parts.fill(std::span(actual).subspan(from, count));
    from += count;
  }
  EXPECT_EQ(actual, expected);
}

TEST(RandomGenerator, MovedGeneratorGoesOn) {
  RandomGenerator first(Seed{});
  Bytes block(16);
  first.fill(block);
  RandomGenerator second = std::move(first);
  second.fill(block);
  EXPECT_EQ(to_hex(block), "58e2fccefa7e3061367f1d57a4e7455a");
}

TEST(Seed, FreshOnesDiffer) { EXPECT_NE(random_seed(), random_seed()); }

// RFC 5869, test case 3 (no salt, no info); HKDF's output is a prefix of every longer one.
TEST(DeriveSeed, Rfc5869) {
  const Bytes secret(22, std::byte{0x0b});
  EXPECT_EQ(to_hex(derive_seed(secret, "")), "8da4e775a563c18f715f802a063c5a31");
}

TEST(DeriveSeed, PurposeAndSecretSeparate) {
  const Bytes secret(32, std::byte{1}), other(32, std::byte{2});
  EXPECT_NE(derive_seed(secret, "shuffle"), derive_seed(secret, "shuffle/2"));
  EXPECT_NE(derive_seed(secret, "shuffle"), derive_seed(other, "shuffle"));
  EXPECT_EQ(derive_seed(secret, "shuffle"), derive_seed(secret, "shuffle"));
}

TEST(KeyedHash, IsSipHash) {
  // The example of the paper, appendix A: key 00 01 … 0f, text 00 01 … 0e.
  Seed key;
  std::string text;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i);
  for (char c = 0; c < 15; ++c) text.push_back(c);
  const KeyedHash hash(key);
  EXPECT_EQ(hash(text), 0xa129ca6149be45e5u);
  EXPECT_NE(hash("another"), hash(text));
  EXPECT_EQ(hash(text), 0xa129ca6149be45e5u);
}

TEST(KeyAgreement, Rfc7748) {
  const KeyAgreement alice(array_from_hex<32>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const KeyAgreement bob(array_from_hex<32>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  EXPECT_EQ(to_hex(alice.public_key()), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(to_hex(bob.public_key()), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const std::string secret = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  EXPECT_EQ(to_hex(alice.shared_secret(bob.public_key())), secret);
  EXPECT_EQ(to_hex(bob.shared_secret(alice.public_key())), secret);
}

TEST(KeyAgreement, BothSidesAgree) {
  const KeyAgreement a, b, c;
  EXPECT_EQ(a.shared_secret(b.public_key()), b.shared_secret(a.public_key()));
  EXPECT_NE(a.shared_secret(b.public_key()), a.shared_secret(c.public_key()));
}

// The points of small order on the curve and its twist (Bernstein's list), besides those that the masking of the top
// bit makes equal to one of these.
TEST(KeyAgreement, LowOrderPointsAreRefused) {
  const KeyAgreement ours;
  for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    const auto secret = attempt([&] { return ours.shared_secret(array_from_hex<32>(point)); });
    ASSERT_FALSE(secret.ok()) << point;
    EXPECT_EQ(secret.error().code, "crypto.bad_public_key");
  }
}

}  // namespace
}  // namespace cohortium::crypto
