#include "evidence/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "study/report_html.h"
#include "study/report_style.h"
#include "study/report_table.h"

namespace cohortium::evidence {
namespace {

using study::report::element;
using study::report::Html;
using study::report::text;

Html fact(const std::string& name, const std::string& value) {
  return element("div", element("dt", text(name)) + element("dd", text(value)));
}

std::string heading_of(const Document& document) {
  return document.kind == "study" ? "Compliance evidence of a study" : "Compliance evidence of a consortium";
}

Html title_page(const Document& document) {
  std::size_t statements = 0, own = 0;
  for (const Part& part : document.parts) {
    for (const Entry& entry : part.entries) {
      statements += entry.statements.size();
      own +=
          static_cast<std::size_t>(std::count_if(entry.statements.begin(), entry.statements.end(),
                                                 [](const auto& each) { return each.basis == Basis::kOwnStatement; }));
    }
  }
  Html facts = fact("Statements", std::to_string(statements)) + fact("The site's own words", std::to_string(own)) +
               fact("Open questions", std::to_string(document.open_questions().size())) +
               fact("Software", "Cohortium " COHORTIUM_VERSION);
  Html limits;
  for (const std::string& sentence : document.not_covered) limits += element("li", text(sentence));
  return element("header", element("p", {{"class", "kicker"}}, text(heading_of(document))) +
                               element("h1", text(document.title)) +
                               element("p", {{"class", "purpose"}}, text(document.about)) +
                               element("dl", {{"class", "facts"}}, facts)) +
         element("section", element("h2", text("What the software does not cover")) + element("ul", limits));
}

Html inputs(const Document& document) {
  study::report::TableContent table{.caption = "Files that were read; one that fails its check ends the command",
                                    .head = {"File", "What it is", "Checked"},
                                    .text_columns = 3};
  for (const Input& input : document.inputs) table.rows.push_back({input.file, input.what, input.checked});
  return element("section", element("h2", text("Sources")) + render_table(table));
}

// What stands beside a statement: why it can be believed, and where it is from.
Html statement(const Statement& each) {
  const std::string origin = fmt::format("{}; {}", name_of(each.basis), text_of(each.source));
  const Html words = each.basis == Basis::kOwnStatement ? element("q", text(each.text)) : text(each.text);
  return element("li", words + Html(" ") + element("span", {{"class", "detail"}}, text("[" + origin + "]")));
}

Html entry(const Entry& each) {
  std::string rule = each.rule;
  if (each.coverage) rule += fmt::format(": {}", name_of(*each.coverage));
  Html list;
  for (const Statement& one : each.statements) list += statement(one);
  for (const Question& question : each.open) {
    list += element("li", element("strong", text("Open: ")) + text(question.question) + Html(" ") +
                              element("span", {{"class", "detail"}},
                                      text(fmt::format("[{}; to be answered by {}]", question.id, question.who))));
  }
  return element("div",
                 element("h3", text(each.title)) + element("p", {{"class", "note"}}, text(rule)) +
                     (list.empty() ? element("p", {{"class", "muted"}}, text("These files say nothing about it."))
                                   : element("ul", list)));
}

// The safeguards at a glance, before their evidence.
Html overview(const Part& part) {
  study::report::TableContent table{
      .caption = "Overview", .head = {"Safeguard", "Rule", "By the software"}, .text_columns = 3};
  for (const Entry& each : part.entries)
    if (each.coverage) table.rows.push_back({each.title, each.rule, std::string(name_of(*each.coverage))});
  return table.rows.empty() ? Html() : render_table(table);
}

Html part(const Part& each) {
  Html content = element("h2", text(each.title)) + element("p", text(each.rule + ". " + each.about)) + overview(each);
  for (const Entry& one : each.entries) content += entry(one);
  return element("section", content);
}

Html questions(const Document& document) {
  study::report::TableContent table{.caption = "Answers go into evidence.toml: [group] and name of the id",
                                    .head = {"Question", "Who should answer", "Rule", "Id"},
                                    .text_columns = 4};
  for (const Question& question : document.open_questions())
    table.rows.push_back({question.question, question.who, question.rule, question.id});
  return element("section", element("h2", text("Open questions")) +
                                (table.rows.empty() ? element("p", text("None.")) : render_table(table)));
}

}  // namespace

std::string render(const Document& document) {
  Html content = title_page(document) + inputs(document);
  for (const Part& each : document.parts) content += part(each);
  content += questions(document);
  content +=
      element("footer", text("This page shows evidence.json. It is complete in itself: it loads nothing and runs no "
                             "program. Statements marked \"own statement\" are the site's words, which nothing "
                             "here has checked."));
  return study::report::complete_page(heading_of(document) + ": " + document.title, content);
}

}  // namespace cohortium::evidence
