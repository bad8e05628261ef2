#include "bench/ratio.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

namespace cohortium::bench {

Floor floor_of(const Measurement& measured, const Limits& limits, const net::LinkShape& shape,
               const std::string& channel, int cores) {
  const double bytes =
      static_cast<double>(std::accumulate(measured.bytes.begin(), measured.bytes.end(), std::uint64_t{0}));
  const double busy_cores = std::min<double>(cores, static_cast<double>(measured.bytes.size()));
  std::vector<Floor> floors = {
      {"key stream", 2 * bytes / (limits.aes_ctr_gb_s * 1e9 * busy_cores)},
      {"multiply-add", measured.multiply_adds / (limits.multiply_add_g_s * 1e9 * busy_cores)},
  };
  if (channel == "memory") {
    floors.push_back({"memcpy", bytes / (limits.memcpy_gb_s * 1e9 * busy_cores)});
  } else {
    const double stream = channel == "tls" ? limits.tls_loopback_gb_s : limits.tcp_loopback_gb_s;
    floors.push_back({channel + " stream", bytes / (stream * 1e9)});
  }
  const double latency = std::chrono::duration<double>(shape.latency).count();
  const double one_way = latency + (channel == "memory" ? 0 : limits.tls_one_way_seconds);
  floors.push_back({"rounds", static_cast<double>(measured.rounds) * one_way});
  if (shape.bytes_per_second > 0) {
    const auto most = static_cast<double>(*std::max_element(measured.bytes.begin(), measured.bytes.end()));
    floors.push_back({"link", most / 2 / shape.bytes_per_second});
  }
  return *std::max_element(floors.begin(), floors.end(),
                           [](const Floor& a, const Floor& b) { return a.seconds < b.seconds; });
}

nlohmann::json to_json(const Limits& limits) {
  return {{"aes_ctr_gb_s", limits.aes_ctr_gb_s},           {"memcpy_gb_s", limits.memcpy_gb_s},
          {"multiply_add_g_s", limits.multiply_add_g_s},   {"tcp_loopback_gb_s", limits.tcp_loopback_gb_s},
          {"tls_loopback_gb_s", limits.tls_loopback_gb_s}, {"tls_one_way_seconds", limits.tls_one_way_seconds}};
}

}  // namespace cohortium::bench
