#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

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
  EXPECT_EQ(read_config(folder.path / "node.toml").data, folder.path / "d");
  EXPECT_THROW(parse_endpoint("host"), Failure);
  EXPECT_THROW(parse_endpoint("host:99999"), Failure);
  EXPECT_THROW(parse_endpoint(":1"), Failure);
}

TEST(Store, KeepsStudiesByHashAndNoticesChanges) {
  const Folder folder;
  StudyStore store(folder.path);
  const study::Study study = study::parse_study(R"({"cohortium": 1, "title": "t", "purpose": "p", "sites": ["a", "b"],
    "data": {"table": "t", "columns": {"x": {"type": "number", "range": [0, 1]}}}, "analyses": [{"id": "n", "kind": "count"}]})",
                                                "study");
  EXPECT_THROW(store.find(study.hash), Failure);
  store.save(study);
  EXPECT_EQ(store.find(study.hash).title, "t");
  EXPECT_EQ(store.hashes(), std::vector<std::string>{study.hash});
  EXPECT_FALSE(store.approval(study.hash).has_value());
  store.approve(study.hash, {"a", "op", "now"});
  EXPECT_EQ(store.approval(study.hash)->by, "op");
  const auto file = folder.path / "studies" / study.hash / "study.json";
  std::string text = read_file(file);
  text.replace(text.find("\"t\""), 3, "\"u\"");
  write_file(file, text);
  EXPECT_EQ(attempt([&] { return store.find(study.hash); }).error().code, "node.altered_study");
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
  RunDriver driver(ask, "run", "study", {"north", "west", "south"});
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
  RunDriver driver(ask, "run", "study", {"north", "west"});
  const auto result = attempt([&] { return driver.drive([](const json&) {}); });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().where, "west");
}

}  // namespace
}  // namespace cohortium::node
