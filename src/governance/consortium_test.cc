#include "governance/consortium.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

namespace cohortium::governance {
namespace {

std::string key(char digit) { return std::string(64, digit); }

// Line 1 is the name; members stand at lines 7, 13 and 19, the person at line 25.
std::string good_text() {
  std::string text = "name = \"Lung outcomes\"\ncoordinator = \"north\"\n[release]\nminimum_cell = 5\n\n";
  int i = 1;
  for (const char* name : {"north", "south", "west"}) {
    text += fmt::format(
        "[[member]]\nname = \"{}\"\nendpoint = \"{}.example.org:7443\"\nfingerprint = \"{}\"\nsite = true\ncompute = "
        "true\n",
        name, name, key(static_cast<char>('0' + i++)));
  }
  return text + "[[person]]\nname = \"ana\"\nfingerprint = \"" + key('a') + "\"\nrole = \"analyst\"\n";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

class ConsortiumTest : public testing::Test {
 protected:
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("cohortium_consortium_test_" + std::to_string(::getpid()) + ".toml");
  ~ConsortiumTest() override { std::filesystem::remove(path); }

  Result<Consortium> read(const std::string& text) {
    write_file(path, text);
    return attempt([&] { return read_consortium(path); });
  }
  void expect_refusal(const std::string& text, const std::string& code, const std::string& position) {
    const auto result = read(text);
    ASSERT_FALSE(result.ok()) << code;
    EXPECT_EQ(result.error().code, "consortium." + code) << result.error().text();
    EXPECT_EQ(result.error().where, path.string() + position) << result.error().text();
    EXPECT_FALSE(result.error().remedy.empty());
  }
};

TEST_F(ConsortiumTest, ReadsWhatIsWritten) {
  const Consortium read_once = read(good_text()).value();
  EXPECT_EQ(read_once.name, "Lung outcomes");
  EXPECT_EQ(read_once.minimum_cell, 5);
  EXPECT_FALSE(read_once.exact_curves);
  ASSERT_EQ(read_once.compute_parties().size(), 3u);
  EXPECT_EQ(read_once.compute_parties()[1].name, "south");
  EXPECT_EQ(endpoint_of(read_once.members[0]).host, "north.example.org");
  EXPECT_EQ(endpoint_of(read_once.members[0]).port, 7443);
  EXPECT_EQ(read_once.find_person("ana")->role, Role::kAnalyst);
  EXPECT_EQ(read_once.find_member("ana"), nullptr);
  EXPECT_EQ(pinned_peers(read_once).at("west"), key('3'));
  EXPECT_EQ(pinned_peers(read_once).size(), 4u);

  write_consortium(path, read_once);
  const Consortium again = read_consortium(path);
  EXPECT_EQ(again.members[2].endpoint, "west.example.org:7443");
  EXPECT_EQ(again.people[0].fingerprint, key('a'));
  write_consortium(path, again);
  EXPECT_EQ(read_consortium(path).digest, again.digest);
}

TEST_F(ConsortiumTest, DefaultsAreStrict) {
  const auto consortium = read(replaced(good_text(), "minimum_cell = 5", ""));
  EXPECT_EQ(consortium.value().minimum_cell, 11);
  EXPECT_FALSE(consortium.value().exact_curves);
}

TEST_F(ConsortiumTest, EveryFaultHasItsCodeAndPlace) {
  const std::string good = good_text();
  expect_refusal(replaced(good, "[release]", "[release"), "bad_syntax", ":3:9");
  expect_refusal(replaced(good, "minimum_cell", "minimum_cel"), "unknown_field", ":4:1");
  expect_refusal(replaced(good, "minimum_cell = 5", "minimum_cell = \"5\""), "bad_value", ":4:16");
  expect_refusal(replaced(good, "minimum_cell = 5", "minimum_cell = 0"), "bad_value", ":4:16");
  expect_refusal(replaced(good, "site = true", "site = 1"), "bad_value", ":10:8");
  expect_refusal(replaced(good, "name = \"north\"", ""), "missing_field", ":6:1");
  expect_refusal(replaced(good, "name = \"north\"", "name = \"North\""), "bad_value", ":7:8");
  expect_refusal(replaced(good, "name = \"south\"", "name = \"north\""), "duplicate", ":13:8");
  expect_refusal(replaced(good, "name = \"ana\"", "name = \"west\""), "duplicate", ":25:8");
  expect_refusal(replaced(good, key('a'), key('1')), "duplicate", ":26:15");
  expect_refusal(replaced(good, key('2'), key('A')), "bad_value", ":15:15");
  expect_refusal(replaced(good, "south.example.org:7443", "north.example.org:7443"), "duplicate", ":14:12");
  expect_refusal(replaced(good, "north.example.org:7443", "north.example.org"), "bad_value", ":8:12");
  expect_refusal(replaced(good, "coordinator = \"north\"", "coordinator = \"ana\""), "unknown_member", ":2:15");
  expect_refusal(replaced(good, "role = \"analyst\"", "role = \"boss\""), "bad_value", ":27:8");
  expect_refusal(good + "member = \"east\"\n", "unknown_member", ":28:10");
  expect_refusal(replaced(good, "\"analyst\"", "\"operator\""), "missing_field", ":24:1");
  expect_refusal(replaced(good, "compute = true", "compute = false"), "compute_parties", ":6:1");
}

TEST_F(ConsortiumTest, Endpoints) {
  const auto accepts = [&](const std::string& endpoint) {
    return read(replaced(good_text(), "north.example.org:7443", endpoint)).ok();
  };
  for (const char* good : {"10.0.0.1:1", "[2001:db8::1]:7443", "localhost:65535"}) EXPECT_TRUE(accepts(good)) << good;
  for (const char* bad : {"", ":1", "a:", "a:0", "a:65536", "a:1x", "a b:1", "2001:db8::1:7443", "a/b:1"}) {
    EXPECT_FALSE(accepts(bad)) << bad;
  }
}

TEST_F(ConsortiumTest, WritingChecksToo) {
  Consortium consortium = read(good_text()).value();
  consortium.coordinator = "nobody";
  EXPECT_EQ(attempt([&] {
              write_consortium(path, consortium);
              return 0;
            })
                .error()
                .code,
            "consortium.unknown_member");
}

}  // namespace
}  // namespace cohortium::governance
