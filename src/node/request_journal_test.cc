// Requests that are repeated: the same answer, once, also after a crash.
#include "node/request_journal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <vector>

#include "base/file.h"

namespace cohortium::node {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

template <class Do>
std::string code_of(const Do& body) {
  const auto done = attempt([&] { return body(), true; });
  return done.ok() ? "" : done.error().code;
}

class Journal : public testing::Test {
 protected:
  Journal() : state(std::filesystem::temp_directory_path() / ("cohortium_journal_" + std::to_string(::getpid()))) {}
  ~Journal() override { std::filesystem::remove_all(state); }

  static Request request(const std::string& key, const std::string& body = "{}", const std::string& caller = "ana") {
    return {.head = {.method = "POST", .path = "/v1/studies", .query = {}, .idempotency_key = key, .last_event_id = {}},
            .body = body,
            .caller = caller,
            .study = {},
            .run = {},
            .caller_is_gone = [] { return false; }};
  }
  json act(const Request& asked) {
    ++done;
    last = asked;
    if (fails) throw Failure({.code = "node.not_approved", .message = "north has not", .where = "north"});
    return {{"run", asked.token}};
  }
  json once(RequestJournal& journal, const Request& asked) {
    return journal.once(asked, [this](const Request& admitted) { return act(admitted); });
  }

  const std::filesystem::path state;
  int done = 0;
  bool fails = false;
  Request last;
};

TEST_F(Journal, TheSameAnswerOnce) {
  RequestJournal journal(state);
  const json first = once(journal, request("key-number-1"));
  EXPECT_EQ(first["run"].get<std::string>().size(), 32u);
  EXPECT_EQ(once(journal, request("key-number-1")), first);
  EXPECT_EQ(done, 1);
  RequestJournal after_a_restart(state);
  EXPECT_EQ(once(after_a_restart, request("key-number-1")), first);
  EXPECT_EQ(done, 1);
  EXPECT_NE(once(journal, request("key-number-2")), first);
  EXPECT_NE(once(journal, request("key-number-1", "{}", "eve")), first) << "keys are each caller's own";
  EXPECT_EQ(done, 3);
}

TEST_F(Journal, TheSameErrorToo) {
  RequestJournal journal(state);
  fails = true;
  EXPECT_EQ(code_of([&] { once(journal, request("key-number-1")); }), "node.not_approved");
  fails = false;
  EXPECT_EQ(code_of([&] { once(journal, request("key-number-1")); }), "node.not_approved");
  EXPECT_EQ(done, 1);
}

TEST_F(Journal, AKeyIsOneRequestAndLooksLikeOne) {
  RequestJournal journal(state);
  once(journal, request("key-number-1"));
  EXPECT_EQ(code_of([&] { once(journal, request("key-number-1", "{\"a\": 1}")); }), "node.key_reused");
  Request elsewhere = request("key-number-1");
  elsewhere.head.path = "/v1/runs";
  EXPECT_EQ(code_of([&] { once(journal, elsewhere); }), "node.key_reused");
  for (const std::string& bad : {std::string(), std::string("short"), std::string(65, 'a'),
                                 std::string("../../../etc/x"), std::string("with spaces")})
    EXPECT_EQ(code_of([&] { once(journal, request(bad)); }), "node.bad_idempotency_key") << bad;
  EXPECT_EQ(done, 1);
}

TEST_F(Journal, AfterACrashInTheMiddleItIsTheSameRequest) {
  {
    RequestJournal journal(state);
    once(journal, request("key-number-1"));
  }
  const std::string token = last.token;
  EXPECT_FALSE(last.resumed);
  for (const auto& entry : std::filesystem::directory_iterator(state / "requests" / "ana")) {
    json record = json::parse(read_file(entry.path()));  // as it was before there was an answer
    record["finished"] = false;
    record.erase("answer");
    write_file(entry.path(), record.dump());
    write_file(entry.path().string() + ".new99", "{");  // and half a file
  }
  RequestJournal journal(state);
  EXPECT_EQ(once(journal, request("key-number-1"))["run"], token);
  EXPECT_TRUE(last.resumed);
  EXPECT_EQ(code_of([&] { refuse_interrupted(last, "north"); }), "node.request_interrupted");
  EXPECT_EQ(once(journal, request("key-number-1"))["run"], token);
  EXPECT_EQ(done, 2);
  const auto files = std::filesystem::directory_iterator(state / "requests" / "ana");
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(Journal, AtTheSameTimeItIsDoneOnce) {
  RequestJournal journal(state);
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<std::string> answers;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const json answer = journal.once(request("key-number-1"), [&](const Request& admitted) {
        std::this_thread::sleep_for(50ms);
        return act(admitted);
      });
      const std::lock_guard lock(mutex);
      answers.insert(answer.dump());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(answers.size(), 1u);
  Request gone = request("key-number-1");
  gone.caller_is_gone = [] { return true; };
  std::thread slow([&] {
    journal.once(request("key-number-2"), [&](const Request& admitted) {
      std::this_thread::sleep_for(300ms);
      return act(admitted);
    });
  });
  std::this_thread::sleep_for(100ms);
  gone.head.idempotency_key = "key-number-2";
  EXPECT_EQ(code_of([&] { once(journal, gone); }), "node.request_running");
  slow.join();
}

TEST_F(Journal, TheOldestGo) {
  RequestJournal journal(state, 8);
  for (int i = 0; i < 20; ++i) once(journal, request("key-number-" + std::to_string(i)));
  const auto files = std::filesystem::directory_iterator(state / "requests" / "ana");
  EXPECT_LE(std::distance(begin(files), end(files)), 9);
  once(journal, request("key-number-19"));
  EXPECT_EQ(done, 20) << "the newest are kept";
  for (const auto& entry : std::filesystem::directory_iterator(state / "requests" / "ana"))
    std::filesystem::last_write_time(entry.path(), std::filesystem::file_time_type::clock::now() - 25h);
  RequestJournal next_day(state, 8);
  EXPECT_TRUE(std::filesystem::is_empty(state / "requests" / "ana"));
}

}  // namespace
}  // namespace cohortium::node
