// HL7 v2 messages as text: a small strict parser, and a reader that finds messages in files and streams of lines.
//
//   Segments    end in CR; LF and CRLF are taken too, as are blank lines, a byte-order mark, and MLLP's framing bytes
//   Separators  as MSH-1 and MSH-2 say, all different
//   Fields      numbered as the standard numbers them: MSH-1 is the separator itself
//   Batches     FHS, BHS, BTS and FTS are passed over; a message begins where a line begins with MSH, and nowhere else
//   Text        UTF-8; ISO 8859-1 where MSH-18 says so
//   Bounds      bytes of a message (MessageReader), 10,000 segments, 1,000 fields of a segment
//
// Source  HL7 v2.8, chapter 2
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "omop/lines.h"

namespace cohortium::omop {

struct Segment {
  std::string name;
  std::vector<std::string> fields;  // raw, by number; fields[0] is the name
  std::string raw;
};

class Message {
 public:
  // Throws Refusal (draft.h).
  explicit Message(const std::string& text);

  const std::vector<Segment>& segments() const { return segments_; }
  const Segment& header() const { return segments_[0]; }
  const Segment* first(std::string_view name) const;  // null where there is none

  // Raw pieces: empty where they are not there. Numbers as in the standard, from 1.
  std::string_view field(const Segment* segment, std::size_t number) const;
  std::vector<std::string_view> repetitions(std::string_view field) const;
  std::string_view component(std::string_view repetition, std::size_t number) const;
  std::string_view subcomponent(std::string_view component, std::size_t number) const;
  // What stands in a component of the field's first repetition, unescaped.
  std::string text(const Segment* segment, std::size_t field, std::size_t component = 1) const;
  std::string unescape(std::string_view raw) const;

  std::string type() const;        // "ADT^A01"
  std::string control_id() const;  // MSH-10

 private:
  char field_ = '|', component_ = '^', repetition_ = '~', escape_ = '\\', subcomponent_ = '&';
  std::vector<Segment> segments_;
};

// One message of a stream, its segments parted by CR.
struct RawMessage {
  std::string text;
  std::int64_t line = 0;         // of its MSH
  const char* reason = nullptr;  // why it is none: message_too_long, text_before_message
};

class MessageReader {
 public:
  MessageReader(const std::filesystem::path& path, const LineLimits& limits, std::size_t message_bytes);
  bool next(RawMessage& message);  // false at the end
  std::size_t bytes_of_file() const { return lines_.bytes_of_file(); }

 private:
  LineReader lines_;
  std::size_t message_bytes_;
  std::string pending_;  // the MSH that ended the message before
  std::int64_t pending_line_ = 0;
  bool pending_too_long_ = false;
};

inline constexpr char kStartOfBlock = '\x0b', kEndOfBlock = '\x1c';  // MLLP

}  // namespace cohortium::omop
