#include "evidence/questions.h"

#include <algorithm>

#include "base/error.h"
#include "evidence/safeguard_list.h"

namespace cohortium::evidence {
namespace {

constexpr const char* officer = "the data protection officer";
constexpr const char* controller = "the controller's management";

Question ask(const char* id, const char* question, const char* who, const char* rule) {
  return {id, question, who, rule};
}

std::vector<Question> general_questions() {
  return {
      ask("controller.name", "Who is the controller?", controller, "GDPR Art. 30(1)(a)"),
      ask("controller.contact", "How is the controller reached?", controller, "GDPR Art. 30(1)(a)"),
      ask("controller.representative", "Who represents the controller in the Union, if one is needed?", controller,
          "GDPR Art. 30(1)(a), Art. 27"),
      ask("controller.data_protection_officer", "Who is the data protection officer, and how is the officer reached?",
          controller, "GDPR Art. 30(1)(a), Art. 37"),
      ask("controller.joint", "Are the members joint controllers, and what does their arrangement say?",
          "the legal departments of the members", "GDPR Art. 26"),
      ask("processing.legal_basis", "On what legal basis are the records processed?", officer, "GDPR Art. 6(1)"),
      ask("processing.special_categories", "Which exception allows that health data are processed?", officer,
          "GDPR Art. 9(2)"),
      ask("processing.data_subjects", "Whose records are these, in the controller's own categories?",
          "the controller of the records", "GDPR Art. 30(1)(c)"),
      ask("processing.recipients", "Who receives the released results beyond the people of the consortium file?",
          "the principal investigator", "GDPR Art. 30(1)(d)"),
      ask("processing.processors", "Is a compute party that is no site a processor, and what does its contract say?",
          "the legal departments of the members", "GDPR Art. 28"),
      ask("processing.transfers",
          "In which countries do the nodes and the recipients stand, and what safeguards transfers?", officer,
          "GDPR Art. 30(1)(e), Art. 44-49"),
      ask("processing.retention_records", "When are the source records erased?", "the controller of the records",
          "GDPR Art. 30(1)(f)"),
      ask("processing.retention_results",
          "How long are results, signed studies and audit logs kept, and who erases them?", "the operator of the node",
          "GDPR Art. 30(1)(f)"),
      ask("assessment.necessity", "Why is this processing necessary, and why would less not do?",
          "the principal investigator", "GDPR Art. 35(7)(b)"),
      ask("assessment.columns", "Why is every column needed, with this range and precision, and why these patients?",
          "the principal investigator", "GDPR Art. 5(1)(c)"),
      ask("assessment.information", "How are the people whose records are used informed?", officer, "GDPR Art. 13, 14"),
      ask("assessment.rights", "How are access, objection and erasure handled in the source records?", officer,
          "GDPR Art. 15-21"),
      ask("assessment.risk_rating", "How likely and how severe is each risk, and what remains after the measures?",
          "the controller with the data protection officer", "GDPR Art. 35(7)(c)"),
      ask("assessment.collusion", "What keeps the compute parties from pooling what they hold?",
          "the members that run compute parties", "GDPR Art. 35(7)(d)"),
      ask("assessment.advice", "What does the data protection officer advise?", officer, "GDPR Art. 35(2)"),
      ask("assessment.views", "What do the people concerned, or those who speak for them, say?", controller,
          "GDPR Art. 35(9)"),
      ask("assessment.consultation", "Is the supervisory authority to be consulted?", officer, "GDPR Art. 36"),
      ask("assessment.review", "When is the assessment reviewed, and who signs it?", controller, "GDPR Art. 35(11)"),
  };
}

}  // namespace

const std::vector<Question>& all_questions() {
  static const std::vector<Question> all = [] {
    std::vector<Question> questions = general_questions();
    for (const Safeguard& safeguard : all_safeguards())
      if (!safeguard.question.id.empty()) questions.push_back(safeguard.question);
    return questions;
  }();
  return all;
}

const Question& question_named(std::string_view id) {
  const auto& all = all_questions();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Question& each) { return each.id == id; });
  COHORTIUM_CHECK(found != all.end());
  return *found;
}

}  // namespace cohortium::evidence
