// What evidence is made of: statements with their sources, and questions that files cannot answer.
//
// A statement without a source does not exist: there is no way to make one. What the files do not say is a question,
// which stays open until the site answers it in its own words (own_statements.h).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "governance/tree_head.h"

namespace cohortium::evidence {

// Why a statement can be believed.
enum class Basis {
  kVerified,       // signatures or the log's tree were checked
  kConfiguration,  // stands in a file of the site that nobody signed
  kOwnStatement,   // the site's own words in its facts file; the software cannot know
  kSoftware        // how this version works, whoever runs it
};

struct Source {
  std::string file;   // its name without folders, or "audit log of NAME"
  std::string field;  // what was read in it
  // Of an audit log: the first entry that says so, and the head that seals it.
  std::optional<std::uint64_t> entry = {};
  std::optional<governance::TreeHead> head = {};
};

struct Statement {
  std::string text;
  Basis basis = Basis::kSoftware;
  Source source;
  nlohmann::json value = {};  // the same for programs, where it is more than words
};

struct Question {
  std::string id;  // of the answer in the facts file: "controller.name"
  std::string question;
  std::string who;   // should answer it
  std::string rule;  // why it must be answered
};

// What the software does of a safeguard.
enum class Coverage {
  kDone,       // by the software, and the statements are the evidence
  kSupported,  // the software offers it; the site must configure or run it
  kNotCovered
};

// One point of a rule.
struct Entry {
  std::string title, rule;
  std::optional<Coverage> coverage = {};
  std::vector<Statement> statements = {};
  std::vector<Question> open = {};
};

struct Part {
  std::string id, title, rule, about;
  std::vector<Entry> entries;
};

// A file that was read, and how far it was checked.
struct Input {
  std::string what, file, checked;
  nlohmann::json value;
};

struct Document {
  std::string kind, title;  // kind: "consortium" or "study"
  nlohmann::json subject;
  std::string about;
  std::vector<std::string> not_covered;
  std::vector<Input> inputs;
  std::vector<Part> parts;

  // Of all parts, each once, in order.
  std::vector<Question> open_questions() const;
};

std::string_view name_of(Basis basis);        // "verified", "configuration", "own statement", "software"
std::string_view name_of(Coverage coverage);  // "done", "supported", "not covered"
std::string text_of(const Source& source);    // "audit log of north, entry 3 of 12, root 5f0c…"

// evidence.json; the same document gives the same bytes.
nlohmann::json to_json(const Document& document);

}  // namespace cohortium::evidence
