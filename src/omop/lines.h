// The lines of a file, plain or gzip (told by its first bytes), one at a time and in bounded memory.
//
// Bounds   a line longer than `line_bytes` is passed over, not stored: it arrives as kTooLong. A gzip file whose text is
//          more than `expansion` times its size, beyond the first 64 MiB, is a bomb: omop.too_large.
// Ends     LF for NDJSON; CR, LF or CRLF for HL7 v2. A byte-order mark at the file's start is dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace cohortium::omop {

struct LineLimits {
  std::size_t line_bytes = std::size_t{16} << 20;
  std::size_t expansion = 200;  // clinical NDJSON shrinks 10 to 40 times
};

enum class LineEnds { kLineFeed, kCarriageReturnToo };

class LineReader {
 public:
  enum class Arrival { kLine, kTooLong, kEnd };

  // Fails with file.missing or file.unreadable; reading with data.unreadable_file (damaged gzip) or omop.too_large.
  LineReader(const std::filesystem::path& path, LineEnds ends, const LineLimits& limits);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  Arrival next(std::string& line);
  std::int64_t number() const;        // of the line that came last, from 1
  std::size_t bytes_of_file() const;  // read from the file so far, compressed or not

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::omop
