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
  net::Passphrase passphrase = net::random_passphrase();
  ~IdentityTest() override { std::filesystem::remove_all(folder); }

  static net::Passphrase words(std::string_view text) { return {text.begin(), text.end()}; }
  std::string code_of_loading(const Identity& identity, const net::Passphrase& given) const {
    const auto loaded = attempt([&] { return load_identity(identity.files, given).fingerprint; });
    return loaded.ok() ? loaded.value() : loaded.error().code;
  }
};

TEST_F(IdentityTest, KeyIsPrivateAndTheCertificateCarriesItsFingerprint) {
  const Identity identity = create_identity(folder, "north", passphrase);
  EXPECT_EQ(static_cast<int>(std::filesystem::status(identity.files.key).permissions()), 0600);
  EXPECT_EQ(identity.fingerprint.size(), 64u);
  EXPECT_EQ(fingerprint(identity.files.certificate), identity.fingerprint);
  EXPECT_NE(create_identity(folder, "south", passphrase).fingerprint, identity.fingerprint);
  const Identity loaded = load_identity(identity_files(folder / "north"), passphrase);
  EXPECT_EQ(loaded.fingerprint, identity.fingerprint);
  EXPECT_NO_THROW(net::TlsListener("127.0.0.1", 0, loaded.tls, {}));
}

TEST_F(IdentityTest, KeysAreEncryptedAtRest) {
  const Identity identity = create_identity(folder, "north", words("correct horse battery"));
  const std::string pem = read_file(identity.files.key);
  EXPECT_TRUE(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  EXPECT_EQ(code_of_loading(identity, words("correct horse battery")), identity.fingerprint);
  EXPECT_EQ(code_of_loading(identity, words("correct horse batterz")), "key.wrong_passphrase");
  EXPECT_EQ(code_of_loading(identity, words("")), "key.wrong_passphrase");
  EXPECT_EQ(attempt([&] { return create_identity(folder, "west", words("short")).fingerprint; }).error().code,
            "key.weak_passphrase");
  EXPECT_FALSE(std::filesystem::exists(folder / "west.key"));
}

TEST_F(IdentityTest, WhatIsNoGoodKeyFile) {
  const Identity identity = create_identity(folder, "north", passphrase);
  const std::string pem = read_file(identity.files.key);
  write_file(identity.files.key, pem.substr(0, pem.size() / 2), FileAccess::kOwnerOnly);
  EXPECT_EQ(code_of_loading(identity, passphrase), "key.unusable");
  write_file(identity.files.key, "", FileAccess::kOwnerOnly);
  EXPECT_EQ(code_of_loading(identity, passphrase), "key.unusable");
  std::string altered = pem;
  char& last = altered[pem.rfind("\n-----END") - 10];  // of the encrypted key itself
  last = last == 'A' ? 'B' : 'A';
  write_file(identity.files.key, altered, FileAccess::kOwnerOnly);
  EXPECT_NE(code_of_loading(identity, passphrase), identity.fingerprint);
  write_file(identity.files.key, pem);
  EXPECT_EQ(code_of_loading(identity, passphrase), "key.open_to_others");
  write_file(identity.files.key, pem, FileAccess::kOwnerOnly);
  std::filesystem::copy_file(create_identity(folder, "south", passphrase).files.certificate, identity.files.certificate,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(code_of_loading(identity, passphrase), "net.bad_identity");
}

TEST_F(IdentityTest, AnUnprotectedKeyIsRefusedUntilItIsProtected) {
  const Identity identity = create_identity(folder, "north", passphrase);
  // RFC 8410, section 10.3
  write_file(identity.files.key,
             "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
             "-----END PRIVATE KEY-----\n",
             FileAccess::kOwnerOnly);
  EXPECT_EQ(code_of_loading(identity, passphrase), "key.unprotected");
  EXPECT_FALSE(is_protected(identity.files.key));
  protect_key(identity.files.key, {}, passphrase);
  EXPECT_TRUE(is_protected(identity.files.key));
  EXPECT_EQ(code_of_loading(identity, passphrase), "net.bad_identity");  // it is another key than the certificate's
  protect_key(identity.files.key, passphrase, words("another passphrase"));
  EXPECT_EQ(code_of_loading(identity, passphrase), "key.wrong_passphrase");
}

TEST_F(IdentityTest, Credentials) {
  std::filesystem::create_directories(folder);
  const net::Passphrase made = create_credential(folder / "north.credential");
  EXPECT_EQ(read_credential(folder / "north.credential"), made);
  EXPECT_EQ(attempt([&] { return create_credential(folder / "north.credential"); }).error().code, "identity.exists");
  write_file(folder / "words", "correct horse battery\nsecond line\n", FileAccess::kOwnerOnly);
  EXPECT_EQ(read_credential(folder / "words"), words("correct horse battery"));
  write_file(folder / "words", "\n", FileAccess::kOwnerOnly);
  EXPECT_EQ(attempt([&] { return read_credential(folder / "words"); }).error().code, "key.no_passphrase");
  write_file(folder / "words", "correct horse battery");
  EXPECT_EQ(attempt([&] { return read_credential(folder / "words"); }).error().code, "key.open_to_others");
}

TEST_F(IdentityTest, NothingIsOverwritten) {
  const Identity first = create_identity(folder, "north", passphrase);
  const std::string key = read_file(first.files.key);
  const auto again = [&] { return attempt([&] { return create_identity(folder, "north", passphrase); }).error().code; };
  EXPECT_EQ(again(), "identity.exists");
  std::filesystem::remove(first.files.certificate);
  EXPECT_EQ(again(), "identity.exists");
  EXPECT_EQ(read_file(first.files.key), key);
}

TEST_F(IdentityTest, Names) {
  for (const char* good : {"a", "north", "site-1_b"}) EXPECT_TRUE(is_valid_name(good)) << good;
  for (const char* bad : {"", "1a", "North", "-a", "a b", "a/b", "../a", "ä"}) EXPECT_FALSE(is_valid_name(bad)) << bad;
  EXPECT_TRUE(is_valid_name(std::string(63, 'a')));
  EXPECT_FALSE(is_valid_name(std::string(64, 'a')));
  EXPECT_EQ(attempt([&] { return create_identity(folder, "../north", passphrase); }).error().code, "identity.bad_name");
}

}  // namespace
}  // namespace cohortium::governance
