// Values of a model's columns for the rows of a site.
#include <cmath>

#include "base/error.h"
#include "statistics/models/design_matrix.h"

namespace cohortium::statistics {

double numeric_value(const data::Column& column, std::size_t row) {
  switch (column.declaration.type) {
    case data::ColumnType::kNumber:
      return column.number[row];
    case data::ColumnType::kDuration:
      return column.declaration.low + static_cast<double>(column.grid[row]) * column.declaration.step;
    case data::ColumnType::kEvent:
      return column.event[row];
    case data::ColumnType::kCategory:
      return column.level[row];
  }
  return 0;
}

DesignReader::DesignReader(const DesignMatrix& design, const data::Table& table) : design_(design) {
  for (const std::string& name : design.reads_) sources_.push_back(&table.column(name));
  numbers_.resize(sources_.size());
  values_.resize(design.variables_.size());
  levels_.resize(design.variables_.size());
}

bool DesignReader::read(std::size_t row, DesignRow& out) {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i]->missing.empty() && sources_[i]->missing[row]) return false;
    numbers_[i] = numeric_value(*sources_[i], row);
  }
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const DesignMatrix::Variable& variable = design_.variables_[i];
    if (!variable.is_factor()) {
      values_[i] = variable.arithmetic->value(numbers_);
      continue;
    }
    const data::ColumnDeclaration& declared = design_.declared_[variable.source];
    const double number = numbers_[variable.source];
    const bool counted = declared.type == data::ColumnType::kCategory || declared.type == data::ColumnType::kEvent;
    const double level = counted ? number : number - std::ceil(declared.low);
    if (level != std::floor(level))
      throw Failure({.code = "data.not_a_level",
                     .message = "column \"" + declared.name + "\" holds a value that is not a whole number",
                     .where = declared.name,
                     .remedy = "leave factor() out, or leave such rows out with data/where"});
    levels_[i] = static_cast<std::size_t>(level);
  }
  out.x.resize(design_.columns_.size());
  for (std::size_t column = 0; column < out.x.size(); ++column) {
    double value = 1;
    for (const DesignMatrix::Part& part : design_.parts_[column]) {
      if (part.level == DesignMatrix::numeric)
        value *= values_[part.variable];
      else if (levels_[part.variable] != part.level)
        value = 0;
    }
    out.x[column] = value;
  }
  out.offset = 0;
  for (const Arithmetic& offset : design_.offsets_) out.offset += offset.value(numbers_);
  out.response = 0;
  if (!design_.positive_.empty())
    out.response = design_.positive_[static_cast<std::size_t>(numbers_[design_.response_source_])] ? 1 : 0;
  else if (design_.response_)
    out.response = design_.response_->value(numbers_);
  return true;
}

DesignValues design_values(const DesignMatrix& design, const data::Table& table) {
  DesignValues values;
  DesignReader reader(design, table);
  DesignRow row;
  for (std::size_t i = 0; i < table.rows; ++i) {
    if (!reader.read(i, row)) {
      ++values.missing;
      continue;
    }
    values.rows.push_back(i);
    values.x.insert(values.x.end(), row.x.begin(), row.x.end());
    values.response.push_back(row.response);
    values.offset.push_back(row.offset);
  }
  return values;
}

}  // namespace cohortium::statistics
