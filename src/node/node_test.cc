#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/file.h"
#include "node/config.h"
#include "node/run_driver.h"
#include "node/store.h"

namespace cohortium::node {
namespace {

using nlohmann::json;

class Folder {
 public:
  Folder() : path(std::filesystem::temp_directory_path() / ("cohortium_node_test_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  const std::filesystem::path path;
};

std::string config_refusal(const Folder& folder, const std::string& text) {
  write_file(folder.path / "node.toml", text);
  const auto read = attempt([&] { return read_config(folder.path / "node.toml"); });
  if (read.ok()) return "accepted";
  return read.error().code + " " +
         read.error().where.substr(std::min(read.error().where.size(), folder.path.string().size() + 1));
}

TEST(Config, RefusalsNameLineAndColumn) {
  const Folder folder;
  const std::string good =
      "name = \"north\"\nconsortium = \"c\"\ncertificate = \"a\"\nkey = \"k\"\nstate = \"s\"\nlisten = "
      "\"0.0.0.0:7443\"\n";
  EXPECT_EQ(config_refusal(folder, good), "accepted");
  EXPECT_EQ(config_refusal(folder, good + "colour = \"red\"\n"), "node.bad_config node.toml:7:10");
  EXPECT_EQ(config_refusal(folder, good + "data = 3\n"), "node.bad_config node.toml:7:8");
  EXPECT_EQ(config_refusal(folder, "name = \n"), "node.bad_config node.toml:1:8");
  EXPECT_EQ(config_refusal(folder, good + "data = \"d\"\n"), "accepted");
  EXPECT_EQ(read_config(folder.path / "node.toml").source->path, folder.path / "d");
  EXPECT_THROW(parse_endpoint("host"), Failure);
  EXPECT_THROW(parse_endpoint("host:99999"), Failure);
  EXPECT_THROW(parse_endpoint(":1"), Failure);
}

TEST(Config, SourcesAreReadStrictly) {
  const Folder folder;
  const std::string node =
      "name = \"north\"\nconsortium = \"c\"\ncertificate = \"a\"\nkey = \"k\"\nstate = \"s\"\nlisten = "
      "\"0.0.0.0:7443\"\n";
  const std::string server = "[source]\nkind = \"postgresql\"\ndbname = \"cdm\"\nuser = \"reader\"\n";
  const std::string remote = server + "host = \"db.north.example\"\n";
  EXPECT_EQ(config_refusal(folder, node + remote + "sslrootcert = \"root.crt\"\n"), "accepted");
  const auto source = *read_config(folder.path / "node.toml").source;
  EXPECT_EQ(source.kind, data::SourceKind::kPostgreSql);
  EXPECT_EQ(source.tls, "verify-full");
  EXPECT_EQ(source.root_certificate, folder.path / "root.crt");
  EXPECT_EQ(source.schema, "public");
  EXPECT_EQ(source.statement_timeout.count(), 1800);
  EXPECT_EQ(config_refusal(folder, node + server + "host = \"/run/postgresql\"\n"), "accepted");
  EXPECT_EQ(read_config(folder.path / "node.toml").source->tls, "disable");
  EXPECT_EQ(config_refusal(folder, node + "[source]\nkind = \"duckdb\"\npath = \"x.duckdb\"\nschema = \"cdm\"\n"),
            "accepted");
  for (const std::string& bad :
       {remote, remote + "sslmode = \"disable\"\n", remote + "sslmode = \"prefer\"\n", server,
        remote + "sslrootcert = \"r\"\nport = 0\n", remote + "sslrootcert = \"r\"\nport = \"5432\"\n",
        remote + "sslrootcert = \"r\"\nstatement_timeout = 0\n", remote + "sslrootcert = \"r\"\npassword = \"x\"\n",
        std::string("[source]\nkind = \"odbc\"\nconnection = \"DRIVER=x;pwd=y\"\n"),
        std::string("[source]\nkind = \"oracle\"\n"), std::string("[source]\nkind = \"folder\"\n"),
        std::string("data = \"d\"\n[source]\nkind = \"folder\"\npath = \"d\"\n"), std::string("source = 3\n"),
        std::string("[source]\nkind = \"duckdb\"\npath = \"x\"\nhost = \"h\"\n")})
    EXPECT_TRUE(config_refusal(folder, node + bad).starts_with("node.bad_config node.toml:")) << bad;

  // A file of its own, named by `data` and by a command.
  write_file(folder.path / "source.toml", remote + "sslrootcert = \"root.crt\"\n");
  EXPECT_EQ(config_refusal(folder, node + "data = \"source.toml\"\n"), "accepted");
  EXPECT_EQ(read_config(folder.path / "node.toml").source->host, "db.north.example");
  EXPECT_EQ(read_source(folder.path / "node.toml").host, "db.north.example");
  EXPECT_EQ(read_source(folder.path / "source.toml").host, "db.north.example");
  EXPECT_EQ(read_source(folder.path).kind, data::SourceKind::kFolder);
  write_file(folder.path / "x.duckdb", "");
  EXPECT_EQ(read_source(folder.path / "x.duckdb").kind, data::SourceKind::kDuckDb);
  write_file(folder.path / "node.toml", node);
  EXPECT_EQ(attempt([&] { return read_source(folder.path / "node.toml").path; }).error().code, "node.bad_config");
  write_file(folder.path / "loop.toml", "data = \"loop.toml\"\n");
  EXPECT_EQ(attempt([&] { return read_source(folder.path / "loop.toml").path; }).error().code, "node.bad_config");
}

TEST(Config, WhatASiteSaysOfItsColumns) {
  const Folder folder;
  const std::string node =
      "name = \"north\"\nconsortium = \"c\"\ncertificate = \"a\"\nkey = \"k\"\nstate = \"s\"\nlisten = "
      "\"0.0.0.0:7443\"\n";
  const std::string column = "[[harmonise.column]]\ntable = \"lab\"\ncolumn = \"hb\"\n";
  const std::string rules = "[harmonise]\nmap = \"codes.csv\"\nvocabulary = true\n" + column + "unit = \"g/L\"\n";
  EXPECT_EQ(config_refusal(folder, node + "data = \"d\"\n" + rules), "accepted");
  const harmonise::SiteRules read = read_config(folder.path / "node.toml").harmonise;
  EXPECT_EQ(read.map, folder.path / "codes.csv");
  EXPECT_TRUE(read.vocabulary);
  ASSERT_NE(read.find("lab", "hb"), nullptr);
  EXPECT_EQ(read.find("lab", "hb")->unit, "g/L");
  // In the file that `data` names.
  write_file(folder.path / "records.toml", "[source]\nkind = \"folder\"\npath = \"d\"\n" + rules);
  EXPECT_EQ(config_refusal(folder, node + "data = \"records.toml\"\n"), "accepted");
  EXPECT_NE(read_config(folder.path / "node.toml").harmonise.find("lab", "hb"), nullptr);
  EXPECT_TRUE(read_site_rules(folder.path).columns.empty());
  write_file(folder.path / "loop.toml", "data = \"loop.toml\"\n");
  EXPECT_TRUE(read_site_rules(folder.path / "loop.toml").columns.empty());
  for (const std::string& bad :
       {rules + "colour = 1\n", std::string("harmonise = 3\n"), rules + column,
        std::string("[harmonise]\nvocabulary = \"yes\"\n"), std::string("[harmonise]\ncolumn = 3\n"),
        std::string("[[harmonise.column]]\ntable = \"x\"\n")})
    EXPECT_TRUE(config_refusal(folder, node + bad).starts_with("node.bad_config node.toml:")) << bad;
  EXPECT_EQ(config_refusal(folder, node + column + "unit = \"furlong\"\n").substr(0, 22), "harmonise.unknown_unit");
  EXPECT_EQ(config_refusal(folder, node + column + "date = \"DD.MM.YY\"\n").substr(0, 25), "harmonise.bad_date_format");
}

TEST(Config, Limits) {
  const Folder folder;
  const std::string node =
      "name = \"north\"\nconsortium = \"c\"\ncertificate = \"a\"\nkey = \"k\"\nstate = \"s\"\nlisten = "
      "\"0.0.0.0:7443\"\n";
  EXPECT_EQ(config_refusal(folder, node), "accepted");
  EXPECT_EQ(read_config(folder.path / "node.toml").limits.connections, 256u);
  EXPECT_EQ(config_refusal(folder, node + "[limits]\nconnections = 16\nchanges_per_minute = 5\n"), "accepted");
  const Limits limits = read_config(folder.path / "node.toml").limits;
  EXPECT_EQ(limits.connections, 16u);
  EXPECT_EQ(limits.changes_per_minute, 5u);
  EXPECT_EQ(limits.requests_per_minute, 600u);
  for (const char* bad : {"limits = 3\n", "[limits]\nconnections = 0\n", "[limits]\nconnections = \"many\"\n",
                          "[limits]\nrequests_per_minute = -1\n", "[limits]\nspeed = 1\n"})
    EXPECT_TRUE(config_refusal(folder, node + bad).starts_with("node.bad_config node.toml:")) << bad;
}

TEST(Store, CountsChecksWhetherSitesAgree) {
  const Folder folder;
  StudyStore store(folder.path);
  const std::string hash(64, 'a');
  std::filesystem::create_directories(folder.path / "studies" / hash);
  for (int i = 0; i < 20; ++i) store.count_agreement_check(hash);
  const auto more = attempt([&] { return store.count_agreement_check(hash), true; });
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().code, "node.too_many_checks");
}

TEST(Store, KeepsStudiesByHashAndNoticesChanges) {
  const Folder folder;
  StudyStore store(folder.path);
  governance::Envelope envelope{
      .study = study::parse_study(R"({"cohortium": 1, "title": "t", "purpose": "p", "sites": ["a", "b"],
    "data": {"table": "t", "columns": {"x": {"type": "number", "range": [0, 1]}}}, "analyses": [{"id": "n", "kind": "count"}]})",
                                  "study"),
      .analyst = "ana",
      .consortium = "c",
      .signed_at = timestamp(),
      .expires = timestamp(),
      .signature = {"ana", "00", "00"},
      .digest = {}};
  const std::string hash = envelope.study.hash;
  EXPECT_THROW(store.find(hash), Failure);
  store.save(envelope);
  EXPECT_EQ(store.find(hash).study.title, "t");
  EXPECT_EQ(store.hashes(), std::vector<std::string>{hash});
  EXPECT_TRUE(store.decisions(hash).empty());
  const governance::Decision decision{.decision = "approve",
                                      .site = "a",
                                      .study = hash,
                                      .envelope = "e",
                                      .consortium = "c",
                                      .time = timestamp(),
                                      .signature = {"op", "00", "00"}};
  store.refuse_repeated(decision);
  store.decide(decision);
  EXPECT_EQ(store.decisions(hash).at(0).signature.by, "op");
  governance::Decision repeated = decision;
  repeated.signature.signature = "01";  // as whoever holds an ECDSA signature can make a second one of it
  EXPECT_EQ(attempt([&] { return store.refuse_repeated(repeated), true; }).error().code, "decision.repeated");
  const auto file = folder.path / "studies" / hash / "envelope.json";
  std::string text = read_file(file);
  text.replace(text.find("\"t\""), 3, "\"u\"");
  write_file(file, text);
  EXPECT_EQ(attempt([&] { return store.find(hash); }).error().code, "node.altered_study");
  EXPECT_THROW(store.find("../../etc/passwd"), Failure);
}

TEST(RunDriver, OwnComplaintOfANodeWinsOverBrokenConnections) {
  auto ask = [](const std::string& node, const std::string& method, const std::string& target, const json&,
                std::chrono::milliseconds, const std::function<bool()>&) -> json {
    if (method != "POST" || target != "/v1/runs") return json::object();
    if (node == "north") throw Failure({.code = "net.peer_closed", .message = "west has gone", .where = "west"});
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (node == "west") throw Failure({.code = "data.unknown_level", .message = "bad level", .where = "west"});
    return json::object();
  };
  RunDriver driver(ask, {{"run", "run"}}, {"north", "west", "south"});
  const auto result = attempt([&] { return driver.drive([](const json&) {}); });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "data.unknown_level");
}

TEST(RunDriver, ANodeThatDoesNotAnswerIsNamed) {
  auto ask = [](const std::string& node, const std::string& method, const std::string& target, const json&,
                std::chrono::milliseconds, const std::function<bool()>& give_up) -> json {
    if (method == "GET" && node == "west")
      throw Failure({.code = "net.peer_silent", .message = "west does not answer", .where = "west"});
    if (target != "/v1/runs") return json::object();
    while (!give_up()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    throw Failure({.code = "net.peer_silent", .message = "gave up", .where = node});
  };
  RunDriver driver(ask, {{"run", "run"}}, {"north", "west"});
  const auto result = attempt([&] { return driver.drive([](const json&) {}); });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().where, "west");
}

}  // namespace
}  // namespace cohortium::node
