// Ctrl-C and kill: a flag that loops look at, so that everything is taken down in order.
#pragma once

#include <atomic>

namespace cohortium::cli {

// Set by SIGINT and SIGTERM once catch_interrupts() was called.
std::atomic<bool>& interrupted();
void catch_interrupts();

}  // namespace cohortium::cli
