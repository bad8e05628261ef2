#include "omop/loader.h"

#include <fmt/format.h>

#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "crypto/hash.h"
#include "omop/cdm.h"
#include "omop/merge.h"
#include "omop/staging.h"

namespace cohortium::omop {
namespace {

constexpr std::size_t kBatchRecords = 20'000, kBatchEvents = 60'000, kBatchBytes = std::size_t{32} << 20;

}  // namespace

std::int64_t Summary::total(const std::string& outcome) const {
  std::int64_t sum = 0;
  for (const auto& [kind, outcomes] : kinds)
    if (const auto found = outcomes.find(outcome); found != outcomes.end()) sum += found->second;
  return sum;
}

std::int64_t Summary::mapped() const {
  return total("new") + total("replaced") + total("unchanged") + total("outdated");
}

std::int64_t Summary::declared_not_mapped() const {
  std::int64_t sum = 0;
  for (const auto& [kind, count] : not_mapped) sum += count;
  return sum;
}

struct Loader::State {
  explicit State(Store& into) : store(into), vocabulary(into.vocabulary_state()) {}
  Store& store;
  std::string vocabulary;
  std::string file;
  std::vector<std::string> forget;  // files whose earlier rejects the next transaction takes out
  Staging staging;
  std::unordered_map<std::string, std::string> digests;  // of the batch's records, by key
  Summary summary;
};

Loader::Loader(Store& store) : state_(std::make_unique<State>(store)) {
  state_->staging.create(store.database());
  create_merge_tables(store.database());
}

Loader::~Loader() = default;

const Summary& Loader::summary() const { return state_->summary; }

void Loader::begin_file(const std::string& name, bool first_reading) {
  commit();
  state_->file = name;
  if (!first_reading) return;
  state_->store.database().execute(fmt::format("DELETE FROM cohortium_reject WHERE file = {}", data::sql_text(name)));
}

void Loader::count_not_mapped(const std::string& kind) { ++state_->summary.not_mapped[kind]; }

void Loader::count_read(std::int64_t records) { state_->summary.read += records; }
void Loader::count_message(const std::string& outcome) { ++state_->summary.messages[outcome]; }

void Loader::add(const Draft& draft) {
  State& state = *state_;
  const std::string digest = crypto::sha256_hex(state.vocabulary + "\n" + draft.raw);
  if (!draft.id.empty() && draft.reason.empty()) {
    // A key stands in a batch once: what says the same again is counted, what says something else waits for the next.
    const auto [found, added] = state.digests.emplace(draft.key(), digest);
    if (!added) {
      if (draft.only_if_absent || found->second == digest) {
        ++state.summary.kinds[draft.kind]["unchanged"];
        return;
      }
      commit();
      state.digests.emplace(draft.key(), digest);
    }
  } else if (draft.withdraws && state.digests.contains(draft.key())) {
    commit();
  }
  for (const std::string& note : draft.notes) ++state.summary.notes[note];
  state.staging.add(draft, state.file, digest);
  if (state.staging.records() >= kBatchRecords || state.staging.events() >= kBatchEvents ||
      state.staging.bytes() >= kBatchBytes || !draft.merged_away.empty())
    commit();
}

void Loader::commit() {
  State& state = *state_;
  if (state.staging.records() == 0 && state.forget.empty()) return;
  data::Database& database = state.store.database();
  state.digests.clear();
  state.staging.move_to(database);
  database.execute("BEGIN");
  Summary summary = state.summary;
  const auto merged = attempt([&] {
    for (const std::string& file : state.forget)
      database.execute(fmt::format("DELETE FROM cohortium_reject WHERE file = {}", data::sql_text(file)));
    merge_batch(database, summary);
    database.execute("COMMIT");
    return true;
  });
  if (!merged.ok()) {
    attempt([&] {
      database.execute("ROLLBACK");
      return true;
    });
    throw Failure(merged.error());
  }
  state.forget.clear();
  state.summary = std::move(summary);
}

void Loader::finish() {
  commit();
  data::Database& database = state_->store.database();
  database.execute("BEGIN");
  refresh_observation_periods(database);
  database.execute(
      "INSERT INTO cdm_source SELECT 'cohortium', 'cohortium', 'this site', 'FHIR R4 or HL7 v2, see docs/omop.md', "
      "NULL, "
      "NULL, current_date, current_date, 'v5.4', 756265, coalesce((SELECT any_value(vocabulary_version) FROM "
      "vocabulary "
      "WHERE vocabulary_id = 'None'), 'none') WHERE NOT EXISTS (FROM cdm_source)");
  database.execute("COMMIT");
  state_->store.checkpoint();
}

Counts table_rows(Store& store) {
  Counts counts;
  for (const CdmTable& table : cdm_tables())
    if (const std::int64_t rows =
            single_number(store.database(), fmt::format("SELECT count(*) FROM {}", data::sql_name(table.name))))
      counts[std::string(table.name)] = rows;
  return counts;
}

}  // namespace cohortium::omop
