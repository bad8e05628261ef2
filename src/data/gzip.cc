#include "data/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <vector>

#include "base/error.h"

namespace cohortium::data {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw Failure({.code = "data.unreadable_file",
                 .message = std::string("the compressed file is damaged: ") + what,
                 .remedy = "compress the table again with gzip"});
}

}  // namespace

struct GunzipStream::State {
  explicit State(Source from) : source(std::move(from)), input(65536) {
    COHORTIUM_CHECK(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);  // 16: gzip framing, and no other
  }
  ~State() { inflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  bool refill() {
    const std::size_t count = source(input);
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(count);
    taken += count;
    return count > 0;
  }

  Source source;
  std::vector<char> input;
  z_stream stream{};
  std::size_t taken = 0;
  bool member_open = false, ended = false;
};

GunzipStream::GunzipStream(Source source) : state_(std::make_unique<State>(std::move(source))) {}
GunzipStream::~GunzipStream() = default;

std::size_t GunzipStream::compressed_bytes() const { return state_->taken; }

std::size_t GunzipStream::read(std::span<char> out) {
  z_stream& stream = state_->stream;
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), 1u << 30));  // zlib counts in 32 bits
  const uInt room = stream.avail_out;
  while (stream.avail_out == room && !state_->ended) {
    if (stream.avail_in == 0 && !state_->refill()) {
      if (state_->taken == 0) refuse("it is empty");
      if (state_->member_open) refuse("it ends too early");
      state_->ended = true;
      break;
    }
    state_->member_open = true;
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      state_->member_open = false;
      inflateReset(&stream);  // another member may follow
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      refuse("its content does not fit its format");
    }
  }
  return room - stream.avail_out;
}

std::string gunzip(std::string_view compressed, std::size_t limit) {
  GunzipStream stream([&](std::span<char> out) {
    const std::size_t count = std::min(out.size(), compressed.size());
    std::copy_n(compressed.data(), count, out.data());
    compressed.remove_prefix(count);
    return count;
  });
  std::string text;
  char block[65536];
  while (const std::size_t count = stream.read(block)) {
    if (count > limit - text.size()) refuse("its text is larger than is allowed");
    text.append(block, count);
  }
  return text;
}

}  // namespace cohortium::data
