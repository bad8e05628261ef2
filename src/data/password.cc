#include "data/password.h"

#include "base/buffer.h"
#include "base/file.h"

namespace cohortium::data {

constexpr std::size_t kLongestPassword = 1024;

Password::Password(const std::filesystem::path& file) {
  if (file.empty()) return;
  text_ = read_file(file, kLongestPassword);
  while (!text_.empty() && (text_.back() == '\n' || text_.back() == '\r')) text_.pop_back();
}

Password::~Password() { wipe(text_.data(), text_.size()); }

}  // namespace cohortium::data
