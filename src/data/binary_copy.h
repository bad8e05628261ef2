// PostgreSQL's COPY in binary: what the server sends for each row, decoded into a batch.
//
//   stream   "PGCOPY\n\377\r\n\0", int32 flags, int32 length of an extension, the extension; rows; int16 -1
//   row      int16 number of fields; each: int32 bytes (-1: NULL), the bytes in the type's binary form, big-endian
//
// The server is not trusted with more than values: every length is checked against the bytes that are there, and
// what does not fit its type fails with data.source_failed. Source: the manual of PostgreSQL 15, "COPY", "Binary
// Format"; the forms of the types are those of their send functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch.h"

namespace cohortium::data {

// How a type's bytes are to be read.
enum class WireForm {
  kInt2,
  kInt4,
  kInt8,
  kOid,
  kFloat4,
  kFloat8,
  kWholeNumeric,
  kLongNumeric,
  kNumeric,
  kText,
  kPadded,
  kUuid,
  kDate,
  kTimestamp,
  kBoolean
};

struct WireColumn {
  std::string name;
  WireForm form = WireForm::kText;
};

ValueType value_type(WireForm form);
// Of a built-in type by its object identifier and modifier; none where no batch has such values.
std::optional<WireForm> wire_form(std::uint32_t type, std::int32_t modifier);

class BinaryCopy {
 public:
  explicit BinaryCopy(std::vector<WireColumn> columns) : columns_(std::move(columns)) {}
  // Reads one message of the stream: the header, a row, or both. Puts a row into `row` of the batch, whose columns have
  // been sized; true when there was one.
  bool read(std::string_view message, Batch& batch, std::size_t row);
  // Whether the end of the stream has been seen.
  bool ended() const { return ended_; }

 private:
  void read_header(std::string_view& message);
  std::vector<WireColumn> columns_;
  bool started_ = false, ended_ = false;
};

}  // namespace cohortium::data
