#include "crypto/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"

namespace cohortium::crypto {
namespace {

using nlohmann::json;

constexpr int deepest = 100;

[[noreturn]] void refuse(const std::string& message, const std::string& remedy) {
  throw Failure({.code = "codec.not_canonical", .message = message, .remedy = remedy});
}

// The order of UTF-16 is that of UTF-8, but that characters beyond U+FFFF (first bytes from 0xF0), whose surrogates
// begin at U+D800, come before U+E000 to U+FFFF (first bytes 0xEE and 0xEF).
int rank(char c) {
  const int byte = static_cast<unsigned char>(c);
  return byte == 0xee || byte == 0xef ? byte + 0x100 : byte;
}

bool comes_before(const std::string& a, const std::string& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return rank(x) < rank(y); });
}

std::string text_of(const std::string& text) {
  try {
    return json(text).dump();  // with the escapes of RFC 8785, section 3.2.2.2
  } catch (const json::exception&) {
    refuse("a text is not UTF-8", "write the file as UTF-8");
  }
}

void append(const json& value, std::string& out, int depth);

void append_object(const json& object, std::string& out, int depth) {
  std::vector<std::string> names;
  for (const auto& [name, member] : object.items()) names.push_back(name);
  std::sort(names.begin(), names.end(), comes_before);
  out += '{';
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += ',';
    out += text_of(names[i]) + ":";
    append(object.at(names[i]), out, depth);
  }
  out += '}';
}

void append_array(const json& array, std::string& out, int depth) {
  out += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out += ',';
    append(array[i], out, depth);
  }
  out += ']';
}

void append(const json& value, std::string& out, int depth) {
  if (depth > deepest) refuse("more than 100 levels of nesting", "nest less");
  // Beyond 2^53 only what a double holds and prints as it stands reads the same everywhere.
  if (value.is_number_integer() && canonical_number(value.get<double>()) != value.dump())
    refuse("the whole number " + value.dump() + " is none that a double holds", "write it as a text");
  if (value.is_object()) {
    append_object(value, out, depth + 1);
  } else if (value.is_array()) {
    append_array(value, out, depth + 1);
  } else if (value.is_string()) {
    out += text_of(value.get_ref<const std::string&>());
  } else {
    out += value.is_number_float() ? canonical_number(value.get<double>()) : value.dump();
  }
}

}  // namespace

std::string canonical_number(double value) {
  if (!std::isfinite(value)) refuse("a number is not finite", "write null or a text");
  if (value == 0) return "0";  // minus zero, too
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, std::abs(value), std::chars_format::scientific).ptr;
  const std::string_view shortest(text, static_cast<std::size_t>(end - text));  // d.ddde+xx
  const std::size_t e = shortest.find('e');
  std::string digits;
  std::copy_if(shortest.begin(), shortest.begin() + static_cast<std::ptrdiff_t>(e), std::back_inserter(digits),
               [](char c) { return c != '.'; });
  int exponent = 0;
  std::from_chars(text + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
  const int k = static_cast<int>(digits.size()), n = exponent + 1;  // the value is 0.digits times 10^n
  std::string out = value < 0 ? "-" : "";
  if (k <= n && n <= 21) return out + digits + std::string(static_cast<std::size_t>(n - k), '0');
  if (0 < n && n <= 21) return out + digits.insert(static_cast<std::size_t>(n), ".");
  if (-6 < n && n <= 0) return out + "0." + std::string(static_cast<std::size_t>(-n), '0') + digits;
  out += digits.substr(0, 1);
  if (k > 1) out += "." + digits.substr(1);
  return out + (n > 0 ? "e+" : "e-") + std::to_string(std::abs(n - 1));
}

std::string canonical_json(const json& value) {
  std::string out;
  append(value, out, 0);
  return out;
}

}  // namespace cohortium::crypto
