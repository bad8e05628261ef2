// From declarations to columns; design_rows.cc reads the values. Source of the coding: R's model.matrix and terms.
#include "statistics/models/design_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"

namespace cohortium::statistics {
namespace {

constexpr std::size_t most_levels = 100;
constexpr std::size_t most_columns = 500;

Interval range_of(const data::ColumnDeclaration& column) {
  if (column.type == data::ColumnType::kNumber || column.type == data::ColumnType::kDuration)
    return {column.low, column.high};
  return {0, 1};
}

// Labels where they tell the levels apart, otherwise codes.
std::vector<std::string> level_names(const data::ColumnDeclaration& column) {
  std::set<std::string> labels;
  for (const data::Level& level : column.levels) labels.insert(level.label);
  std::vector<std::string> names;
  for (const data::Level& level : column.levels)
    names.push_back(labels.size() == column.levels.size() ? level.label : level.code);
  return names;
}

std::string whole(double number) { return fmt::format("{:.0f}", number); }

}  // namespace

DesignMatrix::DesignMatrix(const EntryContext& context, const std::vector<std::string>& also)
    : formula_(parse_formula(context.entry.formula, context.at("formula"))) {
  if (formula_.response) add_response(context);
  for (const FormulaVariable& written : formula_.variables) variables_.push_back(variable(context, written));
  const std::string path = context.at("formula");
  for (const FormulaVariable& written : formula_.offsets) {
    offsets_.push_back(arithmetic(context, written.node, path));
    const Interval range = offsets_.back().interval(ranges_);
    offset_range_ = {offset_range_.low + range.low, offset_range_.high + range.high};
  }
  for (const std::string& name : also) source(context, name, 1);
  for (const auto& [name, code] : context.entry.reference) {
    const bool used = std::any_of(variables_.begin(), variables_.end(), [&](const Variable& variable) {
      return variable.is_factor() && reads_[variable.source] == name;
    });
    if (!used)
      throw Failure({.code = "study.bad_reference",
                     .message = "\"" + name + "\" is not used as a category in the formula",
                     .where = context.at("reference") + "/" + name,
                     .remedy = "name columns of the formula only"});
  }
  add_columns();
  key_ = formula_.text;
  for (const std::string& name : reads_) key_ += "\x1f" + name;
  for (const bool positive : positive_) key_ += positive ? "\x1f+" : "\x1f-";
  for (const Variable& variable : variables_) key_ += "\x1f" + std::to_string(variable.reference);
}

std::string DesignMatrix::response_name() const {
  std::string levels;
  for (std::size_t i = 0; i < positive_.size(); ++i) {
    if (positive_[i]) levels += (levels.empty() ? "" : " or ") + declared_[response_source_].levels[i].label;
  }
  const std::string label = formula_.response ? formula_.response->label : "";
  return levels.empty() ? label : label + " = " + levels;
}

std::size_t DesignMatrix::source(const EntryContext& context, const std::string& name, std::size_t position) {
  const auto found = std::find(reads_.begin(), reads_.end(), name);
  if (found != reads_.end()) return static_cast<std::size_t>(found - reads_.begin());
  try {
    declared_.push_back(context.any_column("formula", name));
  } catch (const Failure& failure) {
    Error error = failure.error();
    error.where += ":" + std::to_string(position);
    throw Failure(error);
  }
  reads_.push_back(name);
  ranges_.push_back(range_of(declared_.back()));
  return reads_.size() - 1;
}

Arithmetic DesignMatrix::arithmetic(const EntryContext& context, const SyntaxNode& node, const std::string& path) {
  return Arithmetic(node, path, [&](const SyntaxNode& name) {
    const std::size_t place = source(context, name.text, name.position);
    if (declared_[place].type == data::ColumnType::kCategory)
      throw Failure({.code = "study.wrong_column_type",
                     .message = "column \"" + name.text + "\" is a category, but a number is needed here",
                     .where = path + ":" + std::to_string(name.position),
                     .remedy = "declare it as a number, or let it stand alone in the formula"});
    return place;
  });
}

DesignMatrix::Variable DesignMatrix::variable(const EntryContext& context, const FormulaVariable& written) {
  Variable variable{.label = written.label, .arithmetic = {}};
  const SyntaxNode& node = written.node;
  const bool called_factor = node.kind == SyntaxNode::Kind::kCall && node.text == "factor";
  const bool named = node.kind == SyntaxNode::Kind::kName;
  if (called_factor || named) {
    const SyntaxNode& name = called_factor ? node.operands[0] : node;
    variable.source = source(context, name.text, name.position);
    if (called_factor || declared_[variable.source].type == data::ColumnType::kCategory) {
      add_factor(context, written, variable);
      return variable;
    }
  }
  variable.arithmetic = arithmetic(context, node, context.at("formula"));
  variable.range = variable.arithmetic->interval(ranges_);
  return variable;
}

void DesignMatrix::add_factor(const EntryContext& context, const FormulaVariable& written, Variable& variable) {
  const data::ColumnDeclaration& column = declared_[variable.source];
  std::vector<std::string> codes;
  if (column.type == data::ColumnType::kCategory) {
    variable.levels = level_names(column);
    for (const data::Level& level : column.levels) codes.push_back(level.code);
  } else {
    const Interval range = range_of(column);
    for (double value = std::ceil(range.low); value <= range.high && variable.levels.size() <= most_levels; ++value)
      variable.levels.push_back(whole(value));
    codes = variable.levels;
  }
  if (variable.levels.size() > most_levels || variable.levels.size() < 2)
    throw Failure({.code = "study.too_many_levels",
                   .message = written.label + " has not between 2 and 100 levels",
                   .where = context.at("formula") + ":" + std::to_string(written.node.position),
                   .remedy = "declare the range of whole numbers that occur, or fewer levels"});
  const auto reference = context.entry.reference.find(column.name);
  if (reference == context.entry.reference.end()) return;
  const auto found = std::find(codes.begin(), codes.end(), reference->second);
  if (found == codes.end())
    throw Failure({.code = "study.bad_reference",
                   .message = "\"" + reference->second + "\" is no level of column \"" + column.name + "\"",
                   .where = context.at("reference") + "/" + column.name,
                   .remedy = "use one of the declared codes"});
  variable.reference = static_cast<std::size_t>(found - codes.begin());
}

void DesignMatrix::add_response(const EntryContext& context) {
  const SyntaxNode& node = formula_.response->node;
  const std::string path = context.at("formula");
  response_range_ = {0, 1};
  if (node.kind == SyntaxNode::Kind::kName) {
    response_source_ = source(context, node.text, node.position);
    const data::ColumnDeclaration& column = declared_[response_source_];
    response_is_binary_ = column.type == data::ColumnType::kEvent || column.type == data::ColumnType::kCategory;
    if (column.type == data::ColumnType::kCategory) {
      AnalysisEntry entry = context.entry;
      entry.outcome = node.text;
      positive_ = OutcomeColumn({entry, context.path, context.columns, context.rule}).positive_levels();
      return;
    }
  }
  if (!context.entry.positive.empty())
    throw Failure({.code = "study.bad_outcome",
                   .message = "only a category has levels of which some are positive",
                   .where = context.at("positive"),
                   .remedy = "leave this out"});
  response_ = arithmetic(context, node, path);
  response_range_ = response_->interval(ranges_);
}

// R's rule (terms.formula): a factor has contrasts where what remains of the term without it is in the model.
bool DesignMatrix::needs_all_levels(std::size_t term, std::size_t variable) const {
  std::vector<std::size_t> rest = formula_.terms[term];
  rest.erase(std::remove(rest.begin(), rest.end(), variable), rest.end());
  if (rest.empty()) return false;  // its margin is the intercept; add_columns treats formulas without one
  for (std::size_t before = 0; before < term; ++before) {
    const auto& other = formula_.terms[before];
    if (std::includes(other.begin(), other.end(), rest.begin(), rest.end())) return false;
  }
  return true;
}

void DesignMatrix::add_columns() {
  terms_.push_back("(Intercept)");
  if (formula_.intercept) {
    columns_.push_back({.name = "(Intercept)", .range = {1, 1}});
    parts_.emplace_back();
  }
  bool full_coding_due = !formula_.intercept;  // the first factor of a model without an intercept has all its levels
  for (std::size_t term = 0; term < formula_.terms.size(); ++term) {
    terms_.push_back(formula_.term_label(term));
    add_term(term, full_coding_due);
    if (columns_.size() > most_columns)
      throw Failure({.code = "study.too_many_levels",
                     .message = "the formula makes more than 500 columns",
                     .where = "formula",
                     .remedy = "use fewer terms or levels"});
  }
}

void DesignMatrix::add_term(std::size_t term, bool& full_coding_due) {
  std::vector<std::vector<Part>> products = {{}};
  for (const std::size_t index : formula_.terms[term]) {
    const Variable& variable = variables_[index];
    std::vector<Part> choices;
    if (!variable.is_factor()) {
      choices.push_back({index, numeric});
    } else {
      const bool all = full_coding_due || needs_all_levels(term, index);
      full_coding_due = false;
      for (std::size_t level = 0; level < variable.levels.size(); ++level) {
        if (all || level != variable.reference) choices.push_back({index, level});
      }
    }
    std::vector<std::vector<Part>> longer;  // the first variable's levels run fastest
    for (const Part& choice : choices) {
      for (std::vector<Part> product : products) {
        product.push_back(choice);
        longer.push_back(std::move(product));
      }
    }
    products = std::move(longer);
    if (products.size() > most_columns) break;  // refused by the caller
  }
  for (const std::vector<Part>& product_of : products) {
    DesignColumn column{.name = {}, .range = {1, 1}, .term = term + 1};
    for (const Part& part : product_of) {
      const Variable& variable = variables_[part.variable];
      const bool level = part.level != numeric;
      column.name += (column.name.empty() ? "" : ":") + variable.label + (level ? variable.levels[part.level] : "");
      column.range = product(column.range, level ? Interval{0, 1} : variable.range);
      if (level && product_of.size() == 1) column.reference = variable.levels[variable.reference];
    }
    columns_.push_back(std::move(column));
    parts_.push_back(product_of);
  }
}

}  // namespace cohortium::statistics
