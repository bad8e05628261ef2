#include "cli/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"

namespace cohortium::cli {
namespace {

[[noreturn]] void no_passphrase(const std::string& message, const std::filesystem::path& key) {
  throw Failure({.code = "key.no_passphrase",
                 .message = message,
                 .where = key.string(),
                 .remedy = "type it at a terminal, or name a credential file"});
}

// The terminal with its echo off, for as long as this lives.
class QuietTerminal {
 public:
  QuietTerminal() : file_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (file_ < 0 || ::tcgetattr(file_, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_quiet_ = ::tcsetattr(file_, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (is_quiet_) ::tcsetattr(file_, TCSAFLUSH, &before_);
    if (file_ >= 0) ::close(file_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  bool usable() const { return is_quiet_; }
  net::Passphrase ask(const std::string& question) const {
    say(question + ": ");
    net::Passphrase line;
    for (char c = 0; ::read(file_, &c, 1) == 1 && c != '\n' && line.size() < 4096;) line.push_back(c);
    say("\n");
    return line;
  }

 private:
  void say(const std::string& text) const { static_cast<void>(!::write(file_, text.data(), text.size())); }
  int file_;
  termios before_{};
  bool is_quiet_ = false;
};

net::Passphrase ask(const std::filesystem::path& key, const char* what, bool twice) {
  const QuietTerminal terminal;
  if (!terminal.usable()) no_passphrase("the key has a passphrase, and there is no terminal to ask for it", key);
  net::Passphrase passphrase = terminal.ask(what + (" of " + key.string()));
  if (twice && terminal.ask("Once more") != passphrase) no_passphrase("the two passphrases differ", key);
  return passphrase;
}

}  // namespace

net::Passphrase passphrase_of(const std::filesystem::path& key, const std::filesystem::path& credential) {
  return credential.empty() ? ask(key, "Passphrase", false) : governance::read_credential(credential);
}

net::Passphrase new_passphrase_for(const std::filesystem::path& key, const NewPassphrase& source) {
  if (!source.new_credential.empty()) return governance::create_credential(source.new_credential);
  if (!source.credential.empty()) return governance::read_credential(source.credential);
  return ask(key, "New passphrase", true);
}

governance::Identity open_identity(const std::filesystem::path& path, const std::filesystem::path& credential) {
  const governance::IdentityFiles files = governance::identity_files(path);
  return governance::load_identity(files, passphrase_of(files.key, credential));
}

}  // namespace cohortium::cli
