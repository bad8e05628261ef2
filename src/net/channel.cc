// What a channel does unless it knows better.
#include "net/channel.h"

#include <thread>

namespace cohortium::net {

void Channel::wait_until(std::chrono::steady_clock::time_point time) { std::this_thread::sleep_until(time); }

}  // namespace cohortium::net
