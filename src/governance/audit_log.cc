#include "governance/audit_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "crypto/hash.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

// nlohmann's objects are sorted by key; what is not UTF-8 is replaced rather than refused: an event must be logged.
std::string canonical(const json& object) { return object.dump(-1, ' ', false, json::error_handler_t::replace); }

std::filesystem::path head_path(std::filesystem::path path) { return path.replace_extension(".head"); }

[[noreturn]] void tampered(const std::filesystem::path& path, std::uint64_t line, const std::string& message) {
  throw Failure({.code = "audit.tampered",
                 .message = message,
                 .where = fmt::format("{}:{}", path.string(), line),
                 .rule = "the audit log is append-only",
                 .remedy = "keep the file as evidence, tell the other members, and compare with the heads they hold"});
}

[[noreturn]] void unwritable(const std::filesystem::path& path) {
  throw Failure({.code = "audit.unwritable",
                 .message = std::string("the audit log cannot be written: ") + std::strerror(errno),
                 .where = path.string(),
                 .remedy = "check permissions and free space; nothing is done that cannot be logged"});
}

// The line that follows `head`, checked; returns its hash.
std::string check_line(const std::filesystem::path& path, const AuditHead& head, const std::string& line) {
  const std::uint64_t number = head.sequence + 1;
  json entry = json::parse(line, nullptr, false);
  if (!entry.is_object() || canonical(entry) != line || !entry.contains("hash") || !entry["hash"].is_string()) {
    tampered(path, number, "the line is not an entry as this program writes it");
  }
  std::string hash = entry["hash"];
  entry.erase("hash");
  if (crypto::sha256_hex(canonical(entry)) != hash) tampered(path, number, "the line was altered");
  if (entry.value("seq", json()) != json(number) || entry.value("previous", json()) != json(head.hash)) {
    tampered(path, number, "the line does not follow the one before: lines were altered, removed, added or reordered");
  }
  return hash;
}

// Null for a log that has no head yet.
json read_head(const std::filesystem::path& path) {
  if (!std::filesystem::exists(head_path(path))) return json();
  json head = json::parse(read_file(head_path(path), 4096), nullptr, false);
  if (!head.is_object() || !head.value("seq", json()).is_number_unsigned() || !head.value("hash", json()).is_string()) {
    tampered(head_path(path), 1, "the head is not as this program writes it");
  }
  return head;
}

struct Verified {
  AuditHead head;
  std::uint64_t bytes = 0;  // of finished lines
};

Verified verify_all(const std::filesystem::path& path) {
  const json recorded = read_head(path);  // before the log: entries may be added meanwhile
  Verified verified;
  bool head_seen = recorded.is_null();
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line) && !in.eof();) {
    verified.head.hash = check_line(path, verified.head, line);
    ++verified.head.sequence;
    verified.bytes += line.size() + 1;
    if (!head_seen && verified.head.sequence == recorded["seq"]) {
      if (verified.head.hash != recorded["hash"]) {
        tampered(path, verified.head.sequence, "the line is not the one that was the last when the head was written");
      }
      head_seen = true;
    }
  }
  if (!head_seen) {
    tampered(path, verified.head.sequence + 1,
             fmt::format("the log ends here, but {} lines had been written", recorded["seq"].get<std::uint64_t>()));
  }
  // The head is written after every line: only a crash behind the very first leaves none.
  if (recorded.is_null() && verified.head.sequence > 1) tampered(head_path(path), 1, "the head was removed");
  return verified;
}

}  // namespace

struct AuditLog::State {
  std::filesystem::path path;
  int file = -1;
  mutable std::mutex mutex;
  AuditHead head;
  std::uint64_t bytes = 0;
  bool broken = false;  // an unfinished line could not be cut off: only opening anew may repair that

  ~State() {
    if (file >= 0) ::close(file);  // and with it the lock
  }

  void write_line(const std::string& line) {
    if (broken) unwritable(path);
    std::size_t written = 0;
    while (written < line.size()) {
      const ssize_t count = ::write(file, line.data() + written, line.size() - written);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      written += static_cast<std::size_t>(count);
    }
    if (written == line.size() && ::fsync(file) == 0) return;
    const int reason = errno;
    broken = !cut_at(bytes);
    errno = reason;
    unwritable(path);
  }

  bool cut_at(std::uint64_t size) const {
    return ::ftruncate(file, static_cast<off_t>(size)) == 0 && ::fsync(file) == 0;
  }

  void write_head() const {
    write_file(head_path(path), canonical({{"hash", head.hash}, {"seq", head.sequence}}) + "\n",
               FileAccess::kOwnerOnly);
  }
};

AuditLog::AuditLog(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (state_->file < 0) unwritable(path);
  if (::flock(state_->file, LOCK_EX | LOCK_NB) != 0) {
    throw Failure({.code = "audit.in_use",
                   .message = "another process writes this audit log",
                   .where = path.string(),
                   .remedy = "stop the other node, or give this one a folder of its own"});
  }
  const Verified verified = verify_all(path);
  state_->head = verified.head;
  state_->bytes = verified.bytes;
  if (std::filesystem::file_size(path) > verified.bytes && !state_->cut_at(verified.bytes)) unwritable(path);
  if (verified.head.sequence > 0) state_->write_head();
}

AuditLog::~AuditLog() = default;

AuditHead AuditLog::append(std::string_view event, std::string_view study, const json& detail) {
  const std::lock_guard lock(state_->mutex);
  AuditHead next{.sequence = state_->head.sequence + 1, .hash = ""};
  json entry = {{"seq", next.sequence}, {"time", timestamp()},           {"event", event},
                {"study", study},       {"previous", state_->head.hash}, {"detail", detail}};
  next.hash = crypto::sha256_hex(canonical(entry));
  entry["hash"] = next.hash;
  const std::string line = canonical(entry) + "\n";
  state_->write_line(line);
  state_->bytes += line.size();
  state_->head = next;
  state_->write_head();
  return next;
}

AuditHead AuditLog::head() const {
  const std::lock_guard lock(state_->mutex);
  return state_->head;
}

AuditHead AuditLog::verify(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path) && !std::filesystem::exists(head_path(path))) {
    throw Failure({.code = "file.missing",
                   .message = "there is no audit log",
                   .where = path.string(),
                   .remedy = "check the path"});
  }
  return verify_all(path).head;
}

}  // namespace cohortium::governance
