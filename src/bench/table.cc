// The benchmark's report as a table for people.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/bench.h"

namespace cohortium::bench {
namespace {

using nlohmann::json;

std::string with_unit(double value) {
  const char* units[] = {"", " k", " M", " G", " T"};
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(units)) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.3g}{}", value, units[unit]);
}

std::string forecast_text(const json& seconds) {
  return seconds.is_null() ? "-" : fmt::format("{:.4f}", seconds.get<double>());
}

}  // namespace

std::string as_table(const json& report) {
  const json& limits = report.at("limits");
  std::string text = fmt::format(
      "{}, {} cores\n"
      "limits   AES-CTR {:.2f} GB/s, memcpy {:.2f} GB/s, multiply-add {:.2f} G/s per core; "
      "loopback TCP {:.2f} GB/s, TLS {:.2f} GB/s, one way {:.0f} us\n\n",
      report.at("machine").at("processor").get<std::string>(), report.at("machine").at("cores").get<int>(),
      limits.at("aes_ctr_gb_s").get<double>(), limits.at("memcpy_gb_s").get<double>(),
      limits.at("multiply_add_g_s").get<double>(), limits.at("tcp_loopback_gb_s").get<double>(),
      limits.at("tls_loopback_gb_s").get<double>(), 1e6 * limits.at("tls_one_way_seconds").get<double>());
  text += fmt::format("{:<28}{:>12}{:>11}{:>12}{:>11}{:>8}{:>10}{:>11}  {}\n", "workload", "elements", "seconds",
                      "elements/s", "B/element", "rounds", "memory", "forecast", "of the limit");
  for (const json& each : report.at("workloads")) {
    text +=
        fmt::format("{:<28}{:>12}{:>11.4f}{:>12}{:>11.4g}{:>8}{:>9}B{:>11}  {:.2f} ({})\n",
                    each.at("name").get<std::string>(), each.at("elements").get<std::size_t>(),
                    each.at("seconds").get<double>(), with_unit(each.at("elements_per_second").get<double>()),
                    each.at("bytes_per_element").get<double>(), each.at("rounds").get<std::uint64_t>(),
                    with_unit(each.at("peak_memory_bytes").get<double>()), forecast_text(each.at("forecast_seconds")),
                    each.at("ratio_to_limit").get<double>(), each.at("limit").get<std::string>());
  }
  if (!report.at("workloads").empty()) {
    const json& first = report.at("workloads").front();
    text += fmt::format("\n{} over {} on {}, {} lane(s); every result compared with plain arithmetic\n",
                        first.at("protocol").get<std::string>(), first.at("channel").get<std::string>(),
                        first.at("network").get<std::string>(), first.at("lanes").get<int>());
  }
  return text;
}

}  // namespace cohortium::bench
