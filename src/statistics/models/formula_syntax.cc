// Recursive descent over one line of text; depth and length are bounded, since studies come from others.
#include "statistics/models/formula_syntax.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>

#include "base/error.h"

namespace cohortium::statistics {
namespace {

constexpr std::size_t largest_formula = 10'000;
constexpr int deepest = 100;

bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_'; }
bool continues_name(char c) { return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

class Parser {
 public:
  Parser(const std::string& text, const std::string& where) : text_(text), where_(where) {}

  SyntaxNode parse() {
    if (text_.size() > largest_formula) refuse("the formula is too long", "use at most 10,000 characters");
    SyntaxNode node = tilde();
    skip_space();
    if (at_ < text_.size()) refuse("\"" + text_.substr(at_, 1) + "\" is not expected here", "check the formula");
    return node;
  }

 private:
  [[noreturn]] void refuse(const std::string& message, const std::string& remedy) const {
    refuse_formula(where_, at_ + 1, message, remedy);
  }
  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  // Which of `operators` comes next; '\0' for none.
  char take_one_of(const std::string& operators) {
    const char c = peek();
    if (c == '\0' || operators.find(c) == std::string::npos) return '\0';
    ++at_;
    return c;
  }
  SyntaxNode binary(char c, std::size_t position, SyntaxNode left, SyntaxNode right) {
    return {.kind = SyntaxNode::Kind::kBinary,
            .text = std::string(1, c),
            .operands = {std::move(left), std::move(right)},
            .position = position};
  }

  SyntaxNode tilde() {
    skip_space();
    const std::size_t start = at_ + 1;
    if (take('~')) return {.kind = SyntaxNode::Kind::kUnary, .text = "~", .operands = {sum()}, .position = start};
    SyntaxNode left = sum();
    skip_space();
    const std::size_t position = at_ + 1;
    return take('~') ? binary('~', position, std::move(left), sum()) : left;
  }

  // Left to right: the operators of one precedence over operands of the next.
  SyntaxNode left_to_right(const std::string& operators, SyntaxNode (Parser::*operand)()) {
    SyntaxNode left = (this->*operand)();
    while (true) {
      skip_space();
      const std::size_t position = at_ + 1;
      const char c = take_one_of(operators);
      if (c == '\0') return left;
      left = binary(c, position, std::move(left), (this->*operand)());
      if (++operators_ > 2'000) refuse("the formula has too many terms", "use fewer");
    }
  }
  SyntaxNode sum() {
    if (++depth_ > deepest) refuse("the formula is nested too deeply", "use fewer parentheses");
    SyntaxNode node = left_to_right("+-", &Parser::product);
    --depth_;
    return node;
  }
  SyntaxNode product() { return left_to_right("*/", &Parser::colon); }
  SyntaxNode colon() { return left_to_right(":", &Parser::sign); }

  SyntaxNode sign() {
    skip_space();
    const std::size_t position = at_ + 1;
    const char c = take_one_of("+-");
    if (c == '\0') return power();
    if (++depth_ > deepest) refuse("the formula is nested too deeply", "use fewer signs");
    SyntaxNode node{
        .kind = SyntaxNode::Kind::kUnary, .text = std::string(1, c), .operands = {sign()}, .position = position};
    --depth_;
    return node;
  }

  SyntaxNode power() {
    SyntaxNode base = atom();
    skip_space();
    const std::size_t position = at_ + 1;
    if (!take('^')) return base;
    if (++depth_ > deepest) refuse("the formula is nested too deeply", "use fewer powers");
    SyntaxNode node = binary('^', position, std::move(base), sign());
    --depth_;
    return node;
  }

  SyntaxNode atom() {
    const char c = peek();
    const std::size_t position = at_ + 1;
    if (take('(')) {
      SyntaxNode node{.kind = SyntaxNode::Kind::kParentheses, .operands = {sum()}, .position = position};
      if (!take(')')) refuse("a parenthesis is not closed", "add \")\"");
      return node;
    }
    if (c == '`') return quoted_name();
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) return number();
    if (starts_name(c)) return name_or_call();
    refuse(c == '\0' ? "something is missing at the end" : "\"" + std::string(1, c) + "\" is not expected here",
           "write a column, a function of columns or a number");
  }

  SyntaxNode quoted_name() {
    const std::size_t position = ++at_;  // of the backtick, from 1
    const std::size_t end = text_.find('`', at_);
    if (end == std::string::npos || end == at_)
      refuse_formula(where_, position, "a name between backticks is not closed", "add \"`\"");
    SyntaxNode node{.kind = SyntaxNode::Kind::kName, .text = text_.substr(at_, end - at_), .position = position};
    at_ = end + 1;
    return node;
  }

  SyntaxNode number() {
    SyntaxNode node{.kind = SyntaxNode::Kind::kNumber, .position = at_ + 1};
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), node.number);
    if (error != std::errc()) refuse("a number cannot be read", "write it as 12.5 or 1e-3");
    at_ += static_cast<std::size_t>(end - begin);
    return node;
  }

  SyntaxNode name_or_call() {
    SyntaxNode node{.kind = SyntaxNode::Kind::kName, .position = at_ + 1};
    while (at_ < text_.size() && continues_name(text_[at_])) node.text += text_[at_++];
    if (!take('(')) return node;
    node.kind = SyntaxNode::Kind::kCall;
    node.operands = {sum()};
    if (peek() == ',') refuse("functions take one argument here", "leave the others out");
    if (!take(')')) refuse("a parenthesis is not closed", "add \")\"");
    return node;
  }

  const std::string& text_;
  const std::string& where_;
  std::size_t at_ = 0;
  int depth_ = 0, operators_ = 0;
};

bool is_plain_name(const std::string& name) {
  if (name.empty() || !starts_name(name.front()) || name.front() == '_') return false;
  if (name.front() == '.' && name.size() > 1 && is_digit(name[1])) return false;
  for (const char c : name) {
    if (!continues_name(c)) return false;
  }
  return true;
}

}  // namespace

void refuse_formula(const std::string& where, std::size_t position, const std::string& message,
                    const std::string& remedy) {
  throw Failure({.code = "study.bad_formula",
                 .message = message + " (character " + std::to_string(position) + " of the formula)",
                 .where = where + ":" + std::to_string(position),
                 .remedy = remedy});
}

SyntaxNode parse_syntax(const std::string& text, const std::string& where) { return Parser(text, where).parse(); }

std::string written(const SyntaxNode& node) {
  switch (node.kind) {
    case SyntaxNode::Kind::kNumber:
      return fmt::format("{:.15g}", node.number);
    case SyntaxNode::Kind::kName:
      return is_plain_name(node.text) ? node.text : "`" + node.text + "`";
    case SyntaxNode::Kind::kCall:
      return node.text + "(" + written(node.operands[0]) + ")";
    case SyntaxNode::Kind::kParentheses:
      return "(" + written(node.operands[0]) + ")";
    case SyntaxNode::Kind::kUnary:
      return node.text + written(node.operands[0]);
    case SyntaxNode::Kind::kBinary:
      break;
  }
  const bool close = node.text == "/" || node.text == "^" || node.text == ":";
  const std::string symbol = close ? node.text : " " + node.text + " ";
  return written(node.operands[0]) + symbol + written(node.operands[1]);
}

}  // namespace cohortium::statistics
