// The threads of a party's lanes: the caller works for lane 0, and every further lane has a thread that stays.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cohortium::mpc {

class LaneThreads {
 public:
  explicit LaneThreads(int lanes);
  ~LaneThreads();
  LaneThreads(const LaneThreads&) = delete;
  LaneThreads& operator=(const LaneThreads&) = delete;

  // Runs body(lane) for lanes 0 .. count-1 at once and returns when all have ended; throws the most telling failure.
  void run(int count, const std::function<void(int lane)>& body);

 private:
  void work(int lane);

  std::mutex mutex_;
  std::condition_variable started_, ended_;
  const std::function<void(int)>* body_ = nullptr;
  unsigned long generation_ = 0;
  int count_ = 0, running_ = 0;
  bool stopping_ = false;
  std::vector<std::exception_ptr> failures_;  // by lane
  std::vector<std::thread> threads_;
};

}  // namespace cohortium::mpc
