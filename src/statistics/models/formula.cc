// The algebra of terms: each operator takes lists of terms to a list of terms, each term a set of variables.
#include "statistics/models/formula.h"

#include <algorithm>
#include <set>

namespace cohortium::statistics {
namespace {

using Term = std::set<std::size_t>;  // the empty one is the intercept
using Terms = std::vector<Term>;     // each once, in the order of their first mention
constexpr std::size_t most_terms = 500;

void add(Terms& terms, const Term& term) {
  if (std::find(terms.begin(), terms.end(), term) == terms.end()) terms.push_back(term);
}

class Algebra {
 public:
  Algebra(Formula& formula, const std::string& path) : formula_(formula), path_(path) {}

  Terms terms_of(const SyntaxNode& node) {
    switch (node.kind) {
      case SyntaxNode::Kind::kParentheses:
        return terms_of(node.operands[0]);
      case SyntaxNode::Kind::kNumber:
        if (node.number == 1) return {Term{}};
        if (node.number == 0) {
          formula_.intercept = false;
          return {};
        }
        refuse_formula(path_, node.position, "only 0 and 1 may stand for a term", "write I(...) for arithmetic");
      case SyntaxNode::Kind::kName:
        if (node.text == ".") refuse_formula(path_, node.position, "\".\" is not supported", "name the columns");
        return {Term{variable(node)}};
      case SyntaxNode::Kind::kCall:
        return call(node);
      case SyntaxNode::Kind::kUnary:
        if (node.text == "-") return without({}, node.operands[0]);
        return terms_of(node.operands[0]);
      case SyntaxNode::Kind::kBinary:
        return binary(node);
    }
    return {};
  }

 private:
  std::size_t variable(const SyntaxNode& node) {
    const std::string label = written(node);
    for (std::size_t i = 0; i < formula_.variables.size(); ++i) {
      if (formula_.variables[i].label == label) return i;
    }
    formula_.variables.push_back({label, node});
    return formula_.variables.size() - 1;
  }

  Terms call(const SyntaxNode& node) {
    if (node.text == "offset") {
      formula_.offsets.push_back({written(node), node.operands[0]});
      return {};
    }
    if (node.text == "strata" || node.text == "cluster")
      refuse_formula(path_, node.position, node.text + "() does not stand in the formula here",
                     node.text == "strata" ? "name the columns in the field \"strata\"" : "leave it out");
    if (node.text == "factor" && node.operands[0].kind != SyntaxNode::Kind::kName)
      refuse_formula(path_, node.position, "factor() takes one column", "write factor(column)");
    return {Term{variable(node)}};
  }

  Terms without(Terms terms, const SyntaxNode& removed) {
    if (removed.kind == SyntaxNode::Kind::kNumber && removed.number == 0) {  // "- 0" is "+ 1"
      add(terms, {});
      return terms;
    }
    for (const Term& term : terms_of(removed)) {
      if (term.empty()) formula_.intercept = false;
      terms.erase(std::remove(terms.begin(), terms.end(), term), terms.end());
    }
    return terms;
  }

  Terms crossed(const Terms& left, const Terms& right, const SyntaxNode& node) {
    Terms result;
    for (const Term& a : left) {
      for (const Term& b : right) {
        Term both = a;
        both.insert(b.begin(), b.end());
        add(result, both);
        if (result.size() > most_terms) refuse_formula(path_, node.position, "there are too many terms", "use fewer");
      }
    }
    return result;
  }

  Terms power(const SyntaxNode& node) {
    const SyntaxNode& exponent = node.operands[1];
    if (exponent.kind != SyntaxNode::Kind::kNumber || exponent.number < 1 || exponent.number > 10 ||
        exponent.number != static_cast<int>(exponent.number))
      refuse_formula(path_, node.position, "terms are crossed up to a whole number", "write I(...) for arithmetic");
    const Terms base = terms_of(node.operands[0]);
    Terms result = base;
    for (int i = 1; i < static_cast<int>(exponent.number); ++i) {
      for (const Term& term : crossed(result, base, node)) add(result, term);
    }
    return result;
  }

  Terms binary(const SyntaxNode& node) {
    if (node.text == "^") return power(node);
    Terms left = terms_of(node.operands[0]);
    if (node.text == "-") return without(std::move(left), node.operands[1]);
    const Terms right = terms_of(node.operands[1]);
    if (node.text == ":") return crossed(left, right, node);
    Terms result = left;
    if (node.text == "/") {
      Term all;
      for (const Term& term : left) all.insert(term.begin(), term.end());
      for (const Term& term : crossed({all}, right, node)) add(result, term);
      return result;
    }
    for (const Term& term : right) add(result, term);
    if (node.text == "*") {
      for (const Term& term : crossed(left, right, node)) add(result, term);
    }
    return result;
  }

  Formula& formula_;
  const std::string& path_;
};

}  // namespace

std::string Formula::term_label(std::size_t term) const {
  std::string label;
  for (const std::size_t variable : terms[term]) label += (label.empty() ? "" : ":") + variables[variable].label;
  return label;
}

Formula parse_formula(const std::string& text, const std::string& path) {
  const SyntaxNode root = parse_syntax(text, path);
  Formula formula{.text = text};
  if (root.text != "~" || root.kind == SyntaxNode::Kind::kName)
    refuse_formula(path, 1, "a formula needs a \"~\"", "write \"outcome ~ column + column\"");
  if (root.kind == SyntaxNode::Kind::kBinary) {
    formula.response = FormulaVariable{written(root.operands[0]), root.operands[0]};
  }
  Terms terms = Algebra(formula, path).terms_of(root.operands.back());
  terms.erase(std::remove(terms.begin(), terms.end(), Term{}), terms.end());
  std::stable_sort(terms.begin(), terms.end(), [](const Term& a, const Term& b) { return a.size() < b.size(); });
  for (const Term& term : terms) formula.terms.emplace_back(term.begin(), term.end());
  // What only stood behind a minus is no variable of the model; it would drop rows for nothing.
  std::vector<std::size_t> places(formula.variables.size());
  std::vector<FormulaVariable> used;
  for (std::size_t i = 0; i < formula.variables.size(); ++i) {
    const bool stays = std::any_of(terms.begin(), terms.end(), [&](const Term& term) { return term.contains(i); });
    places[i] = used.size();
    if (stays) used.push_back(formula.variables[i]);
  }
  formula.variables = std::move(used);
  for (auto& term : formula.terms) {
    for (std::size_t& variable : term) variable = places[variable];
  }
  return formula;
}

}  // namespace cohortium::statistics
