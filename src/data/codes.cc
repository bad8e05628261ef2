#include "data/codes.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cohortium::data {
namespace {

constexpr std::size_t kAmbiguous = static_cast<std::size_t>(-1);
constexpr std::size_t kExactDigits = 15;  // every decimal of so many digits survives as a double

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Cuts the digits off the front of `text`.
std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

std::optional<std::size_t> look_up(const std::vector<std::pair<std::string, std::size_t>>& entries,
                                   std::string_view key) {
  const auto found = std::lower_bound(entries.begin(), entries.end(), key,
                                      [](const auto& entry, std::string_view text) { return entry.first < text; });
  if (found == entries.end() || found->first != key || found->second == kAmbiguous) return std::nullopt;
  return found->second;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::string> canonical_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::string digits(take_digits(text));
  int exponent = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::string_view fraction = take_digits(text);
    digits += fraction;
    exponent -= static_cast<int>(fraction.size());
  }
  if (digits.empty()) return std::nullopt;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    const bool down = text.starts_with('-');
    if (down || text.starts_with('+')) text.remove_prefix(1);
    const std::string_view power = take_digits(text);
    if (power.empty() || power.size() > 4) return std::nullopt;
    int shift = 0;
    std::from_chars(power.data(), power.data() + power.size(), shift);
    exponent += down ? -shift : shift;
  }
  if (!text.empty()) return std::nullopt;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return "0e0";
  while (digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  return (negative ? "-" : "") + digits + "e" + std::to_string(exponent);
}

CodeBook::CodeBook(const std::vector<std::string>& codes) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    texts_.emplace_back(codes[i], i);
    if (auto number = canonical_number(codes[i])) numbers_.emplace_back(*std::move(number), i);
  }
  std::sort(texts_.begin(), texts_.end());
  std::sort(numbers_.begin(), numbers_.end());
  for (std::size_t i = 1; i < numbers_.size(); ++i)
    if (numbers_[i].first == numbers_[i - 1].first) numbers_[i].second = numbers_[i - 1].second = kAmbiguous;
}

std::optional<std::size_t> CodeBook::find(std::string_view text) const {
  if (const auto index = look_up(texts_, text)) return index;
  if (numbers_.empty()) return std::nullopt;
  const auto number = canonical_number(text);
  return number ? look_up(numbers_, *number) : std::nullopt;
}

bool are_numeric(const std::vector<std::string>& codes) {
  std::vector<std::string> numbers;
  for (const std::string& code : codes) {
    const auto number = canonical_number(code);
    if (!number || !parse_number(code) || number->find('e') > kExactDigits) return false;
    numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end();
}

}  // namespace cohortium::data
