#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"

namespace cohortium {
namespace {

[[noreturn]] void fail_to_write(const std::filesystem::path& path) {
  throw Failure({.code = "file.unwritable",
                 .message = std::string("cannot write the file: ") + std::strerror(errno),
                 .where = path.string(),
                 .remedy = "check the folder's permissions and free space"});
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) {
    throw Failure({.code = "file.missing",
                   .message = "there is no such file",
                   .where = path.string(),
                   .remedy = "check the path"});
  }
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path, code)) {
    throw Failure({.code = "file.unreadable",
                   .message = "the file cannot be read",
                   .where = path.string(),
                   .remedy = "check that it is a file and its permissions"});
  }
  std::string content;
  char block[65536];
  while (in.read(block, sizeof block) || in.gcount() > 0) {
    content.append(block, static_cast<std::size_t>(in.gcount()));
    if (content.size() > limit) {
      throw Failure({.code = "file.too_large",
                     .message = "the file is larger than " + std::to_string(limit) + " bytes",
                     .where = path.string()});
    }
  }
  return content;
}

void write_file(const std::filesystem::path& path, std::string_view content, FileAccess access) {
  const std::filesystem::path sibling = path.string() + ".new" + std::to_string(::getpid());
  const int file =
      ::open(sibling.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, access == FileAccess::kOwnerOnly ? 0600 : 0644);
  if (file < 0) fail_to_write(path);
  std::size_t written = 0;
  bool good = true;
  while (good && written < content.size()) {
    const ssize_t count = ::write(file, content.data() + written, content.size() - written);
    if (count < 0 && errno == EINTR) continue;
    good = count > 0;
    if (good) written += static_cast<std::size_t>(count);
  }
  good = good && ::fsync(file) == 0;
  good = (::close(file) == 0) && good;
  if (!good || ::rename(sibling.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(sibling.c_str());
    errno = reason;
    fail_to_write(path);
  }
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); handle >= 0) {
    ::fsync(handle);
    ::close(handle);
  }
}

}  // namespace cohortium
