#include "mpc/lane_threads.h"

#include "base/error.h"

namespace cohortium::mpc {
namespace {

// That a peer has closed is mostly the echo of another fault.
bool is_echo(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Failure& known) {
    return known.error().code == "net.peer_closed";
  } catch (...) {
    return false;
  }
}

}  // namespace

LaneThreads::LaneThreads(int lanes) : failures_(lanes) {
  for (int lane = 1; lane < lanes; ++lane) threads_.emplace_back([this, lane] { work(lane); });
}

LaneThreads::~LaneThreads() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  started_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void LaneThreads::work(int lane) {
  unsigned long seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    started_.wait(lock, [&] { return stopping_ || generation_ != seen; });
    if (stopping_) return;
    seen = generation_;
    if (lane >= count_) continue;
    const auto& body = *body_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      body(lane);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    failures_[lane] = failure;
    if (--running_ == 0) ended_.notify_one();
  }
}

void LaneThreads::run(int count, const std::function<void(int)>& body) {
  COHORTIUM_CHECK(count >= 1 && count <= static_cast<int>(failures_.size()));
  if (count == 1) return body(0);
  {
    const std::lock_guard lock(mutex_);
    body_ = &body;
    count_ = count;
    running_ = count - 1;
    ++generation_;
  }
  started_.notify_all();
  std::exception_ptr failure;
  try {
    body(0);
  } catch (...) {
    failure = std::current_exception();
  }
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return running_ == 0; });
  failures_[0] = failure;
  std::exception_ptr worst;
  for (int lane = 0; lane < count; ++lane) {
    if (failures_[lane] && (!worst || (is_echo(worst) && !is_echo(failures_[lane])))) worst = failures_[lane];
  }
  for (auto& old : failures_) old = nullptr;
  lock.unlock();
  if (worst) std::rethrow_exception(worst);
}

}  // namespace cohortium::mpc
