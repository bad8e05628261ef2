#include "node/event_feed.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace cohortium::node {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

constexpr std::uint64_t most_entries = 100'000;
constexpr std::size_t bytes_at_once = 65536;
constexpr std::chrono::seconds heartbeat{5};
constexpr std::chrono::seconds look_interval{1};  // whether the caller has gone
constexpr std::chrono::hours longest_stream{1};

constexpr std::array<std::string_view, 6> told = {std::string_view("study.submitted"),
                                                  "study.approved",
                                                  "study.withdrawn",
                                                  "run.started",
                                                  "run.finished",
                                                  "run.failed"};
// Of an entry's detail: what other requests show the same callers.
constexpr std::array<const char*, 5> shown = {"run", "by", "analyst", "expires", "code"};

std::string event_text(const std::string& id, const std::string& event, const json& data) {
  return id + "event: " + event + "\ndata: " + data.dump(-1, ' ', false, json::error_handler_t::replace) + "\n\n";
}

// Empty where callers are not told of this entry.
std::string event_of(const std::string& line, const std::string& study) {
  const json entry = json::parse(line);
  const std::string event = entry.at("event"), about = entry.at("study");
  const json& detail = entry.at("detail");
  if (std::find(told.begin(), told.end(), event) == told.end() || (!study.empty() && about != study)) return "";
  // A node's own part in a run that failed; the coordinator's verdict on the whole run says where.
  if (event == "run.failed" && !detail.contains("where")) return "";
  json data = {{"study", about}, {"time", entry.at("time")}};
  for (const char* key : shown)
    if (detail.contains(key)) data[key] = detail[key];
  return event_text("id: " + std::to_string(entry.at("entry").get<std::uint64_t>()) + "\n", event, data);
}

}  // namespace

void EventFeed::changed() {
  {
    const std::lock_guard lock(mutex_);
    ++changes_;
  }
  condition_.notify_all();
}

void EventFeed::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  condition_.notify_all();
}

std::uint64_t EventFeed::start_of(const Request& request) const {
  const std::uint64_t newest = log_.head().size;
  const std::string& id = request.head.last_event_id;
  if (id.empty()) return newest;
  std::uint64_t entry = 0;
  const auto [stop, error] = std::from_chars(id.data(), id.data() + id.size(), entry);
  if (error == std::errc{} && stop == id.data() + id.size() && entry <= newest && newest - entry <= most_entries)
    return entry;
  throw Failure({.code = "node.bad_event_id",
                 .message = "this node has no events from this Last-Event-ID on",
                 .rule = "an id is one that this node gave, among the last 100,000 entries of its audit log",
                 .remedy = "leave the header out, and look at the studies anew"});
}

std::string EventFeed::events_after(std::uint64_t& entry, const std::string& study) const {
  std::string text;
  const std::uint64_t newest = log_.head().size;
  while (entry < newest && text.size() < bytes_at_once) {
    const std::vector<std::string> lines = log_.entries(entry + 1, bytes_at_once);
    if (lines.empty()) break;
    for (const std::string& line : lines) {
      if (entry == newest) break;  // the rest is not acknowledged yet
      text += event_of(line, study);
      ++entry;
    }
  }
  return text;
}

void EventFeed::tell(HttpConnection& connection, const Request& request, std::uint64_t after,
                     const std::function<void()>& check) {
  const std::string study = query_value(request.head.query, "study");
  const auto begun = steady_clock::now();
  auto last_beat = begun;
  Versions seen;
  connection.write(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
      "retry: 1000\n: these are events\n\n");
  while (steady_clock::now() - begun < longest_stream && !connection.caller_is_gone()) {
    std::uint64_t known = 0;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      known = changes_;
    }
    std::string text = events_after(after, study);
    for (const json& run : runs_(study, seen)) text += event_text("", "run.progress", run);
    if (steady_clock::now() - last_beat >= heartbeat) {
      check();
      text += ": still here\n\n";
      last_beat = steady_clock::now();
    }
    if (!text.empty()) connection.write(text);
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, look_interval,
                        [&] { return stopping_ || changes_ != known || after < log_.head().size; });
  }
}

}  // namespace cohortium::node
