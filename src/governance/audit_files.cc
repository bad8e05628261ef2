#include "governance/audit_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

[[noreturn]] void tampered(const std::filesystem::path& file, std::uint64_t line, const std::string& message) {
  throw Failure(
      {.code = "audit.tampered",
       .message = message,
       .where = fmt::format("{}:{}", file.string(), line),
       .rule = "the audit log is append-only",
       .remedy = "keep the folder as evidence, tell the other members, and compare with the heads they hold"});
}

// The newest whole head. One slot may be blank, or half written by a crash.
TreeHead read_head(const std::filesystem::path& path, const SignatureCheck& check) {
  const std::string text = read_file(path, 2 * head_slot_bytes);
  std::optional<TreeHead> newest;
  std::optional<Error> refusal;
  for (std::size_t begin = 0; begin < text.size(); begin += head_slot_bytes) {
    const json slot = json::parse(text.substr(begin, head_slot_bytes), nullptr, false);
    if (slot.is_discarded()) continue;
    auto head = attempt([&] { return tree_head_from_json(slot, check); });
    if (!head.ok()) {
      refusal = head.error();
    } else if (!newest || newest->size <= head.value().size) {
      newest = std::move(head).value();
    }
  }
  if (newest) return *newest;
  if (refusal) throw Failure(*refusal);
  tampered(path, 1, "the head was altered or removed");
}

// One pass over the entries, beside the hashes that were stored for them.
class Scanner {
 public:
  Scanner(const std::filesystem::path& folder, const SignatureCheck& check, std::vector<TreeHead> others)
      : paths_(audit_paths(folder)), others_(std::move(others)), stored_(paths_.hashes, 4096) {
    if (!std::filesystem::exists(paths_.entries) && !std::filesystem::exists(paths_.head)) {
      throw Failure({.code = "file.missing",
                     .message = "there is no audit log",
                     .where = folder.string(),
                     .remedy = "name the folder that holds entries.jsonl"});
    }
    if (!std::filesystem::exists(paths_.head)) tampered(paths_.head, 1, "the head was removed");
    scan_.head = read_head(paths_.head, check);
    std::erase_if(others_, [&](const TreeHead& other) { return other.node != scan_.head.node; });
    std::sort(others_.begin(), others_.end(), [](const auto& a, const auto& b) { return a.size < b.size; });
  }

  AuditScan scan() {
    std::ifstream in(paths_.entries, std::ios::binary);
    bool follows = true;
    for (std::string line; follows && std::getline(in, line) && !in.eof();) {
      if (scan_.sealed.size() < scan_.head.size) {
        follows = add_sealed(line);
      } else {
        add_unsealed(line);
      }
      scan_.bytes += line.size() + 1;
    }
    if (scan_.sealed.size() < scan_.head.size || scan_.sealed.root() != scan_.head.root) name_the_first_bad_entry();
    compare_with_others();
    return std::move(scan_);
  }

 private:
  // False for a line that cannot be the next entry.
  bool add_sealed(const std::string& line) {
    if (entry_number(line) != scan_.sealed.size() + 1) return false;
    const Digest leaf = leaf_hash(line);
    if (scan_.sealed.size() == 0) first_leaf_ = to_hex(leaf);
    const std::uint64_t index = scan_.sealed.size();
    scan_.sealed.add(leaf, [&](const Digest& hash) {
      if (stored_.at(position_++) == hash) return;
      scan_.hashes_fit = false;
      if (!first_difference_) first_difference_ = index;
    });
    if (line.find("\"event\":\"node.started\",\"study\":\"\"") != std::string::npos) scan_.last_start = line;
    for (; next_other_ < others_.size() && others_[next_other_].size <= scan_.sealed.size(); ++next_other_) {
      const TreeHead& other = others_[next_other_];
      const bool fits = other.size == 0 || (other.root == scan_.sealed.root() && other.log == first_leaf_);
      if (fits) last_good_ = std::max(last_good_, other.size);
      if (!fits && !misfit_) misfit_ = other;
    }
    scan_.sealed_bytes += line.size() + 1;
    return true;
  }

  void add_unsealed(const std::string& line) {
    const std::uint64_t number = scan_.head.size + scan_.unsealed.size() + 1;
    const json entry = json::parse(line, nullptr, false);
    if (!entry.is_object() || entry.dump() != line || entry_number(line) != number)
      tampered(paths_.entries, number, "the line does not follow the one before: it was added");
    scan_.unsealed.push_back(line);
  }

  [[noreturn]] void name_the_first_bad_entry() {
    const TreeHead& head = scan_.head;
    const std::uint64_t read = scan_.sealed.size();
    const auto stored_root = attempt(
        [&] { return root_of(head.size, [&](std::uint64_t position) { return stored_.at(position).value(); }); });
    if (stored_root.ok() && stored_root.value() == head.root) {
      const std::uint64_t first = std::min(read, first_difference_.value_or(read)) + 1;
      tampered(paths_.entries, first,
               first <= read ? fmt::format("entry {} was altered", first)
                             : fmt::format("entry {} is missing: {} had been sealed", first, head.size));
    }
    if (read < head.size)
      tampered(
          paths_.entries, read + 1,
          fmt::format("entry {} is missing: {} had been sealed, and hashes do not fit either", read + 1, head.size));
    const std::uint64_t until = misfit_ ? misfit_->size : head.size;
    tampered(paths_.entries, last_good_ + 1,
             fmt::format(
                 "one of the entries {} to {} was altered, the first of them unless hashes tell more: the head of {} "
                 "does not fit, and the stored hashes were changed, too",
                 last_good_ + 1, until, misfit_ ? misfit_->time : head.time));
  }

  void compare_with_others() const {
    const TreeHead& head = scan_.head;
    if (misfit_) {
      throw Failure(
          {.code = "audit.forked",
           .message = fmt::format("{} has signed two histories: its head of {} entries of {} does not belong to "
                                  "this log; entries {} to {} are not those that others were shown",
                                  head.node, misfit_->size, misfit_->time, last_good_ + 1, misfit_->size),
           .where = fmt::format("{}:{}", paths_.entries.string(), last_good_ + 1),
           .rule = "a node has one audit log, which only grows",
           .remedy = "keep this folder and both heads as evidence against " + head.node +
                     "; do not compute with it until its member has explained"});
    }
    if (next_other_ < others_.size()) {
      throw Failure({.code = "audit.shorter",
                     .message = fmt::format("{} signed {} entries, of which this log has {}: entry {} is missing",
                                            head.node, others_.back().size, head.size, head.size + 1),
                     .where = fmt::format("{}:{}", paths_.entries.string(), head.size + 1),
                     .rule = "a node has one audit log, which only grows",
                     .remedy = "if the log was copied before the heads, copy it again; else it was cut, or set back to "
                               "an older copy"});
    }
  }

  const AuditPaths paths_;
  std::vector<TreeHead> others_;
  HashFile stored_;
  AuditScan scan_;
  std::string first_leaf_;
  std::uint64_t position_ = 0;
  std::optional<std::uint64_t> first_difference_;  // from the stored hashes
  std::size_t next_other_ = 0;
  std::uint64_t last_good_ = 0;  // size of the last of the others' heads that fits
  std::optional<TreeHead> misfit_;
};

}  // namespace

AuditPaths audit_paths(const std::filesystem::path& folder) {
  return {.entries = folder / "entries.jsonl",
          .hashes = folder / "hashes",
          .head = folder / "head",
          .heads = folder / "heads.jsonl",
          .forks = folder / "forks"};
}

HashFile::HashFile(const std::filesystem::path& path, std::size_t read_at_once)
    : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), read_at_once_(read_at_once) {}

HashFile::~HashFile() {
  if (file_ >= 0) ::close(file_);
}

std::optional<Digest> HashFile::at(std::uint64_t position) {
  if (position < block_begin_ || position >= block_begin_ + block_.size()) {
    block_.resize(read_at_once_);
    block_begin_ = position;
    const ssize_t count =
        ::pread(file_, block_.data(), block_.size() * sizeof(Digest), static_cast<off_t>(position * sizeof(Digest)));
    block_.resize(count > 0 ? static_cast<std::size_t>(count) / sizeof(Digest) : 0);
  }
  if (block_.empty()) return std::nullopt;
  return block_[position - block_begin_];
}

AuditScan scan_audit_log(const std::filesystem::path& folder, const SignatureCheck& check,
                         std::vector<TreeHead> others) {
  return Scanner(folder, check, std::move(others)).scan();
}

std::optional<std::uint64_t> entry_number(std::string_view line) {
  static constexpr std::string_view name = ",\"entry\":";
  const std::size_t at = line.rfind(name);  // what stands behind it, event, study and time, holds no quotation marks
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  const char* const begin = line.data() + at + name.size();
  if (std::from_chars(begin, line.data() + line.size(), number).ptr == begin) return std::nullopt;
  return number;
}

std::string entry_text(const std::filesystem::path& entries, std::uint64_t number, std::uint64_t bytes) {
  return read_entries(entries, number, bytes, 0).front();
}

std::vector<std::string> read_entries(const std::filesystem::path& entries, std::uint64_t first, std::uint64_t bytes,
                                      std::size_t enough) {
  std::ifstream in(entries, std::ios::binary);
  std::string line;
  // The entry begins at a line's beginning in [low, high).
  for (std::uint64_t low = 0, high = bytes; low < high;) {
    const std::uint64_t middle = low + (high - low) / 2;
    in.clear();
    in.seekg(static_cast<std::streamoff>(middle == 0 ? 0 : middle - 1));
    if (middle > 0 && !std::getline(in, line)) break;  // the rest of the line in which `middle` lies
    const auto begin = static_cast<std::uint64_t>(in.tellg());
    if (begin >= high) {
      high = middle;
      continue;
    }
    if (!std::getline(in, line)) break;
    const auto found = entry_number(line);
    if (found == first) {
      std::vector<std::string> lines = {line};
      std::size_t size = line.size();
      while (size < enough && static_cast<std::uint64_t>(in.tellg()) < bytes && std::getline(in, line)) {
        size += line.size();
        lines.push_back(line);
      }
      return lines;
    }
    if (found && *found < first) {
      low = begin + line.size() + 1;
    } else {
      high = middle;
    }
  }
  throw Failure({.code = "audit.no_entry",
                 .message = fmt::format("there is no entry {}", first),
                 .where = entries.string(),
                 .remedy = "entries are numbered from 1; `cohortium audit show` lists them"});
}

std::string head_slot(const TreeHead& head) {
  std::string text = to_json(head).dump();
  COHORTIUM_CHECK(text.size() < head_slot_bytes);
  text.resize(head_slot_bytes - 1, ' ');
  return text + "\n";
}

std::string hashes_of(std::string_view entries, std::uint64_t count) {
  std::string hashes;
  MerkleFrontier tree;
  for (std::size_t from = 0; tree.size() < count;) {
    const std::size_t to = entries.find('\n', from);
    tree.add(leaf_hash(entries.substr(from, to - from)),
             [&](const Digest& hash) { hashes.append(reinterpret_cast<const char*>(hash.data()), hash.size()); });
    from = to + 1;
  }
  return hashes;
}

}  // namespace cohortium::governance
