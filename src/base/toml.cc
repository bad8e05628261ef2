#include "base/toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace cohortium {
namespace {

// The text in ASCII, which is all that toml++ 3.3 reads safely: characters beyond it become escapes. Follows where texts,
// comments, arrays and headers begin and end, as TOML has it; what is not TOML may be followed wrongly, but toml++ refuses
// it, too.
class AsciiText {
 public:
  explicit AsciiText(std::string_view text) : text_(text) {}

  const std::string& text() const { return ascii_; }
  std::size_t place() const { return at_; }

  // What is wrong at place(), or nothing.
  const char* translate() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // the mark that some editors write first
    bool statement_begins = true;
    std::size_t depth = 0;  // of arrays and inline tables
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        if (const char* wrong = copy_text(c)) return wrong;
        statement_begins = false;
        continue;
      }
      if (beyond_ascii(c)) return "a letter beyond ASCII stands outside of quotes";
      if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') {
          if (!copy()) return not_utf8;
        }
        continue;
      }
      copy();
      if (c == '[' && statement_begins) {
        copy_to_key();
        // toml++ takes for granted that a key begins here.
        if (at_ < text_.size() && !may_begin_key(text_[at_])) return "a header begins without a name";
      } else if (c == '[' || c == '{') {
        ++depth;
      } else if ((c == ']' || c == '}') && depth > 0) {
        --depth;
      }
      if (c == '\n' ? depth == 0 : c != ' ' && c != '\t' && c != '\r') statement_begins = c == '\n';
    }
    return nullptr;
  }

 private:
  static constexpr const char* not_utf8 = "it is not UTF-8";

  static bool beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }
  // A closing bracket, too: toml++ has words of its own for a header without a name.
  static bool may_begin_key(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-' ||
           c == '"' || c == '\'' || c == ']';
  }

  // One character. False where it is not UTF-8.
  bool copy() {
    if (!beyond_ascii(text_[at_])) {
      ascii_ += text_[at_++];
      return true;
    }
    const auto lead = static_cast<unsigned char>(text_[at_]);
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text_.size() - at_ < length) return false;
    std::uint32_t code = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text_[at_ + i]);
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 0x3fU);
    }
    const bool is_surrogate = code >= 0xd800 && code < 0xe000;
    if (is_surrogate || code > 0x10ffff || (length == 3 && code < 0x800) || (length == 4 && code < 0x10000))
      return false;
    ascii_ += fmt::format("\\U{:08X}", code);
    at_ += length;
    return true;
  }
  void copy_ascii(std::size_t count) {
    for (; count > 0 && at_ < text_.size(); --count) copy();
  }

  // Behind the first bracket of a header.
  void copy_to_key() {
    const auto copy_blanks = [&] { copy_ascii(std::min(text_.find_first_not_of(" \t", at_), text_.size()) - at_); };
    copy_blanks();
    if (at_ == text_.size() || text_[at_] != '[') return;
    copy();
    copy_blanks();
  }

  // With its quotes; one of a single line ends with the line at the latest.
  const char* copy_text(char quote) {
    const std::string end(text_.substr(at_).starts_with(std::string(3, quote)) ? 3 : 1, quote);
    const bool several_lines = end.size() == 3;
    copy_ascii(end.size());
    while (at_ < text_.size() && !text_.substr(at_).starts_with(end) && (several_lines || text_[at_] != '\n')) {
      if (quote == '\'' && beyond_ascii(text_[at_]))
        return "a letter beyond ASCII stands in single quotes; use double ones";
      const bool escapes = quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
                           !beyond_ascii(text_[at_ + 1]) && (several_lines || text_[at_ + 1] != '\n');
      if (escapes) copy();  // and then what it escapes, which ends nothing
      if (!copy()) return not_utf8;
    }
    if (!several_lines) {
      if (at_ < text_.size() && text_[at_] == quote) copy();
      return nullptr;
    }
    // Up to two quotes before the closing three belong to the text.
    for (int i = 0; i < 5 && at_ < text_.size() && text_[at_] == quote; ++i) copy();
    return nullptr;
  }

  std::string_view text_;
  std::string ascii_ = {};
  std::size_t at_ = 0;
};

}  // namespace

std::string position_in(const std::string& file, const toml::source_region& source) {
  return file + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

toml::table parse_toml(const std::string& text, const std::string& file, const Error& refusal) {
  const auto refuse = [&](const std::string& message, const std::string& where) {
    Error error = refusal;
    error.message = "this is not TOML: " + message;
    error.where = where;
    throw Failure(std::move(error));
  };
  AsciiText ascii(text);
  if (const char* wrong = ascii.translate()) {
    const std::size_t at = ascii.place();
    const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    const std::size_t line_start = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;  // npos + 1 is 0
    refuse(wrong, file + ":" + std::to_string(lines + 1) + ":" + std::to_string(at - line_start + 1));
  }
  try {
    return toml::parse(ascii.text(), file);
  } catch (const toml::parse_error& error) {
    refuse(std::string(error.description()), position_in(file, error.source()));
  }
  return {};
}

}  // namespace cohortium
