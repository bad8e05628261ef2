// Arithmetic on numbers of a row, as a formula writes it: log(bili), I(age^2), dtime / 365.25.
//
// Compiled once to steps of a stack machine, which runs over values at a site and over public intervals beforehand: what
// is not defined everywhere in the declared ranges is refused before anything runs, so no value can be infinite.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "statistics/models/formula_syntax.h"

namespace cohortium::statistics {

struct Interval {
  double low = 0, high = 0;
};
Interval product(const Interval& a, const Interval& b);

class Arithmetic {
 public:
  // `column` gives a column's place among the values, and fails where there is none. log, log2, log10, log1p, sqrt,
  // exp, abs, I, + - * / ^. Fails with study.bad_formula.
  Arithmetic(const SyntaxNode& node, const std::string& where,
             const std::function<std::size_t(const SyntaxNode& name)>& column);

  double value(std::span<const double> columns) const;
  // Holds every value for columns in their intervals. Fails with study.bad_formula where some of them has no value.
  Interval interval(std::span<const Interval> columns) const;

 private:
  enum class Operation { kNumber, kColumn, kAdd, kSubtract, kMultiply, kDivide, kPower, kNegate, kFunction };
  struct Step {
    Operation operation;
    double number = 0;
    std::size_t index = 0;     // of the column, of the function
    std::size_t position = 1;  // in the formula
  };
  void compile(const SyntaxNode& node, const std::function<std::size_t(const SyntaxNode& name)>& column);
  Interval apply(const Step& step, const Interval& left, const Interval& right) const;

  std::vector<Step> steps_;
  std::string where_;
};

}  // namespace cohortium::statistics
