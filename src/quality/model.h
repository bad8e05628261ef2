// What a source has, found by the common data model's names whatever case the site writes them in.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "data/source.h"
#include "quality/cdm.h"

namespace cohortium::quality {

class Model {
 public:
  explicit Model(data::Source& source);

  bool has(std::string_view table) const { return find(table) != nullptr; }
  const std::map<std::string, data::SourceTable>& tables() const { return tables_; }  // by lower-case name
  // Null when the table or the column is not there.
  const data::SourceColumn* column(std::string_view table, std::string_view column) const;
  // As they stand in SQL: "public"."Person" and "person_ID".
  std::string sql(std::string_view table) const;
  std::string sql(std::string_view table, std::string_view column) const;

 private:
  const data::SourceTable* find(std::string_view table) const;
  const data::Source& source_;
  std::map<std::string, data::SourceTable> tables_;
};

// Whether values of this column can be what the model wants. A column without any value can be anything.
bool fits(const data::SourceColumn& column, Holds holds);

}  // namespace cohortium::quality
