// Units of measurement as UCUM writes them, and what turns values of one into values of another.
//
// Accepts    the part of UCUM that laboratories and wards use: SI with prefixes, time, pressure, temperature, enzyme and
//            international units, counts ("10*3/uL", "{cells}/uL"), the customary units of length and mass
// Refuses    unknown atoms and prefixes where none may stand; different dimensions; substance for mass without a molar
//            mass; and conversions that dimensions would allow but medicine would not: equivalents for moles, and
//            molar ratios ("mmol/mol") for plain ones ("%"), as HbA1c has them
//
// Source     The Unified Code for Units of Measure, version 2.1; factors from its tables
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace cohortium::harmonise {

enum Dimension { kLength, kMass, kTime, kTemperature, kSubstance, kEquivalent, kInternational, kDimensions };

struct Unit {
  std::string text;     // as written
  double mantissa = 1;  // in the base units m, g, s, K, mol, eq and [iU]: mantissa * 10^decimal
  int decimal = 0;      // kept apart, so that powers of ten are exact
  double zero = 0;      // value, in this unit, of the base unit's zero: of degrees only
  std::array<int, kDimensions> exponents = {};
  bool names_substance = false;  // "mmol/mol" has no dimension left, and yet is none of "%"
};

// Fails with harmonise.unknown_unit; `where` is the unit with the place of the fault, "mg/dx:4".
Unit parse_unit(std::string_view text);

// value of `to` = (value of `from` * multiplier / divisor) + shift
struct Conversion {
  double multiplier = 1, divisor = 1, shift = 0;
  double operator()(double value) const { return value * multiplier / divisor + shift; }
};

// `molar_mass` in g/mol, of the one substance that is measured. Fails with harmonise.different_dimensions or
// harmonise.missing_molar_mass; `where` names both units.
Conversion conversion(const Unit& from, const Unit& to, std::optional<double> molar_mass = {});

}  // namespace cohortium::harmonise
