// A file to which one process appends lines, so that what was acknowledged survives a crash.
//
// Acknowledged  append() returns after its line is on disk. A crash in between, or a disk that is full, leaves at most an
//               unfinished line, which the next opening or appending cuts off
// Held          by one process at a time (flock)
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"

namespace cohortium {

class LineFile {
 public:
  // Whose file it is, in errors; `where` is filled in, and behind `unwritable`'s message the system's reason.
  struct Refusals {
    Error in_use, unwritable;
  };
  // Gets every whole line without its end; lines count from 1.
  using Take = std::function<void(std::size_t number, const std::string& line)>;

  // Opens or creates. Fails with one of `refusals`, as read_file, or as `take` does.
  LineFile(const std::filesystem::path& path, Refusals refusals, const Take& take);
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  // `line` without its end. Fails with `unwritable`. For one thread at a time.
  void append(const std::string& line);

  // Of a file that may be in use. None where there is no file.
  static void read(const std::filesystem::path& path, const Take& take);

 private:
  [[noreturn]] void refuse_unwritable() const;

  std::filesystem::path path_;
  Refusals refusals_;
  int file_ = -1;
  std::size_t bytes_ = 0;  // of whole lines
};

}  // namespace cohortium
