// The site's facts file, evidence.toml: what the site says of itself, in its own words.
//
//   [controller]
//   name = "North Hospital"
//   data_protection_officer = "Dr. N. Officer, dpo@north.example.org"
//   [processing]
//   legal_basis = "Art. 6(1)(e) with the hospital act, section 12"
//   [safeguard]
//   workstation_security = "Locked server room, building 4"
//
// Tables and names are those of the questions (questions.h), the values texts. A name that answers no question is
// refused, so that a misspelt answer is not lost.
//
// Guaranteed  an answer appears as the site's own statement, never as something that was verified
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/document.h"

namespace cohortium::evidence {

class OwnStatements {
 public:
  // A later file's answer takes the place of an earlier one's. Fails with evidence.bad_facts (`where` is
  // file:line:column), file.*.
  static OwnStatements read(const std::vector<std::filesystem::path>& files);

  // Adds the answers to the entry, or the open questions.
  template <class... Ids>
  void ask(Entry& entry, Ids... ids) const {
    (ask_one(entry, ids), ...);
  }
  const std::vector<Input>& inputs() const { return inputs_; }

 private:
  void ask_one(Entry& entry, std::string_view id) const;
  void add(const std::filesystem::path& file);

  std::map<std::string, Statement, std::less<>> answers_;  // by the question's id
  std::vector<Input> inputs_;
};

}  // namespace cohortium::evidence
