// Codes as they stand in data: compared as text first, then as numbers when both are numbers, so that "2" is "2.0".
//
// Numbers are compared by their digits, never through floating point: 9007199254740993 is not 9007199254740992.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cohortium::data {

// A finite decimal number with nothing around it: "-1.5e3", not "1,5", " 1", "nan", "0x10" or "1e999".
std::optional<double> parse_number(std::string_view text);

// One spelling per value ("2.0", "02" and "20e-1" are "2e0"); nothing when the text is not a decimal number.
std::optional<std::string> canonical_number(std::string_view text);

// Finds a code among declared ones.
class CodeBook {
 public:
  explicit CodeBook(const std::vector<std::string>& codes);

  // Index of the code. A number that equals two declared codes ("1" and "01") matches neither.
  std::optional<std::size_t> find(std::string_view text) const;
  bool empty() const { return texts_.empty(); }

 private:
  using Entries = std::vector<std::pair<std::string, std::size_t>>;  // sorted
  Entries texts_, numbers_;
};

// True when every code is a number, no two are equal, and all survive as doubles: such a column is a number in filters.
bool are_numeric(const std::vector<std::string>& codes);

}  // namespace cohortium::data
