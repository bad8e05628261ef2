// Values and intervals of compiled arithmetic.
#include "statistics/models/arithmetic.h"

#include <algorithm>
#include <cmath>

namespace cohortium::statistics {
namespace {

struct Function {
  const char* name;
  double (*value)(double);
  double least;  // of its domain
  bool open;     // whether `least` itself is outside
};
constexpr double everything = -INFINITY;

double identity(double x) { return x; }

const std::vector<Function>& functions() {
  static const std::vector<Function> all = {{"I", identity, everything, false},
                                            {"exp", [](double x) { return std::exp(x); }, everything, false},
                                            {"sqrt", [](double x) { return std::sqrt(x); }, 0, false},
                                            {"log", [](double x) { return std::log(x); }, 0, true},
                                            {"log2", [](double x) { return std::log2(x); }, 0, true},
                                            {"log10", [](double x) { return std::log10(x); }, 0, true},
                                            {"log1p", [](double x) { return std::log1p(x); }, -1, true},
                                            {"abs", [](double x) { return std::abs(x); }, everything, false}};
  return all;
}

}  // namespace

Interval product(const Interval& a, const Interval& b) {
  const auto [low, high] = std::minmax({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
  return {low, high};
}

Arithmetic::Arithmetic(const SyntaxNode& node, const std::string& where,
                       const std::function<std::size_t(const SyntaxNode& name)>& column)
    : where_(where) {
  compile(node, column);
}

void Arithmetic::compile(const SyntaxNode& node, const std::function<std::size_t(const SyntaxNode& name)>& column) {
  for (const SyntaxNode& operand : node.operands) compile(operand, column);
  Step step{.operation = Operation::kNumber, .number = node.number, .position = node.position};
  switch (node.kind) {
    case SyntaxNode::Kind::kNumber:
      break;
    case SyntaxNode::Kind::kName:
      step.operation = Operation::kColumn;
      step.index = column(node);
      break;
    case SyntaxNode::Kind::kParentheses:
      return;
    case SyntaxNode::Kind::kUnary:
      if (node.text == "+") return;
      step.operation = Operation::kNegate;
      break;
    case SyntaxNode::Kind::kBinary: {
      const std::size_t symbol = std::string("+-*/^").find(node.text);
      if (symbol == std::string::npos)
        refuse_formula(where_, node.position, "\"" + node.text + "\" has no meaning inside arithmetic",
                       "use + - * / ^ and functions of numbers");
      step.operation = static_cast<Operation>(static_cast<int>(Operation::kAdd) + static_cast<int>(symbol));
      break;
    }
    case SyntaxNode::Kind::kCall: {
      const auto found = std::find_if(functions().begin(), functions().end(),
                                      [&](const Function& function) { return node.text == function.name; });
      if (found == functions().end())
        refuse_formula(where_, node.position, "there is no function \"" + node.text + "\" of numbers",
                       "use log, log2, log10, log1p, sqrt, exp, abs or I");
      step.operation = Operation::kFunction;
      step.index = static_cast<std::size_t>(found - functions().begin());
      break;
    }
  }
  steps_.push_back(step);
}

double Arithmetic::value(std::span<const double> columns) const {
  if (steps_.size() == 1 && steps_[0].operation == Operation::kColumn) return columns[steps_[0].index];
  std::vector<double> stack;
  stack.reserve(steps_.size());
  for (const Step& step : steps_) {
    const bool binary = step.operation >= Operation::kAdd && step.operation <= Operation::kPower;
    double right = 0;
    if (binary) {
      right = stack.back();
      stack.pop_back();
    }
    switch (step.operation) {
      case Operation::kNumber:
        stack.push_back(step.number);
        break;
      case Operation::kColumn:
        stack.push_back(columns[step.index]);
        break;
      case Operation::kAdd:
        stack.back() += right;
        break;
      case Operation::kSubtract:
        stack.back() -= right;
        break;
      case Operation::kMultiply:
        stack.back() *= right;
        break;
      case Operation::kDivide:
        stack.back() /= right;
        break;
      case Operation::kPower:
        stack.back() = std::pow(stack.back(), right);
        break;
      case Operation::kNegate:
        stack.back() = -stack.back();
        break;
      case Operation::kFunction:
        stack.back() = functions()[step.index].value(stack.back());
        break;
    }
  }
  return stack.back();
}

Interval Arithmetic::interval(std::span<const Interval> columns) const {
  std::vector<Interval> stack;
  for (const Step& step : steps_) {
    if (step.operation == Operation::kNumber) {
      stack.push_back({step.number, step.number});
      continue;
    }
    if (step.operation == Operation::kColumn) {
      stack.push_back(columns[step.index]);
      continue;
    }
    Interval right;
    if (step.operation <= Operation::kPower) {
      right = stack.back();
      stack.pop_back();
    }
    stack.back() = apply(step, stack.back(), right);
    if (!std::isfinite(stack.back().low) || !std::isfinite(stack.back().high))
      refuse_formula(where_, step.position, "over the declared ranges this has values too large for a number",
                     "declare narrower ranges");
  }
  return stack.back();
}

Interval Arithmetic::apply(const Step& step, const Interval& left, const Interval& right) const {
  const auto refuse = [&](const std::string& message) {
    refuse_formula(where_, step.position, message, "declare ranges over which it is defined");
  };
  switch (step.operation) {
    case Operation::kAdd:
      return {left.low + right.low, left.high + right.high};
    case Operation::kSubtract:
      return {left.low - right.high, left.high - right.low};
    case Operation::kMultiply:
      return product(left, right);
    case Operation::kDivide:
      if (right.low <= 0 && right.high >= 0) refuse("the declared ranges let this divide by 0");
      return product(left, {1 / right.high, 1 / right.low});
    case Operation::kPower: {
      if (right.low != right.high) refuse("the exponent has to be a number");
      const double exponent = right.low;
      const bool whole = exponent == std::floor(exponent);
      if (exponent < 0 && left.low <= 0 && left.high >= 0) refuse("the declared ranges let this divide by 0");
      if (!whole && left.low < 0) refuse("a negative number has no such power");
      const auto [low, high] = std::minmax({std::pow(left.low, exponent), std::pow(left.high, exponent)});
      const bool even = whole && std::fmod(exponent, 2) == 0;
      return {even && exponent > 0 && left.low < 0 && left.high > 0 ? 0 : low, high};
    }
    case Operation::kNegate:
      return {-left.high, -left.low};
    default:
      break;
  }
  const Function& function = functions()[step.index];
  if (left.low < function.least || (function.open && left.low == function.least))
    refuse(std::string(function.name) + " is not defined for every number of the declared ranges");
  if (std::string(function.name) == "abs" && left.low < 0)
    return {left.high > 0 ? 0 : -left.high, std::max(-left.low, left.high)};
  return {function.value(left.low), function.value(left.high)};
}

}  // namespace cohortium::statistics
