// The columns of a model: what a formula and the declared columns make of a row, named and coded as R does.
//
// Categories have treatment contrasts against their first level, or the one that the entry's "reference" names; where R
// gives a factor all its levels (no intercept, or a margin that is not in the model) so does this. Everything here is
// public but the values: names, number and intervals of the columns follow from the declarations alone.
//
// A row without a value in one of the columns that are read takes no part. Rows are counted, never repaired.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "statistics/entries.h"
#include "statistics/models/arithmetic.h"
#include "statistics/models/formula.h"
#include "statistics/outcome_column.h"

namespace cohortium::statistics {

struct DesignColumn {
  std::string name;            // "(Intercept)", "sexmale", "age:sexmale"
  Interval range;              // public
  std::size_t term = 0;        // index into terms()
  std::string reference = {};  // of a contrast: the level it is against; empty otherwise
};

struct DesignRow {
  std::vector<double> x = {};  // as columns()
  double response = 0;         // 0 where the formula has none
  double offset = 0;
};

class DesignMatrix {
 public:
  // Of the entry's "formula", "positive", "reference". `also` names columns beside the formula's whose missing values
  // leave a row out, too. Fails with study.bad_formula, study.unknown_column, study.wrong_column_type,
  // study.bad_outcome, study.bad_reference, study.too_many_levels.
  explicit DesignMatrix(const EntryContext& context, const std::vector<std::string>& also = {});

  const Formula& formula() const { return formula_; }
  const std::vector<DesignColumn>& columns() const { return columns_; }
  const std::vector<std::string>& terms() const { return terms_; }  // "(Intercept)" first, also where there is none
  bool has_intercept() const { return formula_.intercept; }
  bool has_response() const { return formula_.response.has_value(); }
  bool has_offset() const { return !offsets_.empty(); }
  std::string response_name() const;  // "log(bili)", "status", "readmitted = <30"
  Interval response_range() const { return response_range_; }
  bool response_is_binary() const { return response_is_binary_; }  // an event column, or a category with "positive"
  Interval offset_range() const { return offset_range_; }
  const std::vector<std::string>& reads() const { return reads_; }  // declared columns, each once
  std::string describe() const { return formula_.text; }
  std::string key() const { return key_; }  // equal for designs with equal values

 private:
  friend class DesignReader;
  static constexpr std::size_t numeric = static_cast<std::size_t>(-1);
  struct Variable {
    std::string label;
    std::optional<Arithmetic> arithmetic;  // a number
    std::size_t source = 0;                // a factor: the place of its column among reads()
    std::vector<std::string> levels = {};  // a factor: their names; empty for a number
    std::size_t reference = 0;             // a factor: the level without a column
    Interval range = {};
    bool is_factor() const { return !levels.empty(); }
  };
  struct Part {
    std::size_t variable = 0;
    std::size_t level = numeric;
  };

  std::size_t source(const EntryContext& context, const std::string& name, std::size_t position);
  Arithmetic arithmetic(const EntryContext& context, const SyntaxNode& node, const std::string& path);
  Variable variable(const EntryContext& context, const FormulaVariable& written);
  void add_factor(const EntryContext& context, const FormulaVariable& written, Variable& variable);
  void add_response(const EntryContext& context);
  void add_columns();
  void add_term(std::size_t term, bool& full_coding_due);
  bool needs_all_levels(std::size_t term, std::size_t variable) const;

  Formula formula_;
  std::vector<data::ColumnDeclaration> declared_;  // as reads()
  std::vector<std::string> reads_;
  std::vector<Interval> ranges_;  // of the columns that are read
  std::vector<Variable> variables_;
  std::vector<Arithmetic> offsets_;
  std::optional<Arithmetic> response_;
  std::size_t response_source_ = 0;
  std::vector<bool> positive_;  // per level of the response
  bool response_is_binary_ = false;
  Interval response_range_, offset_range_;
  std::vector<DesignColumn> columns_;
  std::vector<std::vector<Part>> parts_;  // of each column: the factors of its product
  std::vector<std::string> terms_;
  std::string key_;
};

// Reads the rows of one table.
class DesignReader {
 public:
  // Both must outlive the reader.
  DesignReader(const DesignMatrix& design, const data::Table& table);
  // Whether the row takes part; then its values. Fails with data.not_a_level (no value told).
  bool read(std::size_t row, DesignRow& out);

 private:
  const DesignMatrix& design_;
  std::vector<const data::Column*> sources_;
  std::vector<double> numbers_, values_;
  std::vector<std::size_t> levels_;
};

// All rows that take part.
struct DesignValues {
  std::size_t missing = 0;        // rows that take no part
  std::vector<std::size_t> rows;  // their places in the table
  std::vector<double> x;          // row after row
  std::vector<double> response, offset;
};
DesignValues design_values(const DesignMatrix& design, const data::Table& table);

// The number of a row's column as arithmetic sees it: the number, the time, 1 for an event.
double numeric_value(const data::Column& column, std::size_t row);

}  // namespace cohortium::statistics
