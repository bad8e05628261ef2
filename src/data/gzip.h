// Decompression of .gz files (RFC 1952) by zlib, for TABLE.csv.gz: whole, checked, and never more than `limit` bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cohortium::data {

// All members of the file, one after the other. Fails with data.unreadable_file.
std::string gunzip(std::string_view compressed, std::size_t limit);

}  // namespace cohortium::data
