#include "omop/lines.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/gzip.h"

namespace cohortium::omop {
namespace {

constexpr std::size_t kAlwaysAllowed = std::size_t{64} << 20;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

struct LineReader::State {
  std::filesystem::path path;
  LineEnds ends;
  LineLimits limits;
  std::unique_ptr<std::FILE, CloseFile> file;
  std::optional<data::GunzipStream> gzip;
  std::size_t file_bytes = 0, text_bytes = 0;
  std::vector<char> block = std::vector<char>(1 << 18);
  std::string_view rest;
  std::int64_t number = 0;
  bool swallow_line_feed = false;  // after a carriage return

  std::size_t read_file(std::span<char> out) {
    const std::size_t count = std::fread(out.data(), 1, out.size(), file.get());
    if (std::ferror(file.get()) != 0)
      throw Failure({.code = "file.unreadable",
                     .message = "the file cannot be read to its end",
                     .where = path.string(),
                     .remedy = "check the disk and the file's permissions"});
    file_bytes += count;
    return count;
  }

  [[noreturn]] void rethrow_with_place(const Error& error) const {
    throw Failure({error.code, error.message, fmt::format("{}:{}", path.string(), number), error.rule,
                   "what came before is loaded; mend the file and load it again"});
  }

  bool refill() {
    std::size_t count = 0;
    if (gzip) {
      const auto got = attempt([&] { return gzip->read(block); });
      if (!got.ok()) rethrow_with_place(got.error());
      count = got.value();
    } else {
      count = read_file(block);
    }
    text_bytes += count;
    if (gzip && text_bytes > kAlwaysAllowed && text_bytes / limits.expansion > file_bytes)
      rethrow_with_place(
          {.code = "omop.too_large",
           .message = fmt::format("the text is more than {} times as large as the compressed file", limits.expansion)});
    rest = {block.data(), count};
    return count > 0;
  }
};

LineReader::LineReader(const std::filesystem::path& path, LineEnds ends, const LineLimits& limits)
    : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->ends = ends;
  state_->limits = limits;
  state_->file.reset(std::fopen(path.c_str(), "rb"));
  if (state_->file == nullptr)
    throw Failure({.code = errno == ENOENT ? "file.missing" : "file.unreadable",
                   .message = std::strerror(errno),
                   .where = path.string(),
                   .remedy = "check the path and its permissions"});
  unsigned char magic[2] = {};
  const std::size_t seen = std::fread(magic, 1, sizeof magic, state_->file.get());
  std::rewind(state_->file.get());
  if (seen == sizeof magic && magic[0] == 0x1f && magic[1] == 0x8b)
    state_->gzip.emplace([state = state_.get()](std::span<char> out) { return state->read_file(out); });
}

LineReader::~LineReader() = default;

std::int64_t LineReader::number() const { return state_->number; }
std::size_t LineReader::bytes_of_file() const { return state_->file_bytes; }

LineReader::Arrival LineReader::next(std::string& line) {
  State& state = *state_;
  line.clear();
  bool too_long = false, started = false;
  while (true) {
    if (state.rest.empty() && !state.refill()) {
      if (!started) return Arrival::kEnd;
      break;
    }
    if (state.swallow_line_feed) {
      state.swallow_line_feed = false;
      if (state.rest.front() == '\n') {
        state.rest.remove_prefix(1);
        continue;
      }
    }
    if (!started) ++state.number;
    started = true;
    const std::size_t end =
        state.ends == LineEnds::kLineFeed ? state.rest.find('\n') : state.rest.find_first_of("\r\n");
    const std::string_view piece = state.rest.substr(0, end);
    too_long = too_long || line.size() + piece.size() > state.limits.line_bytes;
    if (too_long)
      line.clear();
    else
      line.append(piece);
    if (end != std::string_view::npos) {
      state.swallow_line_feed = state.rest[end] == '\r';
      state.rest.remove_prefix(end + 1);
      break;
    }
    state.rest = {};
  }
  if (state.number == 1 && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
  return too_long ? Arrival::kTooLong : Arrival::kLine;
}

}  // namespace cohortium::omop
