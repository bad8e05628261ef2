#include "harmonise/unit.h"

#include <gtest/gtest.h>

#include "data/test_folder.h"

namespace cohortium::harmonise {
namespace {

using data::error_of;

double converted(double value, const char* from, const char* to, std::optional<double> molar_mass = {}) {
  return conversion(parse_unit(from), parse_unit(to), molar_mass)(value);
}
std::string refusal(const char* from, const char* to) {
  return error_of([&] { converted(1, from, to); }).code;
}

// Expected values from the definitions of the units, worked out by hand.
TEST(UnitTest, PowersOfTenAreExact) {
  EXPECT_EQ(converted(123.4, "mg/dL", "g/L"), 1.234);
  EXPECT_EQ(converted(7.3, "g/dL", "g/L"), 73);
  EXPECT_EQ(converted(0.1, "g/L", "mg/dL"), 10);
  EXPECT_EQ(converted(5, "10*3/uL", "10*9/L"), 5);
  EXPECT_EQ(converted(5, "10^3/uL", "/uL"), 5000);
  EXPECT_EQ(converted(5, "{cells}/uL", "10*6/L"), 5);
  EXPECT_EQ(converted(1, "ng/mL", "ug/L"), 1);
  EXPECT_EQ(converted(250, "umol/L", "mmol/L"), 0.25);
  EXPECT_EQ(converted(42, "%", "1"), 0.42);
  EXPECT_EQ(converted(30, "mg/g", "g/kg"), 30);
  EXPECT_EQ(converted(180, "cm", "m"), 1.8);
  EXPECT_EQ(converted(1, "m3", "L"), 1000);
  EXPECT_EQ(converted(1, "mL/(kg.h)", "L/kg/h"), 0.001);
}

TEST(UnitTest, CustomaryUnits) {
  EXPECT_DOUBLE_EQ(converted(150, "[lb_av]", "kg"), 68.0388555);
  EXPECT_DOUBLE_EQ(converted(16, "[oz_av]", "[lb_av]"), 1);
  EXPECT_DOUBLE_EQ(converted(70, "[in_i]", "cm"), 177.8);
  EXPECT_DOUBLE_EQ(converted(6, "[ft_i]", "[in_i]"), 72);
  EXPECT_DOUBLE_EQ(converted(120, "mm[Hg]", "kPa"), 15.99864);
  EXPECT_DOUBLE_EQ(converted(10, "cm[H2O]", "Pa"), 980.665);
  EXPECT_DOUBLE_EQ(converted(1, "kcal", "kJ"), 4.184);
  EXPECT_DOUBLE_EQ(converted(60, "U/L", "ukat/L"), 1);
  EXPECT_DOUBLE_EQ(converted(72, "/min", "Hz"), 1.2);
  EXPECT_DOUBLE_EQ(converted(2, "a", "d"), 730.5);
  EXPECT_DOUBLE_EQ(converted(90, "mL/min/{1.73_m2}", "mL/s"), 1.5);
  EXPECT_DOUBLE_EQ(converted(5, "[iU]/L", "m[IU]/mL"), 5);
}

TEST(UnitTest, DegreesHaveZerosOfTheirOwn) {
  EXPECT_NEAR(converted(98.6, "[degF]", "Cel"), 37, 1e-12);
  EXPECT_NEAR(converted(37, "Cel", "[degF]"), 98.6, 1e-12);
  EXPECT_DOUBLE_EQ(converted(0, "Cel", "K"), 273.15);
  EXPECT_EQ(converted(36.6, "Cel", "Cel"), 36.6);
}

TEST(UnitTest, MassAndSubstanceNeedTheMolarMass) {
  constexpr double glucose = 180.156, creatinine = 113.12;
  EXPECT_NEAR(converted(90, "mg/dL", "mmol/L", glucose), 4.995671, 1e-6);
  EXPECT_NEAR(converted(5, "mmol/L", "mg/dL", glucose), 90.078, 1e-9);
  EXPECT_NEAR(converted(1, "mg/dL", "umol/L", creatinine), 88.401697, 1e-6);
  EXPECT_EQ(refusal("mg/dL", "mmol/L"), "harmonise.missing_molar_mass");
  const Error error = error_of([] { converted(1, "mg/dL", "mmol/L", -1.0); });
  EXPECT_EQ(error.code, "harmonise.missing_molar_mass");
  EXPECT_EQ(error.where, "mg/dL to mmol/L");
}

TEST(UnitTest, DifferentThingsAreRefused) {
  for (const auto& [from, to] : {std::pair{"mg/dL", "mg"},
                                 {"kg", "cm"},
                                 {"mm[Hg]", "mm"},
                                 {"/min", "min"},
                                 {"[iU]/L", "U/L"},
                                 {"meq/L", "mmol/L"},
                                 {"mmol/mol", "%"},
                                 {"Cel", "kg"}})
    EXPECT_EQ(refusal(from, to), "harmonise.different_dimensions") << from << " to " << to;
}

TEST(UnitTest, WhatIsNoUnitIsRefusedWithItsPlace) {
  const auto place = [](const std::string& text) {
    const Error error = error_of([&] { parse_unit(text); });
    EXPECT_EQ(error.code, "harmonise.unknown_unit") << text;
    return error.where;
  };
  EXPECT_EQ(place("mg/dx"), "mg/dx:4");
  EXPECT_EQ(place("mmHg"), "mmHg:1");
  EXPECT_EQ(place("kmin"), "kmin:1");
  EXPECT_EQ(place("mg/"), "mg/:4");
  EXPECT_EQ(place("mg//L"), "mg//L:4");
  EXPECT_EQ(place("Cel/h"), "Cel/h:6");
  EXPECT_EQ(place("Cel2"), "Cel2:5");
  for (const char* text :
       {"", " ", "mg dL", "{", "m[Hg", "(mg", "mg)", "0", "99999999999", "mg\n", "[pH]", "\xc2\xb5g"}) {
    place(text);
  }
  place(std::string(65, 'm'));
  place(std::string(20, '(') + "m");
  place("10*99.10*99.10*99.10*99");
  EXPECT_EQ(parse_unit("10*").decimal, 1);
}

}  // namespace
}  // namespace cohortium::harmonise
