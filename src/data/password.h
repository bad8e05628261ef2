// A password that a file holds on one line, and that wipes itself.
#pragma once

#include <filesystem>
#include <string>

namespace cohortium::data {

class Password {
 public:
  // Without a file the password is empty. Fails with file.*.
  explicit Password(const std::filesystem::path& file);
  ~Password();
  Password(const Password&) = delete;
  Password& operator=(const Password&) = delete;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace cohortium::data
