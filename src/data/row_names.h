// Names of rows, by which a row that one study has read is known again when another study reads it.
//
// What identifies a row is the field of the column that the site names for its table; else all its fields together. A
// number counts by its value ("1.50" is "1.5"), so that a file has the same names whether it is read directly or through
// the embedded database. Rows that are alike in all of it have the same name.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohortium::data {

class Source;

struct RowNaming {
  std::string identifier = {};  // a column of the table; empty: all of them
  // Makes a name of what identifies a row; should be a keyed hash. Empty: rows get no names.
  std::function<std::uint64_t(std::string_view text)> name = {};

  bool wanted() const { return name != nullptr; }
};

// The names of the rows that are read one after the other.
class RowNames {
 public:
  explicit RowNames(const RowNaming& naming) : naming_(naming) {}

  const RowNaming& naming() const { return naming_; }
  void add(std::span<const std::string_view> fields);
  // Fields between which there is field_separator, as row_text_sql() joins them.
  void add_joined(std::string_view text);
  // Of the rows whose flag is set; of all where there are no flags.
  std::vector<std::uint64_t> take(const std::vector<std::uint8_t>& selected);

 private:
  void append(std::string_view field);

  const RowNaming& naming_;
  std::string text_;
  std::vector<std::uint64_t> names_;
};

inline constexpr char field_separator = '\x1f';

// What identifies a row of `table`, as one text in the source's dialect; `prefix` stands before its columns: "t.". Fails
// with data.unknown_column where the table has no such identifier.
std::string row_text_sql(Source& source, const std::string& table, const RowNaming& naming, const std::string& prefix);

}  // namespace cohortium::data
