// Formatting for people.
#include "study/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace cohortium::study::report {
namespace {

constexpr const char* kMinus = "\u2212";

// Groups the digits before the point in threes; four digits stay together only in years, which do not come here.
std::string grouped(std::string digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t i = point; i > 3;) digits.insert(i -= 3, 1, ',');
  return digits;
}

std::string superscript(int number) {
  static constexpr const char* kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string result = number < 0 ? "⁻" : "";
  for (const char digit : std::to_string(std::abs(number))) result += kDigits[digit - '0'];
  return result;
}

std::string without_trailing_zeros(std::string digits) {
  if (digits.find('.') == std::string::npos) return digits;
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

bool starts_character(char byte) { return (static_cast<std::uint8_t>(byte) & 0xC0) != 0x80; }

}  // namespace

std::string decimal(double value, int digits) {
  std::string result = fmt::format("{:.{}f}", std::abs(value), digits);
  const bool negative = value < 0 && result.find_first_not_of("0.") != std::string::npos;
  return (negative ? kMinus : "") + grouped(std::move(result));
}

std::string count(double value) {
  if (std::abs(value) >= 1e15) return scientific(value);
  return decimal(value, value == std::round(value) ? 0 : 1);
}

std::string scientific(double value) {
  if (value == 0) return "0";
  const std::string written = fmt::format("{:.1e}", std::abs(value));
  const std::size_t exponent = written.find('e');
  return (value < 0 ? kMinus : "") + without_trailing_zeros(written.substr(0, exponent)) + " × 10" +
         superscript(std::atoi(written.c_str() + exponent + 1));
}

std::string measure(double value, int significant) {
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (size >= 1e15 || size < 1e-4) return scientific(value);
  const int leading = static_cast<int>(std::floor(std::log10(size)));
  const std::string written = fmt::format("{:.{}f}", size, std::max(0, significant - 1 - leading));
  return (value < 0 ? kMinus : "") + grouped(without_trailing_zeros(written));
}

std::string percent(double fraction) { return decimal(100 * fraction, 1) + "%"; }

std::string p_value(double p) {
  if (p < 0.001) return "p < 0.001";
  if (p > 0.99) return "p > 0.99";
  return "p = " + decimal(p, p < 0.1 ? 3 : 2);
}

std::string change(double from, double to) {
  if (from == 0) return to == 0 ? "±0%" : "–";
  const double difference = 100 * (to - from) / from;
  if (std::abs(difference) < 0.5) return "±0%";
  return fmt::format("{}{}%", difference > 0 ? "+" : "", decimal(difference, 0));
}

std::string byte_size(double bytes) {
  static constexpr const char* kUnits[] = {"bytes", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < std::size(kUnits)) bytes /= 1000, ++unit;
  return (unit == 0 ? count(bytes) : measure(bytes, 3)) + " " + kUnits[unit];
}

std::string seconds(double value) {
  if (value < 0.9995) return measure(1000 * value, 3) + " ms";
  if (value < 59.95) return measure(value, 3) + " s";
  const double whole = std::round(value);
  if (whole < 3600) return decimal(std::floor(whole / 60), 0) + " min " + decimal(std::fmod(whole, 60), 0) + " s";
  const double minutes = std::round(value / 60);
  return decimal(std::floor(minutes / 60), 0) + " h " + decimal(std::fmod(minutes, 60), 0) + " min";
}

std::string moment(std::string_view iso) {
  constexpr std::string_view kPattern = "dddd-dd-ddTdd:dd:dd";
  const bool known = iso.size() > kPattern.size() && iso.back() == 'Z' &&
                     std::equal(kPattern.begin(), kPattern.end(), iso.begin(), [](char pattern, char c) {
                       return pattern == 'd' ? std::isdigit(static_cast<unsigned char>(c)) != 0 : pattern == c;
                     });
  if (!known) return std::string(iso);
  return fmt::format("{} {} UTC", iso.substr(0, 10), iso.substr(11, 8));
}

std::string unit_name(std::string_view unit) {
  static constexpr std::pair<std::string_view, const char*> kNames[] = {
      {"s", "seconds"}, {"min", "minutes"}, {"h", "hours"}, {"d", "days"},
      {"wk", "weeks"},  {"mo", "months"},   {"a", "years"}};
  for (const auto& [code, name] : kNames) {
    if (unit == code) return name;
  }
  return std::string(unit);
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string capitalised(std::string plain) {
  if (!plain.empty() && plain[0] >= 'a' && plain[0] <= 'z') plain[0] = static_cast<char>(plain[0] - 'a' + 'A');
  return plain;
}

std::string shortened(std::string_view plain, std::size_t characters) {
  std::size_t seen = 0, cut = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (!starts_character(plain[i])) continue;
    if (seen + 1 == characters) cut = i;
    if (++seen > characters) return std::string(plain.substr(0, cut)) + "…";
  }
  return std::string(plain);
}

std::size_t width_in_characters(std::string_view plain) {
  std::size_t width = 0;
  for (const char byte : plain) {
    if (starts_character(byte)) width += static_cast<std::uint8_t>(byte) >= 0xE3 ? 2 : 1;
  }
  return width;
}

}  // namespace cohortium::study::report
