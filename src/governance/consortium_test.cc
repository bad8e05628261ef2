#include "governance/consortium.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/error.h"

namespace cohortium::governance {
namespace {

std::string key(char digit) { return std::string(64, digit); }

// Line 1 is the name; members stand at lines 7, 13 and 19, the person at line 25.
std::string good_text() {
  std::string text = "name = \"Lung outcomes\"\nversion = 1\ncoordinator = \"north\"\n[release]\nminimum_cell = 5\n";
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
  std::string path = "consortium.toml";

  Result<Consortium> read(const std::string& text) {
    return attempt([&] { return parse_consortium(text, path); });
  }
  void expect_refusal(const std::string& text, const std::string& code, const std::string& position) {
    const auto result = read(text);
    ASSERT_FALSE(result.ok()) << code;
    EXPECT_EQ(result.error().code, "consortium." + code) << result.error().text();
    EXPECT_EQ(result.error().where, path + position) << result.error().text();
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

  const Consortium again = read(consortium_text(read_once)).value();
  EXPECT_EQ(again.members[2].endpoint, "west.example.org:7443");
  EXPECT_EQ(again.people[0].fingerprint, key('a'));
  EXPECT_EQ(read(consortium_text(again)).value().digest, again.digest);
}

TEST_F(ConsortiumTest, DefaultsAreStrict) {
  const auto consortium = read(replaced(good_text(), "minimum_cell = 5", ""));
  EXPECT_EQ(consortium.value().minimum_cell, 11);
  EXPECT_EQ(consortium.value().rows_per_parameter, 0);
  EXPECT_EQ(consortium.value().round_to, 1);
  EXPECT_FALSE(consortium.value().exact_curves);
}

TEST_F(ConsortiumTest, DemandsOfStudiesAreReadAndWritten) {
  const std::string text =
      replaced(good_text(), "minimum_cell = 5",
               "rows_per_parameter = 2.5\nround_to = 5\nprotect_sites = true\nzero_and_full = false");
  const Consortium consortium = read(text).value();
  EXPECT_EQ(consortium.rows_per_parameter, 2.5);
  EXPECT_EQ(consortium.round_to, 5);
  const Consortium again = read(consortium_text(consortium)).value();
  EXPECT_EQ(again.rows_per_parameter, 2.5);
  EXPECT_EQ(again.round_to, 5);
  EXPECT_TRUE(again.protect_sites);
  EXPECT_FALSE(again.zero_and_full);
}

TEST_F(ConsortiumTest, EveryFaultHasItsCodeAndPlace) {
  const std::string good = good_text();
  expect_refusal(replaced(good, "minimum_cell = 5", "rows_per_parameter = -1"), "bad_value", ":5:22");
  expect_refusal(replaced(good, "minimum_cell = 5", "rows_per_parameter = 1001"), "bad_value", ":5:22");
  expect_refusal(replaced(good, "minimum_cell = 5", "round_to = 0"), "bad_value", ":5:12");
  expect_refusal(replaced(good, "minimum_cell = 5", "round_to = 101"), "bad_value", ":5:12");
  expect_refusal(replaced(good, "[release]", "[release"), "bad_syntax", ":4:9");
  expect_refusal(replaced(good, "minimum_cell", "minimum_cel"), "unknown_field", ":5:1");
  expect_refusal(replaced(good, "minimum_cell = 5", "minimum_cell = \"5\""), "bad_value", ":5:16");
  expect_refusal(replaced(good, "minimum_cell = 5", "minimum_cell = 0"), "bad_value", ":5:16");
  expect_refusal(replaced(good, "site = true", "site = 1"), "bad_value", ":10:8");
  expect_refusal(replaced(good, "name = \"north\"", ""), "missing_field", ":6:1");
  expect_refusal(replaced(good, "name = \"north\"", "name = \"North\""), "bad_value", ":7:8");
  expect_refusal(replaced(good, "name = \"south\"", "name = \"north\""), "duplicate", ":13:8");
  expect_refusal(replaced(good, "name = \"ana\"", "name = \"west\""), "duplicate", ":25:8");
  expect_refusal(replaced(good, key('a'), key('1')), "duplicate", ":26:15");
  expect_refusal(replaced(good, key('2'), key('A')), "bad_value", ":15:15");
  expect_refusal(replaced(good, "south.example.org:7443", "north.example.org:7443"), "duplicate", ":14:12");
  expect_refusal(replaced(good, "north.example.org:7443", "north.example.org"), "bad_value", ":8:12");
  expect_refusal(replaced(good, "coordinator = \"north\"", "coordinator = \"ana\""), "unknown_member", ":3:15");
  expect_refusal(replaced(good, "role = \"analyst\"", "role = \"boss\""), "bad_value", ":27:8");
  expect_refusal(good + "member = \"east\"\n", "unknown_member", ":28:10");
  for (const char* role : {"\"operator\"", "\"approver\"", "\"data steward\""})
    expect_refusal(replaced(good, "\"analyst\"", role), "missing_field", ":24:1");
  EXPECT_TRUE(read(replaced(good, "\"analyst\"", "\"auditor\"")).ok());
  expect_refusal(replaced(good, "version = 1", ""), "bad_value", "");
  expect_refusal(replaced(good, "version = 1", "version = 0"), "bad_value", ":2:11");
  expect_refusal(replaced(good, "version = 1", "version = 1\nchange_signatures = 1"), "bad_value", ":3:21");
  expect_refusal(replaced(good, "version = 1", "version = 1\nchange_signatures = 4"), "bad_value", ":3:21");
  expect_refusal(good + "expires = \"31.12.2027\"\n", "bad_value", ":28:11");
  expect_refusal(good + "[[revoked]]\nfingerprint = \"" + key('a') + "\"\n", "revoked_key", ":26:15");
  expect_refusal(good + "[[revoked]]\nfingerprint = \"x\"\n", "bad_value", ":29:15");
  const std::string approver = "[[person]]\nname = \"nora\"\nrole = \"approver\"\nmember = \"north\"\n";
  const std::string with_approver = good + approver + "fingerprint = \"" + key('b') + "\"\n";
  EXPECT_TRUE(read(with_approver).ok());
  expect_refusal(replaced(with_approver, "compute = true", "compute = true\napprovals = 2"), "bad_value", ":12:13");
  expect_refusal(replaced(with_approver, "compute = true", "compute = true\napprovals = -1"), "bad_value", ":12:13");
  EXPECT_EQ(parse_consortium(replaced(with_approver, "compute = true", "compute = true\napprovals = 0"), "c")
                .members[0]
                .approvals,
            0);  // its policy alone may approve
  expect_refusal(replaced(good, "compute = true", "compute = false"), "compute_parties", ":6:1");
}

TEST_F(ConsortiumTest, QualityRules) {
  const std::string rules =
      "[quality]\n[quality.thresholds]\nunit = 0.25\n\"measurement.value_as_number.value\" = 1\n"
      "[[quality.range]]\nconcept = 3004249\nunit = 8876\nlow = 40\nhigh = 300.5\n";
  EXPECT_FALSE(read(good_text()).value().quality.has_value());
  EXPECT_TRUE(read(good_text() + "[quality]\n").value().quality->thresholds.empty());
  const quality::Rules again = *read(consortium_text(read(good_text() + rules).value())).value().quality;
  EXPECT_EQ(again.thresholds, (quality::Thresholds{{"unit", 0.25}, {"measurement.value_as_number.value", 1}}));
  ASSERT_EQ(again.ranges.size(), 1u);
  EXPECT_EQ(again.ranges[0].concept_id, 3004249);
  EXPECT_EQ(again.ranges[0].unit_concept_id, 8876);
  EXPECT_EQ(again.ranges[0].low, 40);
  EXPECT_EQ(again.ranges[0].high, 300.5);

  const std::string bad = good_text() + rules;
  expect_refusal(replaced(bad, "unit = 0.25", "units = 0.25"), "bad_value", ":30:9");
  expect_refusal(replaced(bad, "unit = 0.25", "unit = 1.5"), "bad_value", ":30:8");
  expect_refusal(replaced(bad, "unit = 0.25", "unit = nan"), "bad_value", ":30:8");
  expect_refusal(replaced(bad, "low = 40", "low = 301"), "bad_value", ":35:7");
  expect_refusal(replaced(bad, "low = 40\n", ""), "missing_field", ":32:1");
  expect_refusal(replaced(bad, "3004249", "-1"), "bad_value", ":33:11");
  expect_refusal(replaced(bad, "concept = 3004249", "code = 3004249"), "unknown_field", ":33:1");
  expect_refusal(replaced(bad, "[quality]", "[quality]\nthreshold = 1"), "unknown_field", ":29:1");
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

TEST_F(ConsortiumTest, KeysThatExpireCountUntilTheEndOfTheirDay) {
  Consortium consortium = read(good_text() + "expires = \"2020-02-29\"\n").value();
  EXPECT_EQ(attempt([&] { return consortium.good_key_of("ana"); }).error().code, "consortium.expired_key");
  EXPECT_EQ(attempt([&] { return consortium.good_key_of("nobody"); }).error().code, "consortium.unknown_key");
  EXPECT_EQ(consortium.good_key_of("west"), key('3'));
  consortium.people[0].expires = timestamp().substr(0, 10);
  EXPECT_EQ(consortium.good_key_of("ana"), key('a'));
}

TEST_F(ConsortiumTest, WhoMayDoWhat) {
  using enum Action;
  const auto allowed = [](Role role) {
    std::string all;
    for (const auto& [action, letter] : {std::pair(kSeeStudies, 's'),
                                         {kSubmitStudy, 'u'},
                                         {kRunStudy, 'r'},
                                         {kFetchResult, 'f'},
                                         {kApproveStudy, 'a'},
                                         {kChangePolicy, 'p'},
                                         {kReadAuditLog, 'l'}})
      if (may(role, action)) all += letter;
    return all;
  };
  EXPECT_EQ(allowed(Role::kAnalyst), "surf");
  EXPECT_EQ(allowed(Role::kApprover), "sfa");
  EXPECT_EQ(allowed(Role::kDataSteward), "sp");
  EXPECT_EQ(allowed(Role::kAuditor), "sfl");
  EXPECT_EQ(allowed(Role::kOperator), "s");
}

TEST_F(ConsortiumTest, WritingChecksToo) {
  Consortium consortium = read(good_text()).value();
  consortium.coordinator = "nobody";
  EXPECT_EQ(attempt([&] { return consortium_text(consortium); }).error().code, "consortium.unknown_member");
}

}  // namespace
}  // namespace cohortium::governance
