// Markup that cannot be injected into: the compiler knows every tag, and every run-time string is escaped.
//
// Html holds well-formed HTML or SVG. It grows from Literal, which only the compiler can make, from text(), which
// escapes, and from element(), which closes what it opens. There is no other way in.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace cohortium::study::report {

struct Literal {
  consteval Literal(const char* known_text) : value(known_text) {}  // NOLINT(google-explicit-constructor)
  const char* value;
};

struct Attribute {
  Literal name;
  std::string value;  // escaped where it is written
};
using Attributes = std::initializer_list<Attribute>;

class Html {
 public:
  Html() = default;
  Html(Literal markup) : markup_(markup.value) {}  // NOLINT(google-explicit-constructor): a literal is markup
  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }
  friend Html operator+(Html first, const Html& second) { return first += second; }
  bool empty() const { return markup_.empty(); }
  const std::string& markup() const { return markup_; }

  friend Html text(std::string_view plain);
  friend Html element(Literal name, Attributes attributes, const Html& content);

 private:
  std::string markup_;
};

// Escapes for content and for quoted attributes. Bytes that are not UTF-8, characters that XML forbids, and controls
// that reorder or hide text become U+FFFD, so that a title can neither break the page nor pretend to be another.
Html text(std::string_view plain);

Html element(Literal name, Attributes attributes, const Html& content);
inline Html element(Literal name, const Html& content) { return element(name, {}, content); }

}  // namespace cohortium::study::report
