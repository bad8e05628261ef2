#include "base/line_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"

namespace cohortium {
namespace {

constexpr std::size_t largest = std::size_t{1} << 30;

// The bytes of the whole lines.
std::size_t take_lines(const std::string& text, const LineFile::Take& take) {
  std::size_t bytes = 0, number = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', bytes)) {
    take(++number, text.substr(bytes, end - bytes));
    bytes = end + 1;
  }
  return bytes;
}

}  // namespace

LineFile::LineFile(const std::filesystem::path& path, Refusals refusals, const Take& take)
    : path_(path), refusals_(std::move(refusals)) {
  if (!std::filesystem::exists(path)) write_file(path, "", FileAccess::kOwnerOnly);  // with its folder synced
  file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file_ < 0) refuse_unwritable();
  try {
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      Error error = refusals_.in_use;
      error.where = path_.string();
      throw Failure(std::move(error));
    }
    bytes_ = take_lines(read_file(path, largest), take);
    if (::ftruncate(file_, static_cast<off_t>(bytes_)) != 0) refuse_unwritable();
  } catch (...) {
    ::close(file_);
    throw;
  }
}

LineFile::~LineFile() { ::close(file_); }  // and with it the lock

void LineFile::append(const std::string& line) {
  // What a write that failed left behind goes first: a shorter line would not cover it.
  if (::ftruncate(file_, static_cast<off_t>(bytes_)) != 0) refuse_unwritable();
  const std::string whole = line + "\n";
  std::size_t written = 0;
  while (written < whole.size()) {
    const ssize_t count =
        ::pwrite(file_, whole.data() + written, whole.size() - written, static_cast<off_t>(bytes_ + written));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) refuse_unwritable();
    written += static_cast<std::size_t>(count);
  }
  if (::fdatasync(file_) != 0) refuse_unwritable();
  bytes_ += whole.size();
}

void LineFile::read(const std::filesystem::path& path, const Take& take) {
  if (std::filesystem::exists(path)) take_lines(read_file(path, largest), take);
}

void LineFile::refuse_unwritable() const {
  const std::string reason = std::strerror(errno);
  Error error = refusals_.unwritable;
  error.message += ": " + reason;
  error.where = path_.string();
  throw Failure(std::move(error));
}

}  // namespace cohortium
