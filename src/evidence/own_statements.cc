#include "evidence/own_statements.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/toml.h"
#include "crypto/hash.h"
#include "evidence/questions.h"

namespace cohortium::evidence {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20, longest_answer = 4096;

[[noreturn]] void refuse(const std::string& message, const std::string& where, const std::string& remedy) {
  throw Failure({.code = "evidence.bad_facts", .message = message, .where = where, .remedy = remedy});
}

bool is_question(const std::string& id) {
  return std::any_of(all_questions().begin(), all_questions().end(),
                     [&](const Question& question) { return question.id == id; });
}

}  // namespace

OwnStatements OwnStatements::read(const std::vector<std::filesystem::path>& files) {
  OwnStatements all;
  for (const auto& file : files) all.add(file);
  return all;
}

void OwnStatements::add(const std::filesystem::path& file) {
  const std::string text = read_file(file, largest_file), name = file.filename().string();
  const toml::table root = parse_toml(
      text, file.string(),
      {.code = "evidence.bad_facts", .message = "", .remedy = "correct the line; docs/evidence.md shows the form"});
  for (const auto& [group, node] : root) {
    const toml::table* table = node.as_table();
    const std::string group_at = position_in(file.string(), node.source());
    if (table == nullptr)
      refuse(fmt::format("\"{}\" stands outside of a table", group.str()), group_at,
             "write it below [controller], ...");
    for (const auto& [key, value] : *table) {
      const std::string id = fmt::format("{}.{}", group.str(), key.str());
      const std::string at = position_in(file.string(), key.source());
      if (!is_question(id))
        refuse("\"" + id + "\" answers no question", at, "take a name from the list of open questions");
      const auto answer = value.value<std::string>();
      if (!answer || answer->empty() || answer->size() > longest_answer)
        refuse(fmt::format("\"{}\" is no text of 1 to {} bytes", id, longest_answer), at,
               "write the answer in quotation marks, or leave it out");
      answers_.insert_or_assign(
          id, Statement{.text = *answer, .basis = Basis::kOwnStatement, .source = {.file = name, .field = id}});
    }
  }
  inputs_.push_back({.what = "facts file",
                     .file = name,
                     .checked = "the site's own words; nothing of it can be checked here",
                     .value = {{"sha256", crypto::sha256_hex(text)}}});
}

void OwnStatements::ask_one(Entry& entry, std::string_view id) const {
  const auto found = answers_.find(id);
  if (found != answers_.end()) {
    entry.statements.push_back(found->second);
  } else {
    entry.open.push_back(question_named(id));
  }
}

}  // namespace cohortium::evidence
