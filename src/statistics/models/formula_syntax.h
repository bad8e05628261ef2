// The text of a model formula as a tree, with R's precedences: ^, unary minus, :, * and /, + and -, ~ (loosest).
//
// Names are R's (letters, digits, dot, underscore; a dot or letter first) or stand between backticks. Nothing is
// interpreted here: formula.h gives the tree its meaning.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cohortium::statistics {

struct SyntaxNode {
  enum class Kind { kNumber, kName, kCall, kParentheses, kUnary, kBinary };
  Kind kind = Kind::kNumber;
  std::string text = {};  // the name, the function, the operator
  double number = 0;
  std::vector<SyntaxNode> operands = {};
  std::size_t position = 1;  // column of the text at which it stands, from 1
};

// Fails with study.bad_formula; `where` is the JSON path of the text.
SyntaxNode parse_syntax(const std::string& text, const std::string& where);

// As R writes it: "log(bili)", "I(age^2)", "a + b".
std::string written(const SyntaxNode& node);

// Throws study.bad_formula at a column of the text.
[[noreturn]] void refuse_formula(const std::string& where, std::size_t position, const std::string& message,
                                 const std::string& remedy);

}  // namespace cohortium::statistics
