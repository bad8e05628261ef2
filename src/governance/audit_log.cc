#include "governance/audit_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "governance/audit_files.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

// nlohmann's objects are sorted by key; what is not UTF-8 is replaced rather than refused: an event must be logged.
std::string canonical(const json& object) { return object.dump(-1, ' ', false, json::error_handler_t::replace); }

[[noreturn]] void unwritable(const std::filesystem::path& path) {
  throw Failure({.code = "audit.unwritable",
                 .message = std::string("the audit log cannot be written: ") + std::strerror(errno),
                 .where = path.string(),
                 .remedy = "check permissions and free space; nothing is done that cannot be logged"});
}

class File {
 public:
  explicit File(std::filesystem::path path)
      : path_(std::move(path)), file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ < 0) unwritable(path_);
  }
  ~File() { ::close(file_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool lock() const { return ::flock(file_, LOCK_EX | LOCK_NB) == 0; }
  void write(std::uint64_t at, std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) unwritable(path_);
      at += static_cast<std::uint64_t>(count);
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void sync() const {
    if (::fdatasync(file_) != 0) unwritable(path_);
  }
  bool cut_at(std::uint64_t size) const {
    return ::ftruncate(file_, static_cast<off_t>(size)) == 0 && ::fdatasync(file_) == 0;
  }

 private:
  const std::filesystem::path path_;
  const int file_;
};

std::string_view raw(const std::vector<Digest>& hashes) {
  return {reinterpret_cast<const char*>(hashes.data()), hashes.size() * sizeof(Digest)};
}

}  // namespace

struct AuditLog::State {
  // An entry that a thread waits for.
  struct Waiting {
    std::string detail, event, study;
    std::uint64_t number = 0;
    std::optional<Error> error = {};
    bool done = false;
  };

  const std::filesystem::path folder;
  const AuditPaths paths = audit_paths(folder);
  const std::string node;
  const Signer signer;
  std::string last_start = {};
  std::uint64_t recovered = 0;  // entries that opening found behind the head

  // Made when the log is opened.
  std::unique_ptr<File> entries = {}, hashes = {}, heads = {};

  // Of the one thread that writes.
  MerkleFrontier tree = {};
  std::uint64_t bytes = 0;
  unsigned slot = 0;
  bool broken = false;  // a failed write could not be undone: only opening anew may repair that

  mutable std::mutex mutex = {};
  std::condition_variable changed = {};
  std::vector<Waiting*> queue = {};
  bool writing = false;
  TreeHead head = {};

  void create() {
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    TreeHead empty{.node = node, .root = MerkleFrontier().root(), .time = timestamp()};
    sign(empty, signer);
    // Before the entries: a log with entries and without a head has been tampered with.
    write_file(paths.head, head_slot(empty) + std::string(head_slot_bytes, ' '), FileAccess::kOwnerOnly);
    write_file(paths.entries, "", FileAccess::kOwnerOnly);
  }

  void open(const SignatureCheck& check) {
    if (!std::filesystem::exists(paths.head) && !std::filesystem::exists(paths.entries)) create();
    heads = std::make_unique<File>(paths.head);
    if (!heads->lock()) {
      throw Failure({.code = "audit.in_use",
                     .message = "another process writes this audit log",
                     .where = folder.string(),
                     .remedy = "stop the other node, or give this one a folder of its own"});
    }
    const AuditScan scan = scan_audit_log(folder, check);
    if (scan.head.node != node) {
      throw Failure({.code = "audit.other_node",
                     .message = "this is the audit log of " + scan.head.node + ", not of " + node,
                     .where = folder.string(),
                     .remedy = "give every node a state folder of its own"});
    }
    entries = std::make_unique<File>(paths.entries);
    hashes = std::make_unique<File>(paths.hashes);
    tree = scan.sealed;
    bytes = scan.sealed_bytes;
    head = scan.head;
    last_start = scan.last_start;
    // From the entries, which the head vouches for.
    if (!scan.hashes_fit) hashes->write(0, hashes_of(read_file(paths.entries, std::size_t{1} << 40), tree.size()));
    if (!entries->cut_at(scan.bytes)) unwritable(paths.entries);
    // Into the slot that does not hold the newest head.
    slot = read_file(paths.head, 2 * head_slot_bytes).starts_with(head_slot(head)) ? 1 : 0;
    recovered = scan.unsealed.size();
    if (recovered == 0) return;
    for (const std::string& line : scan.unsealed) add_to_tree(line);
    bytes = scan.bytes;
    seal();
  }

  void add_to_tree(std::string_view line) {
    const std::uint64_t at = stored_hashes(tree.size());
    std::vector<Digest> completed;
    tree.add(leaf_hash(line), [&](const Digest& hash) { completed.push_back(hash); });
    hashes->write(at * sizeof(Digest), raw(completed));
  }

  // Signs what the tree holds, and puts it on disk.
  void seal() {
    TreeHead next{.node = node, .log = head.log, .size = tree.size(), .root = tree.root(), .time = timestamp()};
    if (next.log.empty()) next.log = to_hex(*HashFile(paths.hashes).at(0));
    sign(next, signer);
    heads->write(slot * head_slot_bytes, head_slot(next));
    heads->sync();
    slot ^= 1;
    const std::lock_guard lock(mutex);
    head = next;
  }

  void write(const std::vector<Waiting*>& batch) {
    if (broken) {
      errno = EIO;
      unwritable(paths.entries);
    }
    const MerkleFrontier before = tree;
    const std::uint64_t begin = bytes;
    try {
      std::string text;
      std::vector<Digest> completed;
      const std::uint64_t at = stored_hashes(tree.size());
      for (Waiting* entry : batch) {
        entry->number = tree.size() + 1;
        const std::string line = fmt::format(R"({{"detail":{},"entry":{},"event":{},"study":{},"time":"{}"}})",
                                             entry->detail, entry->number, entry->event, entry->study, timestamp());
        tree.add(leaf_hash(line), [&](const Digest& hash) { completed.push_back(hash); });
        text.append(line).push_back('\n');
      }
      entries->write(bytes, text);
      entries->sync();
      hashes->write(at * sizeof(Digest), raw(completed));
      bytes += text.size();
      seal();
    } catch (...) {
      tree = before;
      bytes = begin;
      broken = !undo();
      throw;
    }
  }

  // After a failed write nobody knows what of it is on disk. The old head first: entries are missing only to a newer one.
  bool undo() const {
    const auto undone = attempt([&] {
      heads->write(slot * head_slot_bytes, head_slot(head));
      heads->sync();
      return entries->cut_at(bytes);
    });
    return undone.ok() && undone.value();
  }

  void append(Waiting& entry) {
    std::unique_lock lock(mutex);
    queue.push_back(&entry);
    while (!entry.done) {
      if (writing) {
        changed.wait(lock);
        continue;
      }
      writing = true;  // for all who wait now
      std::vector<Waiting*> batch;
      batch.swap(queue);
      lock.unlock();
      const auto written = attempt([&] { return write(batch), true; });
      lock.lock();
      writing = false;
      for (Waiting* each : batch) {
        if (!written.ok()) each->error = written.error();
        each->done = true;
      }
      changed.notify_all();
    }
  }
};

AuditLog::AuditLog(const std::filesystem::path& folder, std::string node, Signer signer, const SignatureCheck& check)
    : state_(new State{.folder = folder, .node = std::move(node), .signer = std::move(signer)}) {
  state_->open(check);
  if (state_->recovered > 0) append("log.recovered", "", {{"entries", state_->recovered}});
}

AuditLog::~AuditLog() = default;

std::uint64_t AuditLog::append(std::string_view event, std::string_view study, const json& detail) {
  State::Waiting entry{
      .detail = canonical(detail), .event = canonical(std::string(event)), .study = canonical(std::string(study))};
  state_->append(entry);
  if (entry.error) throw Failure(*entry.error);
  return entry.number;
}

TreeHead AuditLog::head() const {
  const std::lock_guard lock(state_->mutex);
  return state_->head;
}

const std::string& AuditLog::last_start() const { return state_->last_start; }
const std::filesystem::path& AuditLog::folder() const { return state_->folder; }

std::string AuditLog::entry(std::uint64_t number) const {
  if (number < 1 || number > head().size) number = head().size + 1;  // which there is not
  return entry_text(state_->paths.entries, number, std::filesystem::file_size(state_->paths.entries));
}

std::vector<std::string> AuditLog::entries(std::uint64_t first, std::size_t enough) const {
  return read_entries(state_->paths.entries, first, std::filesystem::file_size(state_->paths.entries), enough);
}

Digest AuditLog::root_at(std::uint64_t size) const {
  HashFile file(state_->paths.hashes);
  return root_of(size, [&](std::uint64_t position) { return file.at(position).value(); });
}

std::vector<Digest> AuditLog::inclusion(std::uint64_t number, std::uint64_t size) const {
  HashFile file(state_->paths.hashes);
  return inclusion_proof(number - 1, size, [&](std::uint64_t position) { return file.at(position).value(); });
}

std::vector<Digest> AuditLog::consistency(std::uint64_t first, std::uint64_t second) const {
  HashFile file(state_->paths.hashes);
  return consistency_proof(first, second, [&](std::uint64_t position) { return file.at(position).value(); });
}

}  // namespace cohortium::governance
