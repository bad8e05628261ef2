// What this machine can do at best, measured in the same run as the workloads: the resources that three-party
// computation spends. Each takes a fraction of a second. Call it before this process has threads (it forks).
#pragma once

#include <cstdint>
#include <functional>

namespace cohortium::bench {

struct Limits {
  double aes_ctr_gb_s = 0;         // AES-128-CTR key stream, one core
  double memcpy_gb_s = 0;          // bytes copied between vectors beyond the caches, one core
  double multiply_add_g_s = 0;     // 10^9 64-bit multiply-adds from registers, one core
  double tcp_loopback_gb_s = 0;    // one stream between two processes, writes as the engine's
  double tls_loopback_gb_s = 0;    // the same over TLS 1.3
  double tls_one_way_seconds = 0;  // half the time for 64 bytes there and back over TLS
};

// `keep_going` is called now and then; what it throws ends the measurement.
Limits measure_limits(const std::function<void()>& keep_going);

}  // namespace cohortium::bench
