// Decompression of .gz files (RFC 1952 around RFC 1951), for TABLE.csv.gz.
//
// The input is hostile: every length and distance is bounded, the checksum and the length in the trailer must agree,
// and the output may not grow past `limit`. Written here because the embedded database decompresses only inside its
// own CSV reader, which repairs what it should refuse (see docs/data.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cohortium::data {

// All members of the file, one after the other. Fails with data.unreadable_file.
std::string gunzip(std::string_view compressed, std::size_t limit);

}  // namespace cohortium::data
