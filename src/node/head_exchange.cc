#include "node/head_exchange.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "node/members.h"

namespace cohortium::node {
namespace {

constexpr std::chrono::seconds patience{5};
constexpr std::chrono::minutes interval{1};
constexpr std::chrono::seconds settling{1};  // after something has ended, until all nodes have logged it

}  // namespace

HeadExchange::HeadExchange(std::string self, const governance::Consortium& consortium, const HttpClient& client,
                           governance::Witness& witness)
    : self_(std::move(self)), consortium_(consortium), client_(client), witness_(witness), thread_([this] {
        keep_asking();
      }) {}

HeadExchange::~HeadExchange() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void HeadExchange::soon() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
}

void HeadExchange::require(const std::vector<std::string>& nodes) {
  witness_.require_one_history(nodes);
  const std::vector<Error> errors = ask(nodes);
  witness_.require_one_history(nodes);
  if (!errors.empty()) throw Failure(errors.front());
}

// All at once; then again those of whom others have shown heads that are news.
std::vector<Error> HeadExchange::ask(const std::vector<std::string>& nodes) {
  std::vector<Error> errors;
  const auto ask_each = [&](const std::vector<std::string>& names) {
    std::vector<std::future<Result<bool>>> answers;
    for (const std::string& name : names) {
      if (name == self_ || consortium_.find_member(name) == nullptr) continue;
      answers.push_back(std::async(std::launch::async, [this, name] {
        return attempt([&] {
          const auto question = witness_.question(name);
          const auto give_up = [this] {
            const std::lock_guard lock(mutex_);
            return stopping_;
          };
          witness_.take(question,
                        client_.call(member_named(consortium_, name), "GET", question.target(), "", patience, give_up));
          return true;
        });
      }));
    }
    for (auto& answer : answers) {
      const Result<bool> taken = answer.get();
      if (!taken.ok()) errors.push_back(taken.error());
    }
  };
  ask_each(nodes);
  ask_each(witness_.in_question());
  return errors;
}

void HeadExchange::keep_asking() {
  std::vector<std::string> everybody;
  for (const governance::Member& member : consortium_.members) everybody.push_back(member.name);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, interval, [this] { return wanted_ || stopping_; });
    if (changed_.wait_for(lock, settling, [this] { return stopping_; })) return;
    wanted_ = false;
    lock.unlock();
    for (const Error& error : ask(everybody)) {
      if (error.code.starts_with("net.") || error.code == "node.gave_up") continue;  // it may be down
      spdlog::error("{}", error.text());
    }
    lock.lock();
  }
}

}  // namespace cohortium::node
