#include "base/toml.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace cohortium {
namespace {

// Follows where texts, comments, arrays and headers begin and end, and finds what toml++ is undefined for: a byte beyond
// ASCII where it asks whether that is white space (outside of texts and comments, and behind a backslash in a text of
// several lines); and a header that does not begin with a key, which it takes for granted.
class Search {
 public:
  explicit Search(std::string_view text) : text_(text) {}

  // npos where there is none.
  std::size_t find() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // the mark that some editors write first
    bool statement_begins = true;
    std::size_t depth = 0;  // of arrays and inline tables
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (beyond_ascii(c)) return at_;
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (c == '"' || c == '\'') {
        const bool several_lines = text_.substr(at_).starts_with(std::string(3, c));
        at_ += several_lines ? 3 : 1;
        if (several_lines ? !skip_lines(c) : !skip_line(c)) return at_;
        statement_begins = false;
        continue;
      }
      ++at_;
      if (c == '[' && statement_begins) {
        skip_to_key();
        if (at_ < text_.size() && !may_begin_key(text_[at_])) return at_;
      } else if (c == '[' || c == '{') {
        ++depth;
      } else if ((c == ']' || c == '}') && depth > 0) {
        --depth;
      }
      if (c == '\n' ? depth == 0 : c != ' ' && c != '\t' && c != '\r') statement_begins = c == '\n';
    }
    return std::string_view::npos;
  }

 private:
  static bool beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

  // Of nothing but brackets and blanks since the line began.
  bool is_third_bracket() const {
    const std::string_view before = text_.substr(0, at_);
    const std::size_t line = before.rfind('\n') + 1;  // npos + 1 is 0
    const std::string_view start = before.substr(line);
    return start.find_first_not_of(" \t[") == std::string_view::npos &&
           std::count(start.begin(), start.end(), '[') >= 2;
  }

  // A closing bracket, too: toml++ has words of its own for a header without a name.
  static bool may_begin_key(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-' ||
           c == '"' || c == '\'' || c == ']';
  }

  // Behind the first bracket of a header.
  void skip_to_key() {
    const auto skip_blanks = [&] { at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size()); };
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != '[') return;
    ++at_;
    skip_blanks();
  }

  bool skip_line(char quote) {
    for (; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        break;
      }
      if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
    }
    return true;
  }

  // False where it stopped at a letter that must not stand there.
  bool skip_lines(char quote) {
    const std::string end(3, quote);
    while (at_ < text_.size() && !text_.substr(at_).starts_with(end)) {
      if (quote == '"' && text_[at_] == '\\') {
        const std::size_t next = text_.find_first_not_of(" \t\r\n", at_ + 1);
        if (next != std::string_view::npos && beyond_ascii(text_[next])) {
          at_ = next;
          return false;
        }
        ++at_;  // what it escapes is none of the closing quotes
      }
      ++at_;
    }
    // Up to two quotes before the closing three belong to the text.
    for (int i = 0; i < 5 && at_ < text_.size() && text_[at_] == quote; ++i) ++at_;
    return true;
  }

  std::string_view text_;
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
  if (const std::size_t at = Search(text).find(); at != std::string_view::npos) {
    const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    const std::size_t line_start = text.rfind('\n', at) + 1;  // npos + 1 is 0
    refuse(static_cast<unsigned char>(text[at]) >= 0x80 ? "a letter beyond ASCII stands outside of quotes"
                                                        : "a header begins without a name",
           file + ":" + std::to_string(lines + 1) + ":" + std::to_string(at - line_start + 1));
  }
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    refuse(std::string(error.description()), position_in(file, error.source()));
  }
  return {};
}

}  // namespace cohortium
