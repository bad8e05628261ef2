// A strict reader of CSV as RFC 4180 defines it: comma, double quotes, LF or CRLF, a header line, UTF-8.
//
// What the standard does not allow (a quote inside a bare field, text after a closing quote, a bare carriage return, a
// record with another number of fields, an open quote at the end, bytes that are not UTF-8) is refused with its line.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace cohortium::data {

class CsvReader {
 public:
  // Reads the header. `text` must outlive the reader; `file` is the name for messages. Fails with
  // data.unreadable_file (where = file:line).
  CsvReader(std::string_view text, std::string file);

  const std::vector<std::string>& header() const { return header_; }
  // Moves to the next record; false at the end. Fails with data.unreadable_file.
  bool next();
  // Fields of the current record, unquoted. Views into the text or into scratch space: valid until next().
  const std::vector<std::string_view>& fields() const { return fields_; }
  std::size_t line() const { return line_; }  // of the record's first character, from 1

 private:
  void read_record();
  void read_bare_field();
  void read_quoted_field();
  void end_of_line();
  [[noreturn]] void refuse(const std::string& what) const;

  std::string_view text_;
  std::string file_;
  std::vector<std::string> header_;
  std::vector<std::string_view> fields_;
  std::deque<std::string> scratch_;  // unescaped fields of this record; a deque, for views point into it
  std::size_t scratch_used_ = 0;
  std::size_t position_ = 0;
  std::size_t line_ = 1, next_line_ = 1;
  bool record_open_ = false;
};

}  // namespace cohortium::data
