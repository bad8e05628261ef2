// Decompression of .gz files (RFC 1952) by zlib: whole, for TABLE.csv.gz, or as a stream, for exports of any size.
// All members of the file, one after the other. What is damaged or cut fails with data.unreadable_file.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cohortium::data {

class GunzipStream {
 public:
  // `source` fills what it is given and says how much; 0 is the end of the compressed bytes.
  using Source = std::function<std::size_t(std::span<char>)>;
  explicit GunzipStream(Source source);
  ~GunzipStream();
  GunzipStream(const GunzipStream&) = delete;
  GunzipStream& operator=(const GunzipStream&) = delete;

  // The next bytes of the text; 0 at its end.
  std::size_t read(std::span<char> out);
  std::size_t compressed_bytes() const;  // taken from the source so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Never more than `limit` bytes.
std::string gunzip(std::string_view compressed, std::size_t limit);

}  // namespace cohortium::data
