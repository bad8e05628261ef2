// Interval analysis of a plan: which ring and how many fraction bits make overflow impossible.
//
// A plan is written once as expressions over inputs with declared ranges. Every expression gets an interval that holds
// for all inputs (rounded outwards), and every operation the condition under which it stays in its domain: values below
// 2^(k-1), products that will be truncated below 2^(k-2), divisors and quotients as oblivious/division.h has it. With f
// fraction bits an input is the integer nearest x 2^f; the product of two has 2 f, and so on.
//
//   Ranges ranges({.least = 8, .most = 40});
//   const auto x = ranges.input("age", 0, 120);
//   const auto n = 1e8;
//   ranges.sum(ranges.square(x), n);
//   const NumberPlan plan = ranges.choose("/analyses/0/column");   // {.ring_bits = 128, .fraction_bits = 40}
//
// choose takes the narrower ring where it costs no digits, and else the largest f. It fails with plan.overflow, which
// names the first expression that overflows, its interval, and the input whose range is to blame. Nothing here is
// secret or depends on data: ranges are declared.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cohortium::oblivious {

struct PlanLimits {
  int least = 0, most = 56;  // fraction bits
  bool wide_only = false;    // the plan's values are held in Z_2^128 whatever their size
};

struct NumberPlan {
  int ring_bits = 0, fraction_bits = 0;
};

class Ranges {
 public:
  struct Expression {
    std::size_t index;
  };

  explicit Ranges(PlanLimits limits);

  Expression input(const std::string& name, double low, double high);    // real, rounded to f fraction bits
  Expression integer(const std::string& name, double low, double high);  // exact, no fraction bits
  Expression add(Expression a, Expression b);                            // of equally many fraction bits, as subtract
  Expression subtract(Expression a, Expression b);
  Expression sum(Expression a, double terms);       // of at most so many, each in the interval of a
  Expression multiply(Expression a, Expression b);  // exact: fraction bits add up
  Expression square(Expression a);
  Expression dot(Expression a, Expression b, double terms);
  Expression truncated(Expression product);                         // back to f fraction bits
  Expression divide(Expression numerator, Expression denominator);  // equally many fraction bits in, f out
  // The quotient where 0 <= part <= whole, and 0 / 0 is 0.
  Expression part_of(Expression part, Expression whole);
  // What messages call the expression, instead of its formula.
  Expression named(const std::string& name, Expression a);

  NumberPlan choose(const std::string& where) const;
  // The interval of real values.
  double low(Expression a) const;
  double high(Expression a) const;

 private:
  struct Node {
    std::string text;
    long double low, high;
    int fractions;       // times f
    std::size_t blamed;  // the input with the largest part in the magnitude
    bool atom;           // needs no brackets
  };
  enum class Domain { kRing, kTruncation, kDivisor, kDivisorOrZero, kQuotient, kPart };
  struct Condition {
    std::size_t node;
    Domain domain;
  };

  Expression append(Node node, Domain domain);
  Expression linear(Expression a, Expression b, const char* sign, long double low, long double high);
  std::string operand(Expression a) const;
  long double magnitude(std::size_t node) const;
  std::size_t more_to_blame(Expression a, Expression b) const;
  bool holds(const Condition& condition, int ring_bits, int fraction_bits) const;
  bool all_hold(int ring_bits, int fraction_bits) const;
  [[noreturn]] void refuse(const std::string& where) const;

  PlanLimits limits_;
  std::vector<Node> nodes_;
  std::vector<Condition> conditions_;
};

}  // namespace cohortium::oblivious
