#include "data/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/error.h"

namespace cohortium::data {
namespace {

constexpr auto kEndsBareField = [] {
  std::array<bool, 256> table{};
  for (const unsigned char c : {',', '\n', '\r', '"'}) table[c] = true;
  return table;
}();

// Length of the valid UTF-8 sequence at `p` (RFC 3629: no surrogates, no overlong forms), 0 if there is none.
std::size_t sequence_length(const unsigned char* p, std::size_t left) {
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return i < left && p[i] >= low && p[i] <= high;
  };
  if (p[0] < 0x80) return 1;
  if (p[0] >= 0xc2 && p[0] <= 0xdf) return follows(1) ? 2 : 0;
  if (p[0] >= 0xe0 && p[0] <= 0xef)
    return follows(1, p[0] == 0xe0 ? 0xa0 : 0x80, p[0] == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
  if (p[0] >= 0xf0 && p[0] <= 0xf4)
    return follows(1, p[0] == 0xf0 ? 0x90 : 0x80, p[0] == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
  return 0;
}

// Position of the first byte that is not UTF-8, or the text's size.
std::size_t first_bad_byte(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t i = 0;
  while (i < text.size()) {
    std::uint64_t eight;
    while (i + 8 <= text.size() && (std::memcpy(&eight, bytes + i, 8), (eight & 0x8080808080808080u) == 0)) i += 8;
    if (i == text.size()) break;
    const std::size_t length = sequence_length(bytes + i, text.size() - i);
    if (length == 0) return i;
    i += length;
  }
  return i;
}

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
