// Escaping, one code point at a time.
#include "study/report_html.h"

#include <cstdint>

namespace cohortium::study::report {
namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 1;
  bool valid = false;
};

// Decodes strictly: no overlong form, no surrogate, nothing above U+10FFFF.
CodePoint decode(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || bytes.size() < length) return {};
  std::uint32_t value = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3F);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kSmallest[length] || surrogate || value > 0x10FFFF) return {};
  return {value, length, true};
}

bool may_be_shown(std::uint32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n';
  const bool control = c >= 0x7F && c <= 0x9F;
  const bool reorders =
      c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  const bool invisible = c == 0x200B || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
  const bool not_a_character = (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
  return !control && !reorders && !invisible && !not_a_character;
}

}  // namespace

Html text(std::string_view plain) {
  Html result;
  std::string& out = result.markup_;
  out.reserve(plain.size());
  while (!plain.empty()) {
    const CodePoint point = decode(plain);
    if (!point.valid || !may_be_shown(point.value)) {
      out += "\xEF\xBF\xBD";
    } else if (point.value == '&') {
      out += "&amp;";
    } else if (point.value == '<') {
      out += "&lt;";
    } else if (point.value == '>') {
      out += "&gt;";
    } else if (point.value == '"') {
      out += "&quot;";
    } else if (point.value == '\'') {
      out += "&#39;";
    } else {
      out += plain.substr(0, point.length);
    }
    plain.remove_prefix(point.length);
  }
  return result;
}

Html element(Literal name, Attributes attributes, const Html& content) {
  Html result;
  std::string& out = result.markup_;
  out.append("<").append(name.value);
  for (const auto& [key, value] : attributes) {
    out.append(" ").append(key.value).append("=\"").append(text(value).markup_).append("\"");
  }
  out.append(">").append(content.markup_).append("</").append(name.value).append(">");
  return result;
}

}  // namespace cohortium::study::report
