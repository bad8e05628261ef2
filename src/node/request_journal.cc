#include "node/request_journal.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/buffer.h"
#include "base/file.h"
#include "crypto/hash.h"
#include "crypto/random_generator.h"

namespace cohortium::node {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::chrono::hours kept{24};
constexpr std::chrono::hours forgetting_interval{1};
constexpr std::chrono::seconds longest_wait{20};
constexpr std::size_t largest_record = std::size_t{256} << 20;

void check_key(const std::string& key) {
  const bool good =
      key.size() >= 8 && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
      });
  if (good) return;
  throw Failure({.code = "node.bad_idempotency_key",
                 .message = key.empty() ? "the request changes something and has no Idempotency-Key"
                                        : "the Idempotency-Key is not 8 to 64 letters, digits, - and _",
                 .rule = "whatever changes something bears a key of its caller's choice, so that it can be repeated",
                 .remedy = "send a new random one with every new request, and the same one when you repeat it"});
}

std::string digest_of(const Request& request) {
  std::string text = request.head.method + " " + request.head.path + "?" + request.head.query + "\n";
  return crypto::sha256_hex(text + request.body);
}

[[noreturn]] void refuse_other_request(const Request& request) {
  throw Failure({.code = "node.key_reused",
                 .message = request.caller + " has used this Idempotency-Key for another request",
                 .rule = "a key names one request",
                 .remedy = "send a new random key with every new request"});
}

// In the order of their last change.
std::vector<std::pair<fs::file_time_type, fs::path>> records_in(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> records;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    records.emplace_back(entry.last_write_time(ignored), entry.path());
  std::sort(records.begin(), records.end());
  return records;
}

}  // namespace

// While one thread works on a request, others that repeat it wait for it.
class RequestJournal::Turn {
 public:
  Turn(RequestJournal& journal, const Request& request, std::string file) : journal_(journal), file_(std::move(file)) {
    std::unique_lock lock(journal_.mutex_);
    const auto deadline = std::chrono::steady_clock::now() + longest_wait;
    while (journal_.running_.contains(file_)) {
      journal_.changed_.wait_for(lock, std::chrono::milliseconds(100));
      if (std::chrono::steady_clock::now() < deadline && !request.caller_is_gone()) continue;
      throw Failure({.code = "node.request_running",
                     .message = "this very request is still being worked on",
                     .remedy = "repeat it with the same key in a while"});
    }
    journal_.running_.insert(file_);
  }
  ~Turn() {
    const std::lock_guard lock(journal_.mutex_);
    journal_.running_.erase(file_);
    journal_.changed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  RequestJournal& journal_;
  const std::string file_;
};

RequestJournal::RequestJournal(const fs::path& state, std::size_t most_per_caller)
    : folder_(state / "requests"), most_per_caller_(most_per_caller) {
  fs::create_directories(folder_);
  for (const auto& caller : fs::directory_iterator(folder_))
    for (const auto& [time, file] : records_in(caller.path()))
      if (file.extension().string().starts_with(".new")) fs::remove(file);  // half written (base/file.h)
  forget_old();
}

fs::path RequestJournal::file_of(const Request& request) const {
  check_key(request.head.idempotency_key);
  return folder_ / request.caller / (crypto::sha256_hex(request.head.idempotency_key) + ".json");
}

json RequestJournal::once(Request request, const std::function<json(const Request&)>& act) {
  const fs::path file = file_of(request);
  const std::string digest = digest_of(request);
  const Turn turn(*this, request, file.string());
  json record = begin(request, file, digest);
  if (record.at("finished") == false) {
    const Result<json> done = attempt([&] { return act(request); });
    record["finished"] = true;
    record[done.ok() ? "answer" : "error"] = done.ok() ? done.value() : to_json(done.error());
    write_file(file, record.dump(-1, ' ', false, json::error_handler_t::replace), FileAccess::kOwnerOnly);
  }
  if (record.contains("error")) throw Failure(error_from_json(record["error"]));
  return record.at("answer");
}

// What is known of the request; nothing may be done before that is on disk.
json RequestJournal::begin(Request& request, const fs::path& file, const std::string& digest) {
  if (fs::exists(file)) {
    json record = json::parse(read_file(file, largest_record));
    if (record.at("request") != digest) refuse_other_request(request);
    request.resumed = true;
    request.token = record.at("token");
    return record;
  }
  {
    const std::lock_guard lock(mutex_);
    if (std::chrono::steady_clock::now() >= next_forgetting_) forget_old();
    if (kept_[request.caller]++ >= most_per_caller_) forget_most(file.parent_path());
  }
  request.token = to_hex(bytes_of(crypto::random_seed()));
  json record = {{"request", digest}, {"token", request.token}, {"finished", false}};
  fs::create_directories(file.parent_path());
  write_file(file, record.dump(), FileAccess::kOwnerOnly);
  return record;
}

void RequestJournal::forget_old() {
  next_forgetting_ = std::chrono::steady_clock::now() + forgetting_interval;
  const auto oldest = fs::file_time_type::clock::now() - kept;
  kept_.clear();
  for (const auto& caller : fs::directory_iterator(folder_)) {
    std::size_t& count = kept_[caller.path().filename().string()];
    for (const auto& [time, file] : records_in(caller.path())) {
      if (time < oldest && !running_.contains(file.string())) {
        fs::remove(file);
      } else {
        ++count;
      }
    }
  }
}

// A quarter of a caller's, the oldest.
void RequestJournal::forget_most(const fs::path& folder) {
  const auto records = records_in(folder);
  std::size_t count = records.size();
  for (const auto& [time, file] : records) {
    if (count <= most_per_caller_ * 3 / 4) break;
    if (running_.contains(file.string())) continue;
    fs::remove(file);
    --count;
  }
  kept_[folder.filename().string()] = count + 1;
}

void refuse_interrupted(const Request& request, const std::string& where) {
  if (!request.resumed) return;
  throw Failure({.code = "node.request_interrupted",
                 .message = "the node was stopped while it worked on this request; what it had begun has ended",
                 .where = where,
                 .rule = "what takes part in a run is done once",
                 .remedy = "start a new run"});
}

}  // namespace cohortium::node
