#include "data/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "base/error.h"

namespace cohortium::data {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw Failure({.code = "data.unreadable_file",
                 .message = std::string("the compressed file is damaged: ") + what,
                 .remedy = "compress the table again with gzip"});
}

struct EndInflate {
  void operator()(z_stream* stream) const {
    inflateEnd(stream);
    delete stream;
  }
};

std::unique_ptr<z_stream, EndInflate> begin_inflate() {
  std::unique_ptr<z_stream, EndInflate> stream(new z_stream{});
  COHORTIUM_CHECK(inflateInit2(stream.get(), 16 + MAX_WBITS) == Z_OK);  // 16: gzip framing, and no other
  return stream;
}

}  // namespace

std::string gunzip(std::string_view compressed, std::size_t limit) {
  if (compressed.empty()) refuse("it is empty");
  const auto stream = begin_inflate();
  std::string text;
  char block[65536];
  while (!compressed.empty()) {
    // zlib counts in 32 bits.
    const auto chunk = static_cast<uInt>(std::min<std::size_t>(compressed.size(), 1u << 30));
    stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream->avail_in = chunk;
    int status = Z_OK;
    do {
      stream->next_out = reinterpret_cast<Bytef*>(block);
      stream->avail_out = sizeof block;
      status = inflate(stream.get(), Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        refuse("its content does not fit its format");
      text.append(block, sizeof block - stream->avail_out);
      if (text.size() > limit) refuse("its text is larger than is allowed");
    } while (status == Z_OK && (stream->avail_in > 0 || stream->avail_out == 0));
    compressed.remove_prefix(chunk - stream->avail_in);
    if (status == Z_STREAM_END) {
      if (compressed.empty()) return text;
      inflateReset(stream.get());  // another member follows
    } else if (stream->avail_in > 0) {
      refuse("its content does not fit its format");
    }
  }
  refuse("it ends too early");
}

}  // namespace cohortium::data
