// The data-minimisation statement: what is read, what leaves a site, what is released.
#include <fmt/format.h>

#include <map>

#include "evidence/columns.h"
#include "evidence/evidence.h"

namespace cohortium::evidence {
namespace {

Entry read(const Subject& subject) {
  Entry entry{.title = "What is read of the records", .rule = "GDPR Art. 5(1)(c)"};
  for (const SignedStudy* study : subject.studies()) {
    append(entry.statements, columns_of(*study));
    append(entry.statements, rows_of(*study));
  }
  subject.inputs.own.ask(entry, "assessment.columns");
  return entry;
}

Entry leaves(const Subject& subject) {
  Entry entry{.title = "What leaves a site", .rule = "GDPR Art. 5(1)(c), Art. 25"};
  entry.statements.push_back(
      from_software("ARCHITECTURE.md",
                    "A site adds up in the clear what it can and deals the sums as secret shares; no share tells "
                    "anything by itself. Where an analysis needs rows, they leave as shares too"));
  for (const SignedStudy* study : subject.studies()) {
    append(entry.statements, learned_by(*study, "compute_party"));
    append(entry.statements, learned_by(*study, "site"));
    append(entry.statements, learned_by(*study, "coordinator"));
  }
  return entry;
}

Entry released(const Subject& subject) {
  Entry entry{.title = "What is released", .rule = "GDPR Art. 5(1)(c), Art. 25"};
  append(entry.statements, rules_of(subject.inputs));
  for (const SignedStudy* study : subject.studies()) {
    append(entry.statements, release_of(*study));
    append(entry.statements, learned_by(*study, "analyst"));
  }
  return entry;
}

std::string source_text(const data::SourceConfig& source) {
  switch (source.kind) {
    case data::SourceKind::kDuckDb:
      return "Records are read from a DuckDB file";
    case data::SourceKind::kPostgreSql:
      return "Records are read from PostgreSQL, sslmode " + source.tls;
    case data::SourceKind::kOdbc:
      return "Records are read through ODBC; its driver decides about encryption";
    case data::SourceKind::kFolder:
      break;
  }
  return "Records are read from a folder of files";
}

void add_budget(const SiteConfiguration& site, const std::string& hash, Statements& all) {
  all.push_back(
      from_configuration(site, "privacy_budget",
                         fmt::format("{} lets studies with noise cost a person a loss (rho) of {:.6g} within any "
                                     "365 days",
                                     site.node, site.budget.most),
                         site.budget.most));
  std::map<std::pair<std::string, std::string>, double> spent;  // by calendar year and people
  for (const auto& expense : site.expenses)
    if (hash.empty() || expense.study == hash)
      spent[{expense.time.substr(0, 4), site.budget.account_of(expense.table)}] += expense.loss;
  for (const auto& [account, loss] : spent) {
    const auto& [year, people] = account;
    all.push_back({fmt::format("{} spent {:.6g} on the people of {} in {}", site.node, loss, people, year),
                   Basis::kConfiguration,
                   {.file = "privacy.ledger", .field = fmt::format("{}, {}", year, people)},
                   {{"year", std::stoi(year)}, {"population", people}, {"spent", loss}}});
  }
}

// What the node's own file says.
Entry configured(const Subject& subject) {
  Entry entry{.title = "What the site has configured", .rule = "GDPR Art. 25"};
  if (!subject.inputs.configuration) {
    entry.open.push_back({.id = "file.configuration",
                          .question = "What has the site configured? Its node.toml was not given.",
                          .who = "whoever makes this evidence: give --config",
                          .rule = "GDPR Art. 25"});
    return entry;
  }
  const SiteConfiguration& site = *subject.inputs.configuration;
  if (site.source) entry.statements.push_back(from_configuration(site, "source", source_text(*site.source)));
  if (!site.source)
    entry.statements.push_back(from_configuration(site, "source", site.node + " has no records", false));
  add_budget(site, subject.study != nullptr ? subject.study->study().hash : "", entry.statements);
  if (site.harmonise.maps_codes())
    entry.statements.push_back(
        from_configuration(site, "harmonise", "Local codes are mapped to concepts as they are read"));
  for (const harmonise::SiteColumn& column : site.harmonise.columns) {
    entry.statements.push_back(from_configuration(
        site, "harmonise.column",
        fmt::format("{}.{}{}{}", column.table, column.column, column.unit.empty() ? "" : " is in " + column.unit,
                    column.date_format.empty() ? "" : " holds dates as " + column.date_format)));
  }
  return entry;
}

}  // namespace

Part data_minimisation(const Subject& subject) {
  return {.id = "data_minimisation",
          .title = "Data-minimisation statement",
          .rule = "GDPR Art. 5(1)(c), Art. 25",
          .about =
              "Columns, rows and rules as signed studies and the consortium file have them. No record was read for "
              "this statement, and no released number is repeated in it.",
          .entries = {read(subject), leaves(subject), released(subject), configured(subject)}};
}

}  // namespace cohortium::evidence
