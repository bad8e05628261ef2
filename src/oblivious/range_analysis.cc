#include "oblivious/range_analysis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/error.h"

namespace cohortium::oblivious {
namespace {

constexpr long double infinity = std::numeric_limits<long double>::infinity();

// Long double arithmetic rounds to nearest: the next number outwards is a bound.
long double down(long double x) { return x == 0 ? 0 : std::nextafter(x, -infinity); }
long double up(long double x) { return x == 0 ? 0 : std::nextafter(x, infinity); }

std::string text_of(long double x) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6Lg", x);
  return text.data();
}

std::string interval_text(long double low, long double high) { return text_of(low) + " to " + text_of(high); }

}  // namespace

Ranges::Ranges(PlanLimits limits) : limits_(limits) {
  COHORTIUM_CHECK(limits.least >= 0 && limits.least <= limits.most && limits.most <= 120);
}

Ranges::Expression Ranges::append(Node node, Domain domain) {
  nodes_.push_back(std::move(node));
  conditions_.push_back({nodes_.size() - 1, domain});
  return {nodes_.size() - 1};
}

// Rounding moves a value by half a unit at most.
Ranges::Expression Ranges::input(const std::string& name, double low, double high) {
  COHORTIUM_CHECK(low <= high);
  const long double half_unit = std::ldexp(0.5L, -limits_.least);
  return append({.text = name,
                 .low = down(low - half_unit),
                 .high = up(high + half_unit),
                 .fractions = 1,
                 .blamed = nodes_.size(),
                 .atom = true},
                Domain::kRing);
}

Ranges::Expression Ranges::integer(const std::string& name, double low, double high) {
  COHORTIUM_CHECK(low <= high);
  return append({.text = name, .low = low, .high = high, .fractions = 0, .blamed = nodes_.size(), .atom = true},
                Domain::kRing);
}

std::string Ranges::operand(Expression a) const {
  const Node& node = nodes_.at(a.index);
  return node.atom ? node.text : "(" + node.text + ")";
}

long double Ranges::magnitude(std::size_t node) const {
  return std::max(std::abs(nodes_[node].low), std::abs(nodes_[node].high));
}

std::size_t Ranges::more_to_blame(Expression a, Expression b) const {
  const std::size_t first = nodes_[a.index].blamed, second = nodes_[b.index].blamed;
  return magnitude(second) > magnitude(first) ? second : first;
}

Ranges::Expression Ranges::linear(Expression a, Expression b, const char* sign, long double low, long double high) {
  COHORTIUM_CHECK(nodes_.at(a.index).fractions == nodes_.at(b.index).fractions);
  const std::size_t blamed = magnitude(b.index) > magnitude(a.index) ? nodes_[b.index].blamed : nodes_[a.index].blamed;
  return append({.text = nodes_[a.index].text + sign + operand(b),
                 .low = down(low),
                 .high = up(high),
                 .fractions = nodes_[a.index].fractions,
                 .blamed = blamed,
                 .atom = false},
                Domain::kRing);
}

Ranges::Expression Ranges::add(Expression a, Expression b) {
  const Node &x = nodes_.at(a.index), &y = nodes_.at(b.index);
  return linear(a, b, " + ", x.low + y.low, x.high + y.high);
}

Ranges::Expression Ranges::subtract(Expression a, Expression b) {
  const Node &x = nodes_.at(a.index), &y = nodes_.at(b.index);
  return linear(a, b, " - ", x.low - y.high, x.high - y.low);
}

// Fewer terms than `terms` are possible, none included.
Ranges::Expression Ranges::sum(Expression a, double terms) {
  COHORTIUM_CHECK(terms >= 1);
  const Node& x = nodes_.at(a.index);
  return append({.text = "the sum of " + operand(a) + " over " + text_of(terms),
                 .low = down(std::min(x.low * terms, 0.0L)),
                 .high = up(std::max(x.high * terms, 0.0L)),
                 .fractions = x.fractions,
                 .blamed = x.blamed,
                 .atom = false},
                Domain::kRing);
}

Ranges::Expression Ranges::multiply(Expression a, Expression b) {
  const Node &x = nodes_.at(a.index), &y = nodes_.at(b.index);
  const auto corners = {x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high};
  return append({.text = operand(a) + " * " + operand(b),
                 .low = down(std::min(corners)),
                 .high = up(std::max(corners)),
                 .fractions = x.fractions + y.fractions,
                 .blamed = more_to_blame(a, b),
                 .atom = false},
                Domain::kRing);
}

Ranges::Expression Ranges::square(Expression a) {
  const Node& x = nodes_.at(a.index);
  const long double smaller = std::min(std::abs(x.low), std::abs(x.high)), larger = magnitude(a.index);
  const bool through_zero = x.low <= 0 && x.high >= 0;
  return append({.text = operand(a) + "^2",
                 .low = through_zero ? 0 : down(smaller * smaller),
                 .high = up(larger * larger),
                 .fractions = 2 * x.fractions,
                 .blamed = x.blamed,
                 .atom = false},
                Domain::kRing);
}

Ranges::Expression Ranges::dot(Expression a, Expression b, double terms) { return sum(multiply(a, b), terms); }

Ranges::Expression Ranges::truncated(Expression product) {
  Node node = nodes_.at(product.index);
  COHORTIUM_CHECK(node.fractions >= 1);
  conditions_.push_back({product.index, Domain::kTruncation});
  const long double unit = std::ldexp(1.0L, -limits_.least);  // truncation is off by one unit
  node.low = down(node.low - unit);
  node.high = up(node.high + unit);
  node.fractions = 1;
  return append(std::move(node), Domain::kRing);
}

Ranges::Expression Ranges::divide(Expression numerator, Expression denominator) {
  const Node &x = nodes_.at(numerator.index), &y = nodes_.at(denominator.index);
  COHORTIUM_CHECK(x.fractions == y.fractions);
  conditions_.push_back({denominator.index, Domain::kDivisor});
  const bool possible = y.low > 0;
  const auto corners = {x.low / y.low, x.low / y.high, x.high / y.low, x.high / y.high};
  return append({.text = operand(numerator) + " / " + operand(denominator),
                 .low = possible ? down(std::min(corners)) : -infinity,
                 .high = possible ? up(std::max(corners)) : infinity,
                 .fractions = 1,
                 .blamed = possible ? more_to_blame(numerator, denominator) : y.blamed,
                 .atom = false},
                Domain::kQuotient);
}

Ranges::Expression Ranges::part_of(Expression part, Expression whole) {
  COHORTIUM_CHECK(nodes_.at(part.index).fractions == nodes_.at(whole.index).fractions);
  conditions_.push_back({whole.index, Domain::kDivisorOrZero});
  const long double units = std::ldexp(2.0L, -limits_.least);  // division is off by two units
  return append({.text = operand(part) + " / " + operand(whole),
                 .low = -units,
                 .high = 1 + units,
                 .fractions = 1,
                 .blamed = nodes_[whole.index].blamed,
                 .atom = false},
                Domain::kPart);
}

Ranges::Expression Ranges::named(const std::string& name, Expression a) {
  nodes_.at(a.index).text = name;
  nodes_[a.index].atom = true;
  return a;
}

bool Ranges::holds(const Condition& condition, int ring_bits, int fraction_bits) const {
  const bool wide = ring_bits == 128;
  const long double size = magnitude(condition.node);
  const long double as_integer = std::ldexp(size, nodes_[condition.node].fractions * fraction_bits);
  switch (condition.domain) {
    case Domain::kRing:
      return as_integer < std::ldexp(1.0L, ring_bits - 1);
    case Domain::kTruncation:
      return as_integer < std::ldexp(1.0L, ring_bits - 2);
    case Domain::kDivisor:
    case Domain::kDivisorOrZero:
      return (condition.domain == Domain::kDivisorOrZero || nodes_[condition.node].low > 0) &&
             as_integer < std::ldexp(1.0L, wide ? 54 : 31);
    case Domain::kQuotient: {
      const int whole_bits = size < 1 ? 0 : std::ilogb(size) + 1;
      return std::isfinite(size) && whole_bits + fraction_bits <= (wide ? 56 : 32);
    }
    case Domain::kPart:
      return fraction_bits <= (wide ? 56 : 24);
  }
  return false;
}

bool Ranges::all_hold(int ring_bits, int fraction_bits) const {
  return std::all_of(conditions_.begin(), conditions_.end(),
                     [&](const Condition& condition) { return holds(condition, ring_bits, fraction_bits); });
}

NumberPlan Ranges::choose(const std::string& where) const {
  if (!limits_.wide_only && all_hold(64, limits_.most)) return {.ring_bits = 64, .fraction_bits = limits_.most};
  for (int f = limits_.most; f >= limits_.least; --f) {
    if (all_hold(128, f)) return {.ring_bits = 128, .fraction_bits = f};
  }
  refuse(where);
}

void Ranges::refuse(const std::string& where) const {
  const auto failed = std::find_if(conditions_.begin(), conditions_.end(),
                                   [&](const Condition& c) { return !holds(c, 128, limits_.least); });
  const Node& node = nodes_[failed->node];
  const Node& blamed = nodes_[node.blamed];
  const bool by_zero = failed->domain == Domain::kDivisor && node.low <= 0;
  throw Failure({.code = "plan.overflow",
                 .message = node.text + " lies in " + interval_text(node.low, node.high) +
                            (by_zero ? " and must not be 0"
                                     : ", which does not fit with " + std::to_string(limits_.least) +
                                           " fraction bits, the fewest this plan can do with"),
                 .where = where,
                 .rule = "the range of " + blamed.text + ", " + interval_text(blamed.low, blamed.high),
                 .remedy = "declare a narrower range for " + blamed.text + ", or another unit"});
}

double Ranges::low(Expression a) const { return static_cast<double>(nodes_.at(a.index).low); }
double Ranges::high(Expression a) const { return static_cast<double>(nodes_.at(a.index).high); }

}  // namespace cohortium::oblivious
