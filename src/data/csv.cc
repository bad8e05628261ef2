#include "data/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "data/utf8.h"

namespace cohortium::data {
namespace {

constexpr auto kEndsBareField = [] {
  std::array<bool, 256> table{};
  for (const unsigned char c : {',', '\n', '\r', '"'}) table[c] = true;
  return table;
}();

}  // namespace

CsvReader::CsvReader(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  if (text_.empty()) refuse("the file is empty; a header line is needed");
  if (const std::size_t bad = first_bad_byte(text_); bad < text_.size()) {
    line_ +=
        static_cast<std::size_t>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(bad), '\n'));
    refuse("the line holds bytes that are not UTF-8");
  }
  read_record();
  header_.assign(fields_.begin(), fields_.end());
}

void CsvReader::refuse(const std::string& what) const {
  throw Failure({.code = "data.unreadable_file",
                 .message = what,
                 .where = fmt::format("{}:{}", file_, line_),
                 .remedy = "write the table as CSV of RFC 4180: comma, double quotes, one header line, UTF-8"});
}

bool CsvReader::next() {
  if (position_ == text_.size()) return false;
  read_record();
  if (fields_.size() != header_.size())
    refuse(fmt::format("the line has {} fields, the header has {}", fields_.size(), header_.size()));
  return true;
}

void CsvReader::read_record() {
  line_ = next_line_;
  fields_.clear();
  scratch_used_ = 0;
  record_open_ = true;
  while (record_open_) {
    if (position_ < text_.size() && text_[position_] == '"')
      read_quoted_field();
    else
      read_bare_field();
    if (position_ == text_.size()) break;
    if (text_[position_] == ',')
      ++position_;
    else
      end_of_line();
  }
}

void CsvReader::read_bare_field() {
  const std::size_t start = position_;
  while (position_ < text_.size() && !kEndsBareField[static_cast<unsigned char>(text_[position_])]) ++position_;
  if (position_ < text_.size() && text_[position_] == '"')
    refuse("a quote stands inside a field that has none around it");
  fields_.push_back(text_.substr(start, position_ - start));
}

void CsvReader::read_quoted_field() {
  std::size_t start = ++position_;
  std::string* unescaped = nullptr;
  while (true) {
    const std::size_t quote = text_.find('"', position_);
    if (quote == std::string_view::npos) refuse("a quote is opened and never closed");
    const auto from = text_.begin() + static_cast<std::ptrdiff_t>(position_);
    next_line_ += static_cast<std::size_t>(std::count(from, text_.begin() + static_cast<std::ptrdiff_t>(quote), '\n'));
    position_ = quote + 1;
    const bool doubled = position_ < text_.size() && text_[position_] == '"';
    if (!doubled && unescaped == nullptr) {
      fields_.push_back(text_.substr(start, quote - start));
      break;
    }
    if (unescaped == nullptr) {
      if (scratch_used_ == scratch_.size()) scratch_.emplace_back();
      unescaped = &scratch_[scratch_used_++];
      unescaped->clear();
    }
    unescaped->append(text_.substr(start, quote - start));
    if (!doubled) {
      fields_.emplace_back(*unescaped);
      break;
    }
    unescaped->push_back('"');
    start = ++position_;
  }
  if (position_ < text_.size() && !kEndsBareField[static_cast<unsigned char>(text_[position_])])
    refuse("text follows a closing quote");
}

void CsvReader::end_of_line() {
  if (text_[position_] == '\r') {
    if (position_ + 1 == text_.size() || text_[position_ + 1] != '\n')
      refuse("a carriage return stands alone; lines end in LF or CRLF");
    ++position_;
  }
  ++position_;
  ++next_line_;
  record_open_ = false;
}

}  // namespace cohortium::data
