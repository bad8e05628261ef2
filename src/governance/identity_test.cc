#include "governance/identity.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "net/tls.h"

namespace cohortium::governance {
namespace {

class IdentityTest : public testing::Test {
 protected:
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("cohortium_identity_test_" + std::to_string(::getpid()));
  ~IdentityTest() override { std::filesystem::remove_all(folder); }
};

TEST_F(IdentityTest, KeyIsPrivateAndTheCertificateCarriesItsFingerprint) {
  const Identity identity = create_identity(folder, "north");
  EXPECT_EQ(static_cast<int>(std::filesystem::status(identity.files.key).permissions()), 0600);
  EXPECT_EQ(identity.fingerprint.size(), 64u);
  EXPECT_EQ(fingerprint(identity.files.certificate), identity.fingerprint);
  EXPECT_NE(create_identity(folder, "south").fingerprint, identity.fingerprint);
  EXPECT_NO_THROW(net::TlsListener("127.0.0.1", 0, identity.files, {}));
}

TEST_F(IdentityTest, NothingIsOverwritten) {
  const Identity first = create_identity(folder, "north");
  const std::string key = read_file(first.files.key);
  EXPECT_EQ(attempt([&] { return create_identity(folder, "north"); }).error().code, "identity.exists");
  std::filesystem::remove(first.files.certificate);
  EXPECT_EQ(attempt([&] { return create_identity(folder, "north"); }).error().code, "identity.exists");
  EXPECT_EQ(read_file(first.files.key), key);
}

TEST_F(IdentityTest, Names) {
  for (const char* good : {"a", "north", "site-1_b"}) EXPECT_TRUE(is_valid_name(good)) << good;
  for (const char* bad : {"", "1a", "North", "-a", "a b", "a/b", "../a", "ä"}) EXPECT_FALSE(is_valid_name(bad)) << bad;
  EXPECT_TRUE(is_valid_name(std::string(63, 'a')));
  EXPECT_FALSE(is_valid_name(std::string(64, 'a')));
  EXPECT_EQ(attempt([&] { return create_identity(folder, "../north"); }).error().code, "identity.bad_name");
}

}  // namespace
}  // namespace cohortium::governance
