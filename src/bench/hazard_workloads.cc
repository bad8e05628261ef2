// Cox regression and Fine and Gray's model on secret records as workloads; elements are rows of 6 covariates.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "bench/inputs.h"
#include "bench/workload.h"
#include "oblivious/subdistribution.h"

namespace cohortium::bench {
namespace {

constexpr std::size_t columns = 6;
constexpr std::uint64_t times = 500;
constexpr int key_bits = 10;

struct Made {
  std::vector<double> x;  // column after column
  std::vector<u64> time, event, competing;
};

Made made_rows(std::size_t n) {
  std::mt19937_64 random(11), others(12);
  const auto uniform = [&] { return std::ldexp(static_cast<double>(random() >> 12), -52); };
  Made made{.x = std::vector<double>(n * columns), .time = {}, .event = {}, .competing = {}};
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
    made.competing.push_back(made.event.back() == 0 && others() % 2 == 0);
  }
  return made;
}

struct Inputs {
  Shared<u64> key, event, competing;
  Shared<u128> x;
};

Inputs share_rows(Engine& engine, std::size_t n) {
  std::vector<u64> key;
  std::vector<u128> x;
  Made made;
  if (engine.self() == 0) {
    made = made_rows(n);
    for (u64 time : made.time) key.push_back((u64{1} << key_bits) - 1 - time);
    for (double value : made.x) x.push_back(mpc::encode_fixed<u128>(value, oblivious::input_fraction_bits));
  }
  return {.key = engine.share(0, std::span<const u64>(key), n),
          .event = engine.share(0, std::span<const u64>(made.event), n),
          .competing = engine.share(0, std::span<const u64>(made.competing), n),
          .x = engine.share(0, std::span<const u128>(x), n * columns)};
}

enum class Model { kCox, kFineGray };

Shared<u128> fit(Engine& engine, const Inputs& inputs, Model model) {
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
  oblivious::CoxFit found;
  if (model == Model::kCox) {
    found = oblivious::cox_regression(engine, oblivious::risk_sets(engine, rows, oblivious::Ties::kEfron));
  } else {
    rows.competing = engine.bit(inputs.competing, 0);
    oblivious::RiskSets sets = oblivious::risk_sets(engine, rows, oblivious::Ties::kBreslow);
    const oblivious::Censoring censoring = oblivious::subdistribution(engine, sets);
    found = oblivious::cox_regression(engine, sets);
    found.covariance =
        oblivious::sandwich(engine, found, oblivious::score_variance(engine, sets, censoring, found.terms));
  }
  oblivious::scale_back(engine, found, standard.scaling);
  return found.coefficients;
}

// The probability not to be censored before each time.
std::vector<double> staying(const Made& made) {
  std::vector<double> censored(times + 1), leaving(times + 1), result(times + 1, 1);
  for (std::size_t i = 0; i < made.time.size(); ++i) {
    leaving[made.time[i]] += 1;
    censored[made.time[i]] += made.event[i] + made.competing[i] == 0;
  }
  auto at_risk = static_cast<double>(made.time.size());
  for (std::size_t t = 0; t < times; ++t) {
    result[t + 1] = at_risk > 0 ? result[t] * (1 - censored[t] / at_risk) : result[t];
    at_risk -= leaving[t];
  }
  return result;
}

// The row's risk, and that times covariates and products of two.
std::vector<double> moments(const Made& made, std::size_t i, const std::vector<double>& beta) {
  const std::size_t n = made.time.size();
  double predictor = 0;
  for (std::size_t j = 0; j < columns; ++j) predictor += beta[j] * made.x[j * n + i];
  std::vector<double> all{std::exp(predictor)};
  for (std::size_t j = 0; j < columns; ++j) all.push_back(all[0] * made.x[j * n + i]);
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t k = 0; k < columns; ++k) all.push_back(all[1 + j] * made.x[k * n + i]);
  }
  return all;
}

void add_to(std::vector<double>& sums, const std::vector<double>& part, double factor) {
  for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += factor * part[c];
}

// How far Newton's next step in double arithmetic would still go from `beta`, times of all rows descending.
std::vector<double> next_step(const Made& made, const std::vector<double>& beta, Model model) {
  const std::size_t n = made.time.size(), d = columns, wide = 1 + d + d * d;
  const std::vector<double> stay = staying(made);
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return made.time[a] > made.time[b]; });
  std::vector<double> all(wide), left(wide), gradient(d), information(d * d);
  for (std::size_t i = 0; i < n && model == Model::kFineGray; ++i) {
    if (made.competing[i]) add_to(left, moments(made, i, beta), 1 / stay[made.time[i]]);
  }
  for (std::size_t from = 0, to = 0; from < n; from = to) {
    std::vector<double> tied(wide);
    std::size_t events = 0;
    for (to = from; to < n && made.time[order[to]] == made.time[order[from]]; ++to) {
      const std::size_t i = order[to];
      const std::vector<double> own = moments(made, i, beta);
      add_to(all, own, 1);
      if (made.event[i] && model == Model::kCox) add_to(tied, own, 1);
      if (made.competing[i] && model == Model::kFineGray) add_to(left, own, -1 / stay[made.time[i]]);
      events += made.event[i];
      for (std::size_t j = 0; j < d && made.event[i]; ++j) gradient[j] += made.x[j * n + i];
    }
    for (std::size_t e = 0; e < events; ++e) {
      std::vector<double> at_risk = all;
      add_to(at_risk, left, stay[made.time[order[from]]]);
      add_to(at_risk, tied, -static_cast<double>(e) / static_cast<double>(events));
      const auto mean = [&](std::size_t c) { return at_risk[c] / at_risk[0]; };
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

Workload workload(std::string name, std::string summary, Model model) {
  Workload made = make_workload(
      std::move(name), std::move(summary), 10'000, share_rows,
      [=](Engine& engine, const Inputs& inputs) { return fit(engine, inputs, model); },
      [=](Engine& engine, const Shared<u128>& out, std::size_t n) -> std::string {
        const auto opened = engine.open_to(0, out);
        if (!opened) return "";
        std::vector<double> beta;
        for (u128 word : *opened) beta.push_back(mpc::decode_fixed(word, oblivious::coefficient_fraction_bits));
        const auto step = next_step(made_rows(n), beta, model);
        for (std::size_t j = 0; j < columns; ++j) {
          if (!(std::abs(step[j]) <= 1e-8)) return fmt::format("coefficient {} is {}, off by {}", j, beta[j], step[j]);
        }
        return "";
      });
  // With fewer rows there may be no maximum.
  made.prepare = [inner = made.prepare](Engine& engine, std::size_t n) {
    return inner(engine, std::max<std::size_t>(500, n));
  };
  return made;
}

}  // namespace

std::vector<Workload> hazard_workloads() {
  return {
      workload("cox_regression", "Cox regression, 12 steps, 6 covariates, ties by Efron, nothing opened", Model::kCox),
      workload("fine_gray", "Fine-Gray model, 12 steps, 6 covariates, nothing opened", Model::kFineGray)};
}

}  // namespace cohortium::bench
