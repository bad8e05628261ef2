#include "base/toml.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace cohortium {
namespace {

// Follows where texts and comments begin and end, and finds the first byte beyond ASCII where toml++ asks whether it is
// white space: outside of both, and behind a backslash in a text of several lines.
class LetterSearch {
 public:
  explicit LetterSearch(std::string_view text) : text_(text) {}

  // npos where there is none.
  std::size_t find() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // the mark that some editors write first
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (beyond_ascii(c)) return at_;
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '"' || c == '\'') {
        const bool several_lines = text_.substr(at_).starts_with(std::string(3, c));
        at_ += several_lines ? 3 : 1;
        if (several_lines ? !skip_lines(c) : !skip_line(c)) return at_;
      } else {
        ++at_;
      }
    }
    return std::string_view::npos;
  }

 private:
  static bool beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

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
  if (const std::size_t at = LetterSearch(text).find(); at != std::string_view::npos) {
    const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    const std::size_t line_start = text.rfind('\n', at) + 1;  // npos + 1 is 0
    refuse("a letter beyond ASCII stands outside of quotes",
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
