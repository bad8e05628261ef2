#include "bench/costs.h"

#include <fmt/format.h>

#include "bench/inputs.h"
#include "bench/workload.h"
#include "mpc/forecast/run_cost.h"
#include "oblivious/compare.h"

namespace cohortium::bench {
namespace {

constexpr mpc::Link near{.latency_seconds = 1e-4, .bytes_per_second = 1e9};
constexpr mpc::Link far{.latency_seconds = 50e-3, .bytes_per_second = 12.5e6};
constexpr std::size_t many = std::size_t{1} << 20, few = 1024;

constexpr const char* opening = R"(# What everything costs

Made from what the kernels declare by `cohortium bench --costs`; a test compares this page with that command's output, and
`tests/conformance` the declarations with what is sent. Bits and bytes are per element and of the party that sends most.

Kernels choose between few bytes and few rounds by public sizes and by the link that the parties agreed on. "Near" are
links of 0.1 ms and 1 GB/s with 1,048,576 elements, where bytes count; "far" are links of 50 ms and 100 Mbit/s with 1,024
elements, where rounds count.

)";

struct Kernel {
  std::string name;
  std::function<std::function<void()>(Engine& engine, std::size_t n)> prepare;
};

std::string row_of(const std::string& name, const std::function<mpc::RunCost(const mpc::Link&, std::size_t)>& cost_of) {
  std::string row = "| " + name + " |";
  for (const auto& [link, n] : {std::pair{near, many}, std::pair{far, few}}) {
    const mpc::RunCost cost = cost_of(link, n);
    row +=
        fmt::format(" {} | {:.4g} |", cost.rounds, 8 * static_cast<double>(cost.most_bytes()) / static_cast<double>(n));
  }
  return row + "\n";
}

template <RingWord W>
std::vector<Kernel> ring_kernels() {
  constexpr int k = mpc::bits_of<W>;
  const auto column = [](Engine& e, std::size_t n) { return e.ring<W>().random(n); };
  const auto of_one = [=](auto body) {
    return
        [=](Engine& e, std::size_t n) -> std::function<void()> { return [&e, body, a = column(e, n)] { body(e, a); }; };
  };
  using Column = const Shared<W>&;
  return {
      {"share, by one party",
       [](Engine& e, std::size_t n) -> std::function<void()> {
         return [&e, n] { e.share(0, std::span<const W>(std::vector<W>(e.self() == 0 ? n : 0)), n); };
       }},
      {"open", of_one([](Engine& e, Column a) { e.open(a); })},
      {"multiply, dot and matrix product (per result)", of_one([](Engine& e, Column a) { e.multiply(a, a); })},
      {"truncate by 16", of_one([](Engine& e, Column a) { e.truncate(a, 16); })},
      {"the products, truncated by 16", of_one([](Engine& e, Column a) { e.multiply_truncate(a, a, 16); })},
      {"to bits, all", of_one([](Engine& e, Column a) { e.to_bits(a, k); })},
      {"bit, the top one", of_one([](Engine& e, Column a) { e.bit(a, k - 1); })},
      {"is zero", of_one([](Engine& e, Column a) { e.is_zero(a, k); })},
      {"from one bit", of_one([](Engine& e, Column a) { e.ring<W>().from_bit(SharedBits(a.size, a.components)); })},
      {"from 32 bits", of_one([](Engine& e, Column a) {
         e.ring<W>().from_bits(std::vector<SharedBits>(32, SharedBits(a.size, a.components)));
       })},
      {"keep where a bit is set",
       of_one([](Engine& e, Column a) { e.keep_where(SharedBits(a.size, a.components), a); })},
      {"permute",
       of_one([](Engine& e, Column a) { e.permute(e.random_permutation(a.size), a, mpc::Direction::kForwards); })},
      {"a < b", of_one([](Engine& e, Column a) { oblivious::less_than(e, a, a); })},
      {"a = b", of_one([](Engine& e, Column a) { oblivious::equal(e, a, a); })},
  };
}

std::string kernel_table(const std::string& protocol, const std::string& of, const std::vector<Kernel>& kernels) {
  std::string text = "## " + protocol + ", " + of +
                     "\n| kernel | rounds, near | bits, near | rounds, far | bits, far |\n"
                     "| --- | --- | --- | --- | --- |\n";
  for (const Kernel& kernel : kernels) {
    text += row_of(kernel.name, [&](const mpc::Link& link, std::size_t n) {
      return mpc::forecast_run(protocol, link, 1, [&](Engine& engine) { return kernel.prepare(engine, n); });
    });
  }
  return text + "\n";
}

std::string in_a_cell(const std::string& text) {
  std::string escaped;
  for (char c : text) escaped += c == '|' ? "\\|" : std::string(1, c);
  return escaped;
}

std::string algorithm_table() {
  std::string text =
      "## Workloads of `cohortium bench` under replicated3, near\n| workload | what | elements | rounds | bytes per "
      "element |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const Workload& workload : all_workloads()) {
    std::size_t elements = 0;
    const mpc::RunCost cost = mpc::forecast_run("replicated3", near, 1, [&](Engine& engine) {
      const Task task = workload.prepare(engine, workload.elements);
      elements = task.elements;
      return task.run;
    });
    text += fmt::format("| {} | {} | {} | {} | {:.4g} |\n", workload.name, in_a_cell(workload.summary), elements,
                        cost.rounds, static_cast<double>(cost.most_bytes()) / static_cast<double>(elements));
  }
  return text;
}

std::string tables_of(const std::string& protocol) {
  const std::vector<Kernel> bits = {{"and, bits",
                                     [](Engine& e, std::size_t n) -> std::function<void()> {
                                       return [&e, a = e.random_bits(n)] { e.and_bits(a, a); };
                                     }},
                                    {"open, bits", [](Engine& e, std::size_t n) -> std::function<void()> {
                                       return [&e, a = e.random_bits(n)] { e.open_bits(a); };
                                     }}};
  return kernel_table(protocol, "64-bit elements", ring_kernels<u64>()) +
         kernel_table(protocol, "128-bit elements", ring_kernels<u128>()) + kernel_table(protocol, "bit vectors", bits);
}

}  // namespace

std::string cost_tables() {
  return opening +
         std::string(
             "Local: sums, differences, scaling, exclusive-or, negation of bits, constants, random elements.\n\n"
             "Under replicated3-malicious what was sent is proved whenever some 100 MB of statements wait, which is "
             "counted in here, and "
             "before something is opened: some kilobytes and some tens of rounds more.\n\n") +
         tables_of("replicated3") + tables_of("replicated3-malicious") + tables_of("replicated4") + algorithm_table();
}

}  // namespace cohortium::bench
