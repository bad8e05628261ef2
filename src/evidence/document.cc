#include "evidence/document.h"

#include <fmt/format.h>

#include <set>

#include "base/buffer.h"

namespace cohortium::evidence {
namespace {

using nlohmann::json;

json to_json(const Source& source) {
  json out = {{"file", source.file}, {"field", source.field}};
  if (source.entry) out["entry"] = *source.entry;
  if (source.head) {
    out["head"] = {{"node", source.head->node},
                   {"log", source.head->log},
                   {"size", source.head->size},
                   {"root", to_hex(source.head->root)}};
  }
  return out;
}

json to_json(const Statement& statement) {
  json out = {{"text", statement.text}, {"basis", name_of(statement.basis)}, {"source", to_json(statement.source)}};
  if (!statement.value.is_null()) out["value"] = statement.value;
  return out;
}

json to_json(const Entry& entry) {
  json statements = json::array(), open = json::array();
  for (const Statement& statement : entry.statements) statements.push_back(to_json(statement));
  for (const Question& question : entry.open) open.push_back(question.id);
  json out = {{"title", entry.title}, {"rule", entry.rule}, {"statements", statements}, {"open", open}};
  if (entry.coverage) out["coverage"] = name_of(*entry.coverage);
  return out;
}

}  // namespace

std::vector<Question> Document::open_questions() const {
  std::vector<Question> all;
  std::set<std::string> seen;
  for (const Part& part : parts)
    for (const Entry& entry : part.entries)
      for (const Question& question : entry.open)
        if (seen.insert(question.id).second) all.push_back(question);
  return all;
}

std::string_view name_of(Basis basis) {
  switch (basis) {
    case Basis::kVerified:
      return "verified";
    case Basis::kConfiguration:
      return "configuration";
    case Basis::kOwnStatement:
      return "own statement";
    case Basis::kSoftware:
      break;
  }
  return "software";
}

std::string_view name_of(Coverage coverage) {
  switch (coverage) {
    case Coverage::kDone:
      return "done";
    case Coverage::kSupported:
      return "supported";
    case Coverage::kNotCovered:
      break;
  }
  return "not covered";
}

std::string text_of(const Source& source) {
  std::string text = source.file;
  if (!source.field.empty()) text += ": " + source.field;
  if (source.entry) text += fmt::format(", entry {}", *source.entry);
  if (source.head) text += fmt::format("; head of {} entries, root {}", source.head->size, to_hex(source.head->root));
  return text;
}

json to_json(const Document& document) {
  json inputs = json::array(), parts = json::array(), open = json::array();
  for (const Input& input : document.inputs) {
    json entry = {{"what", input.what}, {"file", input.file}, {"checked", input.checked}};
    entry.update(input.value);
    inputs.push_back(std::move(entry));
  }
  for (const Part& part : document.parts) {
    json entries = json::array();
    for (const Entry& entry : part.entries) entries.push_back(to_json(entry));
    parts.push_back({{"id", part.id},
                     {"title", part.title},
                     {"rule", part.rule},
                     {"about", part.about},
                     {"entries", std::move(entries)}});
  }
  for (const Question& question : document.open_questions()) {
    open.push_back(
        {{"id", question.id}, {"question", question.question}, {"who", question.who}, {"rule", question.rule}});
  }
  return {{"cohortium_evidence", 1},
          {"version", COHORTIUM_VERSION},
          {"kind", document.kind},
          {"title", document.title},
          {"subject", document.subject},
          {"about", document.about},
          {"not_covered", document.not_covered},
          {"inputs", std::move(inputs)},
          {"parts", std::move(parts)},
          {"open_questions", std::move(open)}};
}

}  // namespace cohortium::evidence
