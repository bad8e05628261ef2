// Logistic regression on secret records as workloads; elements are rows of 20 columns.
#include <array>
#include <cmath>

#include "bench/inputs.h"
#include "bench/workload.h"
#include "oblivious/generalised_linear.h"
#include "oblivious/logistic_reference.h"
#include "oblivious/logistic_regression.h"

namespace cohortium::bench {
namespace {

constexpr std::size_t columns = 20;
constexpr std::size_t batch = 1024;
constexpr int newton_steps = 7;
constexpr unsigned seed = 7;

oblivious::Records share_records(Engine& engine, std::size_t n) {
  std::vector<u64> x, y;
  if (engine.self() == 0) {
    std::tie(x, y) = oblivious::record_words(oblivious::made_records(n, columns, seed));
  }
  return {.x = engine.share(0, std::span<const u64>(x), n * columns),
          .y = engine.share(0, std::span<const u64>(y), n),
          .rows = n,
          .columns = columns,
          .x_bits = 1};
}

template <RingWord W>
std::string compare_coefficients(Engine& engine, const Shared<W>& out, int fraction_bits, double tolerance,
                                 const std::function<std::vector<double>()>& make_expected) {
  const auto opened = engine.open_to(0, out);
  if (!opened) return "";
  const std::vector<double> expected = make_expected();
  for (std::size_t j = 0; j < expected.size(); ++j) {
    const double actual = mpc::decode_fixed((*opened)[j], fraction_bits);
    if (!(std::abs(actual - expected[j]) <= tolerance)) {
      return fmt::format("coefficient {} is {}, not {}", j, actual, expected[j]);
    }
  }
  return "";
}

// The tolerance adds up, over the batches, what 2^-16 in a predicted probability amounts to.
Workload epoch(const std::string& name, oblivious::Sigmoid sigmoid) {
  Workload workload = make_workload(
      name, "one epoch of gradient descent, 20 columns, batches of 1,024 rows", 98 * batch, share_records,
      [=](Engine& engine, const oblivious::Records& records) {
        const std::vector<u64> zeros(columns, 0);
        return oblivious::logistic_epoch(engine, records, engine.constant(std::span<const u64>(zeros)),
                                         {.batch = batch, .rate_shift = 0, .sigmoid = sigmoid});
      },
      [=](Engine& engine, const Shared<u64>& out, std::size_t n) {
        constexpr double tolerance = 0x1p-9;
        return compare_coefficients(engine, out, oblivious::epoch_fraction_bits, tolerance, [=] {
          return oblivious::plain_epoch(oblivious::made_records(n, columns, seed), batch, 1,
                                        sigmoid == oblivious::Sigmoid::kExact);
        });
      });
  // Whole batches only.
  workload.prepare = [inner = workload.prepare](Engine& engine, std::size_t n) {
    return inner(engine, std::max<std::size_t>(1, n / batch) * batch);
  };
  return workload;
}

Workload newton() {
  Workload workload = make_workload(
      "logistic_irls", "Newton's method to convergence, 7 steps, 20 columns, nothing opened", 100'000, share_records,
      [](Engine& engine, const oblivious::Records& records) {
        return oblivious::logistic_newton(engine, records, newton_steps).coefficients;
      },
      [](Engine& engine, const Shared<u128>& out, std::size_t n) {
        constexpr double tolerance = 0x1p-13;
        return compare_coefficients(engine, out, oblivious::newton_fraction_bits, tolerance, [=] {
          return oblivious::plain_newton(oblivious::made_records(n, columns, seed), newton_steps);
        });
      });
  // With fewer rows the columns may separate the outcomes, and there is no maximum to converge to.
  workload.prepare = [inner = workload.prepare](Engine& engine, std::size_t n) {
    return inner(engine, std::max<std::size_t>(2000, n));
  };
  return workload;
}

// The same records as a study has them, in Z_2^128.
struct StudyRecords {
  oblivious::ModelRecords records;
  oblivious::ModelStart start;
};

StudyRecords share_study(Engine& engine, std::size_t n) {
  std::vector<u128> x(engine.self() == 0 ? n * columns : 0), y, ones;
  if (engine.self() == 0) {
    const auto made = oblivious::made_records(n, columns, seed);
    for (std::size_t i = 0; i < n * columns; ++i) {
      x[i % columns * n + i / columns] = mpc::encode_fixed<u128>(made.x[i], oblivious::covariate_bits);
    }
    for (double value : made.y) y.push_back(static_cast<u128>(value));
    ones.assign(n, 1);
  }
  const std::vector<u128> zeros(columns * columns);
  const auto none = [&](std::size_t count) { return engine.constant(std::span<const u128>(zeros).first(count)); };
  return {.records = {.x = engine.share(0, std::span<const u128>(x), n * columns),
                      .y = engine.share(0, std::span<const u128>(y), n),
                      .weight = engine.share(0, std::span<const u128>(ones), n),
                      .rows = n,
                      .columns = columns},
          .start = {.information = none(columns * columns), .right = none(columns), .saturated = none(1)}};
}

// As a study fits it: coefficients and covariance to nine digits, deviance, convergence and separation decided, nothing
// opened. Two of the seven steps run in Z_2^128.
Workload study() {
  Workload workload = make_workload(
      "logistic_model",
      "a logistic model to study accuracy: coefficients, covariance, deviance, checks; 7 steps, 20 columns", 100'000,
      share_study,
      [](Engine& engine, const StudyRecords& inputs) {
        return oblivious::fit_model(engine, inputs.records, inputs.start,
                                    {.steps = 2, .cheap_steps = newton_steps - 2});
      },
      [](Engine& engine, const oblivious::ModelFit& out, std::size_t n) -> std::string {
        constexpr double tolerance = 1e-9;
        const std::array faults{out.singular, out.not_converged, out.separated};
        for (const SharedBits& fault : faults) {
          if (engine.open_bits(fault)[0] != 0) return "a fault where there is none";
        }
        return compare_coefficients(engine, out.coefficients, oblivious::model_bits, tolerance, [=] {
          return oblivious::plain_newton(oblivious::made_records(n, columns, seed), newton_steps + 2);
        });
      });
  workload.prepare = [inner = workload.prepare](Engine& engine, std::size_t n) {
    return inner(engine, std::max<std::size_t>(2000, n));
  };
  return workload;
}

}  // namespace

std::vector<Workload> learning_workloads() {
  return {epoch("logistic_epoch_approximate", oblivious::Sigmoid::kApproximate),
          epoch("logistic_epoch_exact", oblivious::Sigmoid::kExact), newton(), study()};
}

}  // namespace cohortium::bench
