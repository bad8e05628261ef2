#include "base/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/error.h"

namespace cohortium {

void finish_output() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw Failure({.code = "file.unwritable",
                 .message = "the output could not be written" + (errno ? ": " + std::string(std::strerror(errno)) : ""),
                 .where = "standard output",
                 .remedy = "make room on the disk, or keep the reader of the output open, and run the command again"});
}

}  // namespace cohortium
