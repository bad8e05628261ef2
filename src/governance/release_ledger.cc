#include "governance/release_ledger.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "crypto/hash.h"

namespace cohortium::governance {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "files are written as they lie in memory");

constexpr std::size_t most_line = std::size_t{1} << 20, most_file = std::size_t{1} << 34;
constexpr std::chrono::seconds patience{30};

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Failure({.code = "release.bad_ledger",
                 .message = what,
                 .where = path.string(),
                 .remedy = "restore the file; without it the node cannot tell whom earlier releases were of"});
}

bool is_hexadecimal(const std::string& text, std::size_t length) {
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

struct Entry {
  Release release = {};
  std::string content = {};
  std::size_t rows = 0;
};

// From a file's first line; nothing where it is not as this program writes it.
std::optional<Entry> parse(const std::string& run, const std::string& line) {
  json head = json::parse(line, nullptr, false);
  if (!head.is_object() || !head.contains("seal")) return std::nullopt;
  const json seal = head["seal"];
  head.erase("seal");
  if (seal != crypto::sha256_hex(head.dump())) return std::nullopt;
  Entry entry{.release = {.run = run}};
  for (const auto& [name, field] :
       {std::pair("study", &entry.release.study), {"time", &entry.release.time}, {"content", &entry.content}}) {
    if (!head.contains(name) || !head[name].is_string()) return std::nullopt;
    *field = head[name];
  }
  const auto is_count = [&](const json& value) { return value.is_number_unsigned() && value < most_file; };
  if (!head.contains("rows") || !is_count(head["rows"]) || !head.contains("minimum") || !is_count(head["minimum"]) ||
      !head.contains("families") || !head["families"].is_array() || head["families"].empty())
    return std::nullopt;
  entry.rows = head["rows"];
  entry.release.shape = {.minimum = head["minimum"], .families = {}};
  for (const json& groups : head["families"]) {
    if (!is_count(groups) || groups > std::size_t{study::no_group}) return std::nullopt;
    entry.release.shape.families.push_back(groups);
  }
  if (!is_hexadecimal(entry.release.study, 64) || !is_timestamp(entry.release.time)) return std::nullopt;
  return entry;
}

Entry read_head(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line(most_line, '\0');
  file.getline(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(std::strlen(line.c_str()));
  auto entry = file.good() ? parse(path.filename().string(), line) : std::nullopt;
  if (!entry) refuse(path, "the file is not a release as this program writes it");
  return *std::move(entry);
}

template <class T>
void append(std::string& out, const std::vector<T>& values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

template <class T>
std::vector<T> take(std::string_view& from, std::size_t count) {
  std::vector<T> values(count);
  if (count > 0) std::memcpy(values.data(), from.data(), count * sizeof(T));
  from.remove_prefix(count * sizeof(T));
  return values;
}

crypto::Seed key_in(const fs::path& folder) {
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms::owner_all);
  const fs::path path = folder / "key";
  crypto::Seed key;
  if (!fs::exists(path)) {
    key = crypto::random_seed();
    write_file(path, {reinterpret_cast<const char*>(key.data()), key.size()}, FileAccess::kOwnerOnly);
    return key;
  }
  const std::string bytes = read_file(path, 1024);
  if (bytes.size() != key.size()) refuse(path, "this is no key");
  std::memcpy(key.data(), bytes.data(), key.size());
  return key;
}

}  // namespace

struct ReleaseLedger::State {
  explicit State(const fs::path& at) : folder(at), key(key_in(at)) {
    for (const fs::directory_entry& file : fs::directory_iterator(folder))
      if (is_hexadecimal(file.path().filename().string(), 32))
        entries.emplace(file.path().filename().string(), read_head(file.path()));
  }

  const fs::path folder;
  const crypto::Seed key;
  std::timed_mutex turn;
  mutable std::mutex mutex;
  std::map<std::string, Entry> entries;  // by run
};

ReleaseLedger::ReleaseLedger(const fs::path& folder) : state_(std::make_unique<State>(folder)) {}

ReleaseLedger::~ReleaseLedger() = default;

crypto::KeyedHash ReleaseLedger::naming() const { return crypto::KeyedHash(state_->key); }

std::unique_lock<std::timed_mutex> ReleaseLedger::turn() {
  std::unique_lock lock(state_->turn, patience);
  if (lock.owns_lock()) return lock;
  throw Failure({.code = "release.busy",
                 .message = "another run at this site is being compared with earlier releases",
                 .remedy = "run the study again when that one has ended"});
}

std::vector<Release> ReleaseLedger::releases() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Release> all;
  for (const auto& [run, entry] : state_->entries) all.push_back(entry.release);
  return all;
}

study::ReleasedRows ReleaseLedger::rows(const Release& release) const {
  const fs::path path = state_->folder / release.run;
  Entry entry;
  {
    const std::lock_guard lock(state_->mutex);
    entry = state_->entries.at(release.run);
  }
  const std::string file = read_file(path, most_file);
  std::string_view body = file;
  body.remove_prefix(std::min(body.find('\n'), body.size() - 1) + 1);
  const std::vector<std::size_t>& families = entry.release.shape.families;
  if (body.size() != entry.rows * (sizeof(std::uint64_t) + families.size() * sizeof(std::uint16_t)) ||
      crypto::sha256_hex(body) != entry.content)
    refuse(path, "the file is not what was recorded");
  study::ReleasedRows rows{.names = take<std::uint64_t>(body, entry.rows), .groups = {}};
  for (std::size_t f = 0; f < families.size(); ++f) rows.groups.push_back(take<std::uint16_t>(body, entry.rows));
  return rows;
}

void ReleaseLedger::record(const Release& release, const study::ReleasedRows& rows) {
  COHORTIUM_CHECK(is_hexadecimal(release.run, 32) && rows.groups.size() == release.shape.families.size());
  std::string body;
  body.reserve(rows.names.size() * (sizeof(std::uint64_t) + rows.groups.size() * sizeof(std::uint16_t)));
  append(body, rows.names);
  for (const auto& family : rows.groups) append(body, family);
  Entry entry{.release = release, .content = crypto::sha256_hex(body), .rows = rows.names.size()};
  const std::lock_guard lock(state_->mutex);
  for (const auto& [run, known] : state_->entries)
    if (known.release.study == release.study && known.content == entry.content && known.rows == entry.rows) return;
  json head = {{"content", entry.content},         {"families", release.shape.families},
               {"minimum", release.shape.minimum}, {"rows", entry.rows},
               {"study", release.study},           {"time", release.time}};
  head["seal"] = crypto::sha256_hex(head.dump());
  const auto written = attempt([&] {
    write_file(state_->folder / release.run, head.dump() + "\n" + body, FileAccess::kOwnerOnly);
    return true;
  });
  if (!written.ok())
    throw Failure({.code = "release.unwritable",
                   .message = "what this run releases cannot be recorded: " + written.error().message,
                   .where = written.error().where,
                   .remedy = "check permissions and free space; nothing is shared that is not recorded"});
  state_->entries.insert_or_assign(release.run, std::move(entry));
}

}  // namespace cohortium::governance
