#include "cli/interrupt.h"

#include <csignal>

namespace cohortium::cli {
namespace {

std::atomic<bool> flag{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may write it");

}  // namespace

std::atomic<bool>& interrupted() { return flag; }

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { flag = true; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace cohortium::cli
