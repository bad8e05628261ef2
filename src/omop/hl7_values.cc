// Coded values, numbers and dates of HL7 v2 fields.
#include <charconv>
#include <cmath>

#include "omop/code_systems.h"
#include "omop/hl7_map.h"

namespace cohortium::omop {
namespace {

// "70-80", both numbers.
void set_range(std::string_view range, Event& event) {
  const std::size_t dash = range.find('-', 1);
  if (dash == std::string_view::npos) return;
  const auto low = number_in(range.substr(0, dash)), high = number_in(range.substr(dash + 1));
  if (low && high) event.range_low = low, event.range_high = high;
}

// SN: comparator, number, separator, number.
void set_structured(const Message& message, std::string_view value, Event& event, Draft& draft) {
  const auto first = number_in(message.component(value, 2));
  if (first && message.component(value, 3).empty()) {
    event.number = first;
    if (const auto comparator = message.component(value, 1); !comparator.empty())
      event.operator_concept = operator_concept(comparator);
  } else {
    event.text = message.unescape(value);
    draft.notes.push_back("number_kept_as_text");
  }
}

void set_value(const Message& message, std::string_view type, std::string_view value, Event& event, Draft& draft) {
  if (type == "NM") {
    event.number = number_in(value);
    if (event.number) return;
    event.text = message.unescape(value);
    draft.notes.push_back("number_kept_as_text");
  } else if (type == "SN") {
    set_structured(message, value, event, draft);
  } else if (type == "CE" || type == "CWE" || type == "CNE" || type == "CF" || type == "IS" || type == "ID") {
    event.value = coded(message, value);
  } else if (type == "ED" || type == "RP") {
    draft.notes.push_back("attachment_left_out");
  } else {
    event.text = message.unescape(value);
  }
}

}  // namespace

std::optional<double> number_in(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

Codings coded(const Message& message, std::string_view repetition) {
  Codings result;
  for (const std::size_t at : {1, 4}) {
    Coding coding{message.unescape(message.component(repetition, at + 2)),
                  message.unescape(message.component(repetition, at)),
                  message.unescape(message.component(repetition, at + 1))};
    if (!coding.code.empty() || !coding.display.empty()) result.push_back(std::move(coding));
  }
  return result;
}

std::optional<Moment> moment_in(const Message& message, const Segment* segment, std::size_t field, Draft& draft) {
  const std::string text = message.text(segment, field);
  if (text.empty()) return {};
  const auto moment = hl7_moment(text);
  if (!moment) throw Refusal{"bad_date"};
  if (!moment->whole()) draft.notes.push_back("partial_date");
  return moment;
}

std::vector<Event> observed(const Message& message, const Segment& obx, const Event& event, Draft& draft) {
  const std::string type = message.text(&obx, 2);
  std::vector<Event> events;
  for (const std::string_view value : message.repetitions(message.field(&obx, 5))) {
    Event one = event;
    if (!events.empty()) one.part = "value/" + std::to_string(events.size());
    set_value(message, type, value, one, draft);
    one.unit = coded(message, message.field(&obx, 6));
    set_range(message.field(&obx, 7), one);
    if (one.number) one.area = Area::kMeasurement;
    events.push_back(std::move(one));
  }
  if (events.empty()) {
    draft.notes.push_back("observation_without_value");
    events.push_back(event);
  }
  return events;
}

}  // namespace cohortium::omop
