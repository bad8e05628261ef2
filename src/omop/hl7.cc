#include "omop/hl7.h"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "omop/draft.h"

namespace cohortium::omop {
namespace {

constexpr std::size_t kMostSegments = 10'000, kMostFields = 1'000;

// The piece with this number, from 1.
std::string_view piece(std::string_view text, char separator, std::size_t number) {
  for (std::size_t i = 1; i < number; ++i) {
    const std::size_t end = text.find(separator);
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find(separator));
}

bool is_segment_name(std::string_view name) {
  return name.size() == 3 && std::isupper(static_cast<unsigned char>(name[0])) != 0 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isupper(c) != 0 || std::isdigit(c) != 0; });
}

std::string utf8_of_latin1(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xc0 | byte >> 6);
      result += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return result;
}

std::string in_utf8(const std::string& text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return text;
  const std::string_view header = std::string_view(text).substr(0, text.find('\r'));
  const std::string_view charset = header.size() > 3 ? piece(header, header[3], 18) : std::string_view();
  if (!charset.starts_with("8859/1")) throw Refusal{"invalid_utf8"};
  return utf8_of_latin1(text);
}

// A hexadecimal escape, \X0d0a\.
std::string bytes_of_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const auto value = [&](char c) {
      return std::isdigit(static_cast<unsigned char>(c)) != 0 ? c - '0' : std::toupper(c) - 'A' + 10;
    };
    if (std::isxdigit(static_cast<unsigned char>(digits[i])) == 0 ||
        std::isxdigit(static_cast<unsigned char>(digits[i + 1])) == 0)
      return {};
    bytes += static_cast<char>(value(digits[i]) * 16 + value(digits[i + 1]));
  }
  return simdjson::validate_utf8(bytes.data(), bytes.size()) ? bytes : std::string();
}

}  // namespace

Message::Message(const std::string& original) {
  const std::string text = in_utf8(original);
  if (!text.starts_with("MSH") || text.size() < 8) throw Refusal{"bad_message"};
  field_ = text[3], component_ = text[4], repetition_ = text[5], escape_ = text[6], subcomponent_ = text[7];
  const std::set<char> all = {field_, component_, repetition_, escape_, subcomponent_};
  if (all.size() != 5 || std::any_of(all.begin(), all.end(), [](unsigned char c) { return std::ispunct(c) == 0; }))
    throw Refusal{"bad_separators"};
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\r', at), text.size());
    Segment segment{.name = {}, .fields = {}, .raw = text.substr(at, end - at)};
    at = end + 1;
    if (segment.raw.find_first_not_of(" \t") == std::string::npos) continue;
    for (std::size_t from = 0; from <= segment.raw.size();) {
      const std::size_t to = std::min(segment.raw.find(field_, from), segment.raw.size());
      segment.fields.push_back(segment.raw.substr(from, to - from));
      if (segments_.empty() && segment.fields.size() == 1) segment.fields.emplace_back(1, field_);  // MSH-1
      from = to + 1;
    }
    segment.name = segment.fields[0];
    if (!is_segment_name(segment.name) || segment.fields.size() > kMostFields) throw Refusal{"bad_segment"};
    if (segments_.size() == kMostSegments) throw Refusal{"too_many_parts"};
    segments_.push_back(std::move(segment));
  }
}

const Segment* Message::first(std::string_view name) const {
  const auto found =
      std::find_if(segments_.begin(), segments_.end(), [&](const Segment& segment) { return segment.name == name; });
  return found == segments_.end() ? nullptr : &*found;
}

std::string_view Message::field(const Segment* segment, std::size_t number) const {
  if (segment == nullptr || number >= segment->fields.size()) return {};
  const std::string_view field = segment->fields[number];
  return field == "\"\"" ? std::string_view() : field;  // "" deletes what was there: nothing is there
}

std::vector<std::string_view> Message::repetitions(std::string_view field) const {
  std::vector<std::string_view> result;
  while (!field.empty()) {
    const std::size_t end = field.find(repetition_);
    if (end != 0) result.push_back(field.substr(0, end));
    if (end == std::string_view::npos) break;
    field.remove_prefix(end + 1);
  }
  return result;
}

std::string_view Message::component(std::string_view repetition, std::size_t number) const {
  return piece(repetition, component_, number);
}

std::string_view Message::subcomponent(std::string_view component, std::size_t number) const {
  return piece(component, subcomponent_, number);
}

std::string Message::text(const Segment* segment, std::size_t number, std::size_t part) const {
  std::string result = unescape(component(piece(field(segment, number), repetition_, 1), part));
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::string Message::unescape(std::string_view raw) const {
  std::string result;
  while (!raw.empty()) {
    const std::size_t open = raw.find(escape_);
    result += raw.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = raw.find(escape_, open + 1);
    if (close == std::string_view::npos) {
      result += raw.substr(open);
      break;
    }
    const std::string_view code = raw.substr(open + 1, close - open - 1);
    const std::pair<std::string_view, char> marks[] = {{"F", field_},      {"S", component_}, {"T", subcomponent_},
                                                       {"R", repetition_}, {"E", escape_},    {".br", '\n'}};
    const auto mark =
        std::find_if(std::begin(marks), std::end(marks), [&](const auto& one) { return one.first == code; });
    if (mark != std::end(marks))
      result += mark->second;
    else if (code.starts_with("X"))
      result += bytes_of_hex(code.substr(1));
    else if (code != "H" && code != "N")  // highlighting
      result += raw.substr(open, close - open + 1);
    raw.remove_prefix(close + 1);
  }
  return result;
}

std::string Message::type() const {
  const std::string_view whole = field(&header(), 9);
  return std::string(component(whole, 1)) + "^" + std::string(component(whole, 2));
}

std::string Message::control_id() const { return text(&header(), 10); }

MessageReader::MessageReader(const std::filesystem::path& path, const LineLimits& limits, std::size_t message_bytes)
    : lines_(path, LineEnds::kCarriageReturnToo, limits), message_bytes_(message_bytes) {}

bool MessageReader::next(RawMessage& message) {
  message = {
      .text = std::move(pending_), .line = pending_line_, .reason = pending_too_long_ ? "message_too_long" : nullptr};
  pending_.clear();
  bool open = !message.text.empty() || pending_too_long_;
  pending_too_long_ = false;
  std::string line;
  while (true) {
    const auto arrival = lines_.next(line);
    if (arrival == LineReader::Arrival::kEnd) return open;
    const bool ends = line.find(kEndOfBlock) != std::string::npos;
    std::erase_if(line, [](char c) { return c == kStartOfBlock || c == kEndOfBlock; });
    const bool too_long = arrival == LineReader::Arrival::kTooLong;
    if (!too_long && line.find_first_not_of(" \t") == std::string::npos) {
      if (ends && open) return true;
      continue;
    }
    const std::string name = line.substr(0, 3);
    if (name == "FHS" || name == "BHS" || name == "BTS" || name == "FTS") {
      if (open) return true;
      continue;
    }
    if (name == "MSH" && open) {
      pending_ = std::move(line);
      pending_line_ = lines_.number();
      return true;
    }
    if (!open) {
      message.line = lines_.number();
      if (name != "MSH" && !too_long) message.reason = "text_before_message";
      open = true;
    } else if (!message.text.empty()) {
      message.text += '\r';
    }
    if (too_long || message.text.size() + line.size() > message_bytes_) {
      message.reason = "message_too_long";
      message.text.clear();
    }
    if (message.reason == nullptr) message.text += line;
    if (ends) return true;
  }
}

}  // namespace cohortium::omop
