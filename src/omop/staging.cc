#include "omop/staging.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace cohortium::omop {
namespace {

using Text = std::optional<std::string>;

Text said(const std::string& text) { return text.empty() ? Text() : Text(text); }
Text number(const std::optional<double>& value) { return value ? Text(fmt::format("{}", *value)) : Text(); }
Text number(const std::optional<int>& value) { return value ? Text(std::to_string(*value)) : Text(); }

const char* table_of(Area area) {
  switch (area) {
    case Area::kVisit:
      return "visit_occurrence";
    case Area::kCondition:
      return "condition_occurrence";
    case Area::kDrug:
      return "drug_exposure";
    case Area::kProcedure:
      return "procedure_occurrence";
    case Area::kMeasurement:
      return "measurement";
    case Area::kObservation:
      return "observation";
  }
  COHORTIUM_CHECK(false);
}

}  // namespace

TextTable::TextTable(const char* name, std::vector<std::string_view> columns)
    : name_(name), columns_(std::move(columns)), texts_(columns_.size()), missing_(columns_.size()) {}

void TextTable::add(Row row) {
  COHORTIUM_CHECK(row.size() == columns_.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    missing_[i].push_back(row[i] ? 0 : 1);
    texts_[i].push_back(std::move(row[i]).value_or(""));
  }
}

void TextTable::create(data::Database& database) const {
  database.execute(
      fmt::format("CREATE OR REPLACE TEMP TABLE {} ({} VARCHAR)", name_, fmt::join(columns_, " VARCHAR, ")));
}

void TextTable::move_to(data::Database& database) {
  database.execute(fmt::format("DELETE FROM {}", name_));
  if (rows() == 0) return;
  std::vector<data::InputColumn> columns;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    columns.push_back(
        {.type = data::ValueType::kText, .integers = {}, .reals = {}, .texts = texts_[i], .missing = missing_[i]});
  database.append("", name_, columns);
  for (auto& column : texts_) column.clear();
  for (auto& column : missing_) column.clear();
}

Staging::Staging()
    : record_("in_record", {"n", "kind", "id", "key", "file", "line", "raw", "digest", "updated", "only_if_absent",
                            "reason", "withdraws", "subject", "visit", "provider", "care_site", "merged_away"}),
      event_("in_event", {"n",         "part",         "table_name",   "start_date",       "start_time", "end_date",
                          "end_time",  "utc_offset",   "type_concept", "standard_concept", "medication", "number",
                          "range_low", "range_high",   "quantity",     "operator_concept", "text",       "days_supply",
                          "refills",   "instructions", "lot",          "dose_unit",        "stop_reason"}),
      coding_("in_coding", {"n", "part", "role", "rank", "system", "code", "display"}),
      person_("in_person", {"n", "year", "month", "day", "birth_time", "gender_concept", "race_concept",
                            "ethnicity_concept", "gender", "race", "ethnicity", "death_date", "death_time"}),
      address_("in_address", {"n", "line_1", "line_2", "city", "state", "zip", "county", "country"}),
      organisation_("in_organisation", {"n", "name", "type"}),
      practitioner_("in_practitioner", {"n", "name", "npi", "specialty", "gender", "gender_concept"}),
      medication_("in_medication", {"n", "rank", "system", "code", "display"}),
      alias_("in_alias", {"n", "alias"}) {}

void Staging::create(data::Database& database) const {
  for (const TextTable* table :
       {&record_, &event_, &coding_, &person_, &address_, &organisation_, &practitioner_, &medication_, &alias_})
    table->create(database);
}

void Staging::move_to(data::Database& database) {
  for (TextTable* table :
       {&record_, &event_, &coding_, &person_, &address_, &organisation_, &practitioner_, &medication_, &alias_})
    table->move_to(database);
  bytes_ = 0;
}

void Staging::add(const Draft& draft, const std::string& file, const std::string& digest) {
  const std::string n = std::to_string(record_.rows());
  bytes_ += draft.raw.size();
  const Text updated =
      draft.updated ? (draft.updated->in_utc() ? draft.updated->in_utc() : draft.updated->time()) : Text();
  record_.add({n, said(draft.kind), said(draft.id), draft.key(), file, std::to_string(draft.line), draft.raw, digest,
               updated, draft.only_if_absent ? Text("1") : Text(), said(draft.reason),
               draft.withdraws ? Text("1") : Text(), said(draft.subject), said(draft.visit), said(draft.provider),
               said(draft.care_site), said(draft.merged_away)});
  if (!draft.reason.empty()) return;
  for (const Event& event : draft.events) add_event(n, event);
  if (draft.person) {
    const Person& person = *draft.person;
    const auto part = [](unsigned value) { return value == 0 ? Text() : Text(std::to_string(value)); };
    person_.add({n, std::to_string(person.birth.year), part(person.birth.month), part(person.birth.day),
                 person.birth.time(), std::to_string(person.gender_concept), std::to_string(person.race_concept),
                 std::to_string(person.ethnicity_concept), said(person.gender), said(person.race),
                 said(person.ethnicity), person.death ? Text(person.death->date()) : Text(),
                 person.death ? person.death->time() : Text()});
  }
  if (draft.address)
    address_.add({n, said(draft.address->line_1), said(draft.address->line_2), said(draft.address->city),
                  said(draft.address->state), said(draft.address->zip), said(draft.address->county),
                  said(draft.address->country)});
  if (draft.organisation) organisation_.add({n, said(draft.organisation->name), said(draft.organisation->type)});
  if (draft.practitioner)
    practitioner_.add({n, said(draft.practitioner->name), said(draft.practitioner->npi),
                       said(draft.practitioner->specialty), said(draft.practitioner->gender),
                       std::to_string(draft.practitioner->gender_concept)});
  for (std::size_t i = 0; i < draft.medication.size(); ++i)
    medication_.add({n, std::to_string(i), said(draft.medication[i].system), said(draft.medication[i].code),
                     said(draft.medication[i].display)});
  for (const std::string& alias : draft.aliases) alias_.add({n, alias});
}

void Staging::add_event(const std::string& n, const Event& event) {
  event_.add({n,
              event.part,
              table_of(event.area),
              event.start.date(),
              event.start.time(),
              event.end ? Text(event.end->date()) : Text(),
              event.end ? event.end->time() : Text(),
              number(event.start.offset_minutes),
              std::to_string(event.type_concept),
              number(event.standard_concept),
              said(event.medication),
              number(event.number),
              number(event.range_low),
              number(event.range_high),
              number(event.quantity),
              number(event.operator_concept),
              said(event.text),
              number(event.days_supply),
              number(event.refills),
              said(event.instructions),
              said(event.lot),
              said(event.dose_unit),
              said(event.stop_reason)});
  const std::pair<const char*, const Codings*> roles[] = {{"code", &event.code},
                                                          {"value", &event.value},
                                                          {"unit", &event.unit},
                                                          {"route", &event.route},
                                                          {"qualifier", &event.qualifier},
                                                          {"admitted", &event.admitted_from},
                                                          {"discharged", &event.discharged_to}};
  for (const auto& [role, codings] : roles) add_codings(n, event.part, role, *codings);
}

void Staging::add_codings(const std::string& n, const std::string& part, const char* role, const Codings& codings) {
  for (std::size_t i = 0; i < codings.size(); ++i)
    coding_.add(
        {n, part, role, std::to_string(i), said(codings[i].system), said(codings[i].code), said(codings[i].display)});
}

}  // namespace cohortium::omop
