#include "release/privacy_loss.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace cohortium::release {
namespace {

// What proposition 12 gives by the divergence of one order.
double epsilon_by_order(double order, double rho, double delta) {
  return order * rho + (-std::log(delta) - std::log(order - 1) + order * std::log1p(-1 / order)) / (order - 1);
}

}  // namespace

double gaussian_loss(double squares, std::uint64_t variance) {
  COHORTIUM_CHECK(variance >= 1);
  return squares / (2 * static_cast<double>(variance));
}

double laplace_loss(double epsilon) { return epsilon * epsilon / 2; }

std::uint64_t gaussian_variance(double squares, double rho) {
  COHORTIUM_CHECK(rho > 0 && squares / (2 * rho) < 0x1p62);
  return static_cast<std::uint64_t>(std::max(1.0, std::ceil(squares / (2 * rho))));
}

double laplace_scale(double sum, double epsilon) {
  COHORTIUM_CHECK(epsilon > 0);
  return sum / epsilon;
}

// The bound falls, then rises with the order; its least value is near 1 + sqrt(log(1 / delta) / rho).
double epsilon_of(double rho, double delta) {
  COHORTIUM_CHECK(rho >= 0 && delta > 0 && delta < 1);
  if (rho == 0) return 0;
  // Golden-section search over log(order - 1).
  constexpr double golden = 0.6180339887498949;
  const auto at = [&](double x) { return epsilon_by_order(1 + std::exp(x), rho, delta); };
  double low = -20, high = 40;
  while (high - low > 1e-10) {
    const double left = high - golden * (high - low), right = low + golden * (high - low);
    (at(left) < at(right) ? high : low) = at(left) < at(right) ? right : left;
  }
  return std::max(0.0, at((low + high) / 2));
}

}  // namespace cohortium::release
