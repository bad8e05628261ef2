#include "harmonise/unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace cohortium::harmonise {
namespace {

constexpr std::size_t most_characters = 64;
constexpr int most_nested = 8, most_exponent = 20;

struct Atom {
  std::string_view code;
  bool metric;  // takes prefixes
  double mantissa;
  int decimal;
  std::array<int, kDimensions> exponents;
  double zero = 0;
};

// m, g, s, K, mol, eq, [iU]
constexpr Atom atoms[] = {
    {"m", true, 1, 0, {1}},
    {"g", true, 1, 0, {0, 1}},
    {"s", true, 1, 0, {0, 0, 1}},
    {"K", true, 1, 0, {0, 0, 0, 1}},
    {"mol", true, 1, 0, {0, 0, 0, 0, 1}},
    {"eq", true, 1, 0, {0, 0, 0, 0, 0, 1}},
    {"[iU]", true, 1, 0, {0, 0, 0, 0, 0, 0, 1}},
    {"[IU]", true, 1, 0, {0, 0, 0, 0, 0, 0, 1}},
    {"L", true, 1, -3, {3}},
    {"l", true, 1, -3, {3}},
    {"min", false, 6, 1, {0, 0, 1}},
    {"h", false, 36, 2, {0, 0, 1}},
    {"d", false, 864, 2, {0, 0, 1}},
    {"wk", false, 6048, 2, {0, 0, 1}},
    {"mo", false, 26298, 2, {0, 0, 1}},  // a twelfth of a year of 365.25 days
    {"a", false, 315576, 2, {0, 0, 1}},
    {"Cel", false, 1, 0, {0, 0, 0, 1}, -273.15},
    {"[degF]", false, 5.0 / 9.0, 0, {0, 0, 0, 1}, -459.67},
    {"%", false, 1, -2, {}},
    {"[ppth]", false, 1, -3, {}},
    {"[ppm]", false, 1, -6, {}},
    {"Hz", true, 1, 0, {0, 0, -1}},
    {"N", true, 1, 3, {1, 1, -2}},
    {"Pa", true, 1, 3, {-1, 1, -2}},
    {"bar", true, 1, 8, {-1, 1, -2}},
    {"atm", false, 101325, 3, {-1, 1, -2}},
    {"m[Hg]", true, 133322, 3, {-1, 1, -2}},
    {"m[H2O]", true, 980665, 1, {-1, 1, -2}},
    {"J", true, 1, 3, {2, 1, -2}},
    {"cal", true, 4184, 0, {2, 1, -2}},
    {"W", true, 1, 3, {2, 1, -3}},
    {"kat", true, 1, 0, {0, 0, -1, 0, 1}},
    {"U", true, 1.0 / 6.0, -7, {0, 0, -1, 0, 1}},  // a micromole a minute
    {"[in_i]", false, 254, -4, {1}},
    {"[ft_i]", false, 3048, -4, {1}},
    {"[lb_av]", false, 45359237, -5, {0, 1}},
    {"[oz_av]", false, 28349523125, -9, {0, 1}},
};

struct Prefix {
  std::string_view code;
  int decimal;
};
constexpr Prefix prefixes[] = {{"da", 1},  {"d", -1},  {"c", -2}, {"m", -3}, {"u", -6}, {"n", -9},
                               {"p", -12}, {"f", -15}, {"h", 2},  {"k", 3},  {"M", 6},  {"G", 9}};

const Atom* find_atom(std::string_view code) {
  const auto found = std::find_if(std::begin(atoms), std::end(atoms), [&](const Atom& a) { return a.code == code; });
  return found == std::end(atoms) ? nullptr : &*found;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// term      = ["/"] component { ("." | "/") component }
// component = "(" term ")" | digits | (["10*" | "10^"] | [prefix] atom) [exponent] [annotation] | annotation
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Unit parse() {
    if (text_.empty() || text_.size() > most_characters) refuse("a unit has 1 to 64 characters");
    Unit unit = term(0);
    if (at_ != text_.size()) refuse("nothing may stand here");
    if (special_ && components_ > 1) refuse("a degree of temperature stands alone");
    unit.text = text_;
    return unit;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Failure({.code = "harmonise.unknown_unit",
                   .message = "this is no unit of UCUM that is known here: " + why,
                   .where = fmt::format("{}:{}", text_.substr(0, most_characters), at_ + 1),
                   .remedy = "write UCUM, such as mg/dL, mmol/L, 10*3/uL or mm[Hg]"});
  }
  bool sees(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool takes(char c) {
    if (!sees(c)) return false;
    ++at_;
    return true;
  }

  Unit term(int depth) {
    if (depth > most_nested) refuse("too many parentheses");
    Unit product;
    bool divides = takes('/');
    while (true) {
      multiply(product, component(depth), divides ? -1 : 1);
      if (takes('/'))
        divides = true;
      else if (takes('.'))
        divides = false;
      else
        return product;
    }
  }

  void multiply(Unit& product, const Unit& factor, int power) const {
    product.mantissa *= std::pow(factor.mantissa, power);
    product.decimal += factor.decimal * power;
    product.zero = factor.zero;
    product.names_substance |= factor.names_substance;
    for (std::size_t i = 0; i < kDimensions; ++i) product.exponents[i] += factor.exponents[i] * power;
    if (std::abs(product.decimal) > 300) refuse("the unit is too large or too small");
  }

  Unit component(int depth) {
    ++components_;
    Unit unit;
    if (takes('(')) {
      unit = term(depth + 1);
      if (!takes(')')) refuse("a parenthesis is open");
      return unit;
    }
    if (sees('{')) {
      annotation();
      return unit;
    }
    Unit base = text_.substr(at_, 3) == "10*" || text_.substr(at_, 3) == "10^" ? power_of_ten()
                : at_ < text_.size() && is_digit(text_[at_])                   ? number()
                                                                               : prefixed_atom();
    multiply(unit, base, 1);
    if (const int power = exponent(); power != 1) {
      if (base.zero != 0) refuse("a degree of temperature stands alone");
      Unit raised;
      multiply(raised, base, power);
      unit = raised;
    }
    if (sees('{')) annotation();
    return unit;
  }

  void annotation() {
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) refuse("a brace is open");
    at_ = end + 1;
  }

  Unit power_of_ten() {
    at_ += 3;
    Unit ten;
    ten.decimal = 1;
    return ten;
  }

  Unit number() {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc() || value == 0) refuse("this is no factor");
    at_ = static_cast<std::size_t>(end - text_.data());
    Unit unit;
    unit.mantissa = value;
    while (std::fmod(unit.mantissa, 10) == 0) {
      unit.mantissa /= 10;
      ++unit.decimal;
    }
    return unit;
  }

  // At most two digits, after a sign: "m2", "s-1".
  int exponent() {
    const std::size_t sign_at = at_;
    const bool negative = takes('-');
    if (!negative) takes('+');
    const std::size_t from = at_;
    int value = 0;
    while (at_ < text_.size() && is_digit(text_[at_]) && at_ - from < 2) value = value * 10 + (text_[at_++] - '0');
    if (at_ == from) {
      at_ = sign_at;
      return 1;
    }
    if (value > most_exponent) refuse("the exponent is too large");
    return negative ? -value : value;
  }

  Unit prefixed_atom() {
    const std::string_view code = code_here();
    const Atom* atom = find_atom(code);
    int decimal = 0;
    if (atom == nullptr) {
      for (const Prefix& prefix : prefixes) {
        if (!code.starts_with(prefix.code)) continue;
        const Atom* rest = find_atom(code.substr(prefix.code.size()));
        if (rest == nullptr || !rest->metric) continue;
        atom = rest;
        decimal = prefix.decimal;
      }
    }
    if (atom == nullptr) refuse(fmt::format("\"{}\" is not known", code));
    at_ += code.size();
    Unit unit;
    unit.mantissa = atom->mantissa;
    unit.decimal = atom->decimal + decimal;
    unit.exponents = atom->exponents;
    unit.zero = atom->zero;
    unit.names_substance = atom->exponents[kSubstance] != 0;
    special_ |= atom->zero != 0;
    return unit;
  }

  // Letters, and what brackets hold: "mm[Hg]".
  std::string_view code_here() const {
    std::size_t end = at_;
    bool bracketed = false;
    while (end < text_.size()) {
      const char c = text_[end];
      if (c == '[') bracketed = true;
      if (!bracketed && !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%')) break;
      if (c == ']') bracketed = false;
      ++end;
    }
    return text_.substr(at_, end - at_);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int components_ = 0;
  bool special_ = false;
};

[[noreturn]] void refuse(const Unit& from, const Unit& to, const std::string& what, const std::string& message,
                         const std::string& remedy) {
  throw Failure({.code = "harmonise." + what,
                 .message = message,
                 .where = fmt::format("{} to {}", from.text, to.text),
                 .remedy = remedy});
}

Conversion scaled(double mantissa, int decimal) {
  Conversion result;
  (decimal < 0 ? result.divisor : result.multiplier) = std::pow(10.0, std::abs(decimal));
  result.multiplier *= mantissa;
  return result;
}

}  // namespace

Unit parse_unit(std::string_view text) { return Parser(text).parse(); }

Conversion conversion(const Unit& from, const Unit& to, std::optional<double> molar_mass) {
  std::array<int, kDimensions> rest;
  for (std::size_t i = 0; i < kDimensions; ++i) rest[i] = from.exponents[i] - to.exponents[i];
  double mantissa = from.mantissa / to.mantissa;
  const int moles = -rest[kSubstance];
  if (moles != 0 && rest[kMass] == moles && std::abs(moles) == 1) {
    if (!molar_mass || !(*molar_mass > 0) || !std::isfinite(*molar_mass))
      refuse(from, to, "missing_molar_mass",
             "mass and amount of substance differ by the molar mass, which is not declared",
             "declare the molar mass of what is measured, in g/mol");
    mantissa = moles > 0 ? mantissa / *molar_mass : mantissa * *molar_mass;
    rest[kMass] = rest[kSubstance] = 0;
  } else if (from.names_substance != to.names_substance) {
    refuse(from, to, "different_dimensions", "a ratio of amounts of substance is not a plain ratio",
           "use the conversion that is agreed for this measurement");
  }
  if (std::any_of(rest.begin(), rest.end(), [](int exponent) { return exponent != 0; }))
    refuse(from, to, "different_dimensions", "the units measure different things",
           "look for a wrong unit in the source, or declare another one");
  Conversion result = scaled(mantissa, from.decimal - to.decimal);
  // Degrees: the base unit's zero lies at `zero`, so value - zero is what scales.
  if (from.zero != 0 || to.zero != 0) result.shift = to.zero - from.zero * result.multiplier / result.divisor;
  return result;
}

}  // namespace cohortium::harmonise
