// Cox regression on secret records as a workload; elements are rows of 6 covariates, with ties by Efron.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "bench/inputs.h"
#include "bench/workload.h"
#include "oblivious/cox_regression.h"

namespace cohortium::bench {
namespace {

constexpr std::size_t columns = 6;
constexpr std::uint64_t times = 500;
constexpr int key_bits = 10;

struct Made {
  std::vector<double> x;  // column after column
  std::vector<u64> time, event;
};

Made made_rows(std::size_t n) {
  std::mt19937_64 random(11);
  const auto uniform = [&] { return std::ldexp(static_cast<double>(random() >> 12), -52); };
  Made made{.x = std::vector<double>(n * columns), .time = {}, .event = {}};
  for (std::size_t i = 0; i < n; ++i) {
    double predictor = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      const double value =
          j % 2 == 0 ? std::floor(2 * uniform()) : std::ldexp(std::round(std::ldexp(uniform(), 20)), -20);
      made.x[j * n + i] = value;
      predictor += value * (0.8 - 0.3 * static_cast<double>(j));
    }
    const double time = -std::log(uniform() + 1e-9) * std::exp(-predictor) * 150;
    made.time.push_back(1 + static_cast<u64>(std::min(time, times - 2.0)));
    made.event.push_back(time < times - 2.0 && uniform() < 0.7);
  }
  return made;
}

struct Inputs {
  Shared<u64> key, event;
  Shared<u128> x;
};

Inputs share_rows(Engine& engine, std::size_t n) {
  std::vector<u64> key, event;
  std::vector<u128> x;
  if (engine.self() == 0) {
    const Made made = made_rows(n);
    for (u64 time : made.time) key.push_back((u64{1} << key_bits) - 1 - time);
    for (double value : made.x) x.push_back(mpc::encode_fixed<u128>(value, oblivious::input_fraction_bits));
    event = made.event;
  }
  return {.key = engine.share(0, std::span<const u64>(key), n),
          .event = engine.share(0, std::span<const u64>(event), n),
          .x = engine.share(0, std::span<const u128>(x), n * columns)};
}

Shared<u128> fit(Engine& engine, const Inputs& inputs) {
  const std::size_t n = inputs.key.size;
  const std::vector<u128> one{1};
  const auto counts = mpc::repeat(engine.constant(std::span<const u128>(one)), n);
  const auto standard = oblivious::standardised(engine, inputs.x, counts);
  oblivious::SurvivalRows rows{.rows = n, .columns = columns};
  rows.key = inputs.key;
  rows.key_bits = key_bits;
  rows.event = engine.bit(inputs.event, 0);
  rows.covariates = standard.covariates;
  rows.weight = counts;
  const auto sets = oblivious::risk_sets(engine, rows, oblivious::Ties::kEfron);
  oblivious::CoxFit found = oblivious::cox_regression(engine, sets);
  oblivious::scale_back(engine, found, standard.scaling);
  return found.coefficients;
}

// How far Newton's next step in double arithmetic would still go from `beta`, times of all rows descending.
std::vector<double> next_step(const Made& made, const std::vector<double>& beta) {
  const std::size_t n = made.time.size(), d = columns, wide = 1 + d + d * d;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return made.time[a] > made.time[b]; });
  std::vector<double> all(wide), gradient(d), information(d * d);
  for (std::size_t from = 0, to = 0; from < n; from = to) {
    std::vector<double> tied(wide);
    std::size_t events = 0;
    for (to = from; to < n && made.time[order[to]] == made.time[order[from]]; ++to) {
      const std::size_t i = order[to];
      std::vector<double> x{1};
      double predictor = 0;
      for (std::size_t j = 0; j < d; ++j) {
        x.push_back(made.x[j * n + i]);
        predictor += beta[j] * x.back();
      }
      for (std::size_t j = 0; j < d; ++j) {
        for (std::size_t k = 0; k < d; ++k) x.push_back(x[1 + j] * x[1 + k]);
      }
      for (std::size_t c = 0; c < wide; ++c) {
        all[c] += std::exp(predictor) * x[c];
        if (made.event[i]) tied[c] += std::exp(predictor) * x[c];
      }
      events += made.event[i];
      for (std::size_t j = 0; j < d && made.event[i]; ++j) gradient[j] += x[1 + j];
    }
    for (std::size_t e = 0; e < events; ++e) {
      const double part = static_cast<double>(e) / static_cast<double>(events), s = all[0] - part * tied[0];
      const auto mean = [&](std::size_t c) { return (all[c] - part * tied[c]) / s; };
      for (std::size_t j = 0; j < d; ++j) {
        gradient[j] -= mean(1 + j);
        for (std::size_t k = 0; k < d; ++k)
          information[j * d + k] += mean(1 + d + j * d + k) - mean(1 + j) * mean(1 + k);
      }
    }
  }
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t i = 0; i < d; ++i) {
      if (i == j) continue;
      const double factor = information[i * d + j] / information[j * d + j];
      for (std::size_t k = 0; k < d; ++k) information[i * d + k] -= factor * information[j * d + k];
      gradient[i] -= factor * gradient[j];
    }
  }
  for (std::size_t j = 0; j < d; ++j) gradient[j] /= information[j * d + j];
  return gradient;
}

std::string check(Engine& engine, const Shared<u128>& out, std::size_t n) {
  const auto opened = engine.open_to(0, out);
  if (!opened) return "";
  std::vector<double> beta;
  for (u128 word : *opened) beta.push_back(mpc::decode_fixed(word, oblivious::coefficient_fraction_bits));
  const auto step = next_step(made_rows(n), beta);
  for (std::size_t j = 0; j < columns; ++j) {
    if (!(std::abs(step[j]) <= 1e-8)) return fmt::format("coefficient {} is {}, off by {}", j, beta[j], step[j]);
  }
  return "";
}

}  // namespace

Workload cox_workload() {
  Workload workload =
      make_workload("cox_regression", "Cox regression, 12 steps, 6 covariates, ties by Efron, nothing opened", 10'000,
                    share_rows, fit, check);
  // With fewer rows there may be no maximum.
  workload.prepare = [inner = workload.prepare](Engine& engine, std::size_t n) {
    return inner(engine, std::max<std::size_t>(500, n));
  };
  return workload;
}

}  // namespace cohortium::bench
