#include "bench/bench.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "bench/inputs.h"

namespace cohortium::bench {
namespace {

using nlohmann::json;

// Doubles a column; `tampered` results are off by one somewhere.
Workload doubling(bool tampered) {
  return make_workload(
      tampered ? "tampered" : "doubling", "a test", 100,
      [](Engine& engine, std::size_t n) {
        return share_from_first<u64>(engine, n, [=] { return random_words<u64>(n, 1); });
      },
      [=](Engine& engine, const Shared<u64>& in) {
        Shared<u64> out = engine.multiply(in, engine.constant(std::vector<u64>(in.size, 2)));
        if (tampered) out.component[0][in.size / 2] += 1;
        return out;
      },
      [](Engine& engine, const Shared<u64>& out, std::size_t n) {
        const auto in = random_words<u64>(n, 1);
        return compare_exactly(engine, out, [&](std::size_t i) { return 2 * in[i]; });
      });
}

std::string code_of(const std::function<void()>& body) {
  const auto done = attempt([&] { return body(), true; });
  return done.ok() ? "" : done.error().code;
}

void expect_no_children() {
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

class Bench : public testing::TestWithParam<const char*> {
 protected:
  Options options{.channel = GetParam(), .repeats = 2};
};

TEST_P(Bench, MeasuresAndChecks) {
  const json report = run(options, {}, {doubling(false)});
  ASSERT_EQ(report.at("workloads").size(), 1u);
  const json& one = report.at("workloads").front();
  EXPECT_EQ(one.at("name"), "doubling");
  EXPECT_EQ(one.at("verified"), true);
  EXPECT_EQ(one.at("rounds"), 1);
  EXPECT_EQ(one.at("elements"), 100);
  EXPECT_DOUBLE_EQ(one.at("bytes_per_element"), 8);
  EXPECT_GT(one.at("seconds"), 0);
  EXPECT_NE(as_table(report).find("doubling"), std::string::npos);
  expect_no_children();
}

TEST_P(Bench, RefusesATamperedResult) {
  const auto done = attempt([&] { return run(options, {}, {doubling(false), doubling(true)}); });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "bench.wrong_result");
  EXPECT_EQ(done.error().where, "tampered");
  expect_no_children();
}

TEST_P(Bench, TellsWhatAPartyFailedOf) {
  Workload failing = doubling(false);
  failing.prepare = [](Engine& engine, std::size_t n) {
    Task task = doubling(false).prepare(engine, n);
    if (engine.self() == 1) task.run = [] { throw Failure({.code = "mpc.bad_share_bundle", .message = "on purpose"}); };
    return task;
  };
  EXPECT_EQ(code_of([&] { run(options, {}, {failing}); }), "mpc.bad_share_bundle");
  expect_no_children();
}

TEST_P(Bench, EndsItsPartiesWhenInterrupted) {
  Hooks hooks;
  int calls = 0;
  Workload endless = doubling(false);
  endless.prepare = [](Engine& engine, std::size_t n) {
    Task task = doubling(false).prepare(engine, n);
    task.run = [] { std::this_thread::sleep_for(std::chrono::hours(1)); };
    return task;
  };
  bool measuring = false;
  hooks.progress = [&](const std::string& what) { measuring = what == "doubling"; };
  hooks.keep_going = [&] {
    if (measuring && ++calls == 3) throw Failure({.code = "cli.interrupted", .message = "on purpose"});
  };
  EXPECT_EQ(code_of([&] { run(options, hooks, {endless}); }), "cli.interrupted");
  expect_no_children();
}

INSTANTIATE_TEST_SUITE_P(Channels, Bench, testing::Values("tls", "memory"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST(Options, AreRefusedWhereTheyMeanNothing) {
  const auto code_with = [](Options options) { return code_of([&] { run(options, {}, {doubling(false)}); }); };
  EXPECT_EQ(code_with({.only = {"halving"}}), "bench.unknown_workload");
  EXPECT_EQ(code_with({.channel = "pigeon"}), "bench.bad_option");
  EXPECT_EQ(code_with({.repeats = 0}), "bench.bad_option");
  EXPECT_EQ(code_with({.lanes = 0}), "bench.bad_option");
  EXPECT_EQ(code_with({.elements = 0}), "bench.bad_option");
  EXPECT_EQ(code_with({.protocol = "telepathy"}), "mpc.unknown_protocol");
}

TEST(Workloads, AreFoundByName) {
  const auto found = workloads_named({doubling(false), doubling(true), doubling(false)}, {"doubling"});
  EXPECT_EQ(found.size(), 2u);
}

}  // namespace
}  // namespace cohortium::bench
