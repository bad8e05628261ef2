// A model formula as R writes it, reduced to variables and terms: "y ~ age + sex * stage + log(bili) + offset(log(t))".
//
//   a + b    both                      a:b      their interaction           a * b    a + b + a:b
//   a - b    a without b               (a+b)^2  crossed up to order 2       a / b    a + a:b
//   -1, +0   without an intercept      1        the intercept               I(...), log(...), ... arithmetic
//   factor(x)   the values of x as levels      offset(...)   a number added to the predictor, with no coefficient
//
// Terms stand in R's order: main effects before interactions, within an order as they are written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "statistics/models/formula_syntax.h"

namespace cohortium::statistics {

struct FormulaVariable {
  std::string label;  // as R names it: "age", "log(bili)", "factor(cp)"
  SyntaxNode node;
};

struct Formula {
  std::optional<FormulaVariable> response = {};
  std::vector<FormulaVariable> variables = {};       // in the order of their first mention
  std::vector<std::vector<std::size_t>> terms = {};  // the variables of each, ascending
  std::vector<FormulaVariable> offsets = {};
  bool intercept = true;
  std::string text = {};

  std::string term_label(std::size_t term) const;  // "sex:age"
};

// Fails with study.bad_formula (`where` = path:character).
Formula parse_formula(const std::string& text, const std::string& path);

}  // namespace cohortium::statistics
