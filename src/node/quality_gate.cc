#include "node/quality_gate.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/file.h"
#include "cohort/features.h"
#include "crypto/hash.h"
#include "quality/cdm.h"

namespace cohortium::node {
namespace {

namespace fs = std::filesystem;

// What the checks of the common data model look up beside the table they are about.
constexpr const char* looked_up[] = {"person", "observation_period", "visit_occurrence", "death", "concept"};

std::string today() { return timestamp().substr(0, 10); }

// Names, sizes and times of the files; empty where records are not in files.
std::string stamp_of(const data::SourceConfig& source) {
  if (source.kind == data::SourceKind::kPostgreSql) return {};
  std::vector<std::string> files;
  const auto add = [&](const fs::directory_entry& file) {
    files.push_back(fmt::format("{} {} {}", file.path().string(), file.file_size(),
                                file.last_write_time().time_since_epoch().count()));
  };
  std::error_code ignored;
  if (fs::is_directory(source.path, ignored)) {
    for (const fs::directory_entry& file : fs::recursive_directory_iterator(source.path)) {
      if (file.is_regular_file()) add(file);
    }
  } else if (fs::is_regular_file(source.path, ignored)) {
    add(fs::directory_entry(source.path));
  }
  std::sort(files.begin(), files.end());
  return fmt::format("{}", fmt::join(files, "\n"));
}

std::string rules_text(const quality::Rules& rules) {
  std::string text;
  for (const auto& [name, share] : rules.thresholds) text += fmt::format("{} {}\n", name, share);
  for (const quality::Range& range : rules.ranges)
    text += fmt::format("{} {} {} {}\n", range.concept_id, range.unit_concept_id, range.low, range.high);
  return text;
}

class Gate {
 public:
  Gate(const NodeConfig& config, const governance::Consortium& consortium, const study::Study& study)
      : config_(config),
        rules_(*consortium.quality),
        minimum_cell_(consortium.minimum_cell),
        study_(study),
        source_(source_config(config)) {}

  void pass(const WatchSource& watch) {
    const std::string digest = digest_of_question();
    const fs::path remembered = config_.state / "quality_passed";
    if (!digest.empty() && fs::exists(remembered) && read_file(remembered, 1024) == digest) return;
    const std::vector<quality::Outcome> outcomes = check(watch);
    bool failed = false;
    for (const quality::Outcome& outcome : outcomes) {
      if (outcome.verdict != quality::Verdict::kFailed) continue;
      failed = true;
      spdlog::error("quality check {}: {} of {} rows: {}", outcome.check.id, outcome.violated, outcome.looked,
                    outcome.check.meaning);
    }
    if (failed) throw Failure(quality::refusal(config_.name, outcomes));
    if (!digest.empty()) write_file(remembered, digest, FileAccess::kOwnerOnly);
  }

 private:
  bool reads_cdm_table() const { return quality::find_cdm_table(study_.data.table) != nullptr; }

  std::vector<quality::DeclaredColumn> declared_columns() const {
    std::vector<quality::DeclaredColumn> columns;
    for (const data::ColumnDeclaration& column : study_.data.columns) columns.push_back({column.name, column.missing});
    return columns;
  }

  std::vector<quality::Outcome> check(const WatchSource& watch) {
    if (study_.cohort == nullptr) source_.tables = {study_.data.table};
    if (reads_cdm_table()) source_.tables.insert(source_.tables.end(), std::begin(looked_up), std::end(looked_up));
    const auto source = data::open_source(source_);
    const std::shared_ptr<void> watched = watch(*source);
    const std::vector<std::string> tables = tables_read(*source);
    std::vector<quality::Check> checks;
    if (study_.cohort == nullptr)
      checks = quality::filled_checks(*source, study_.data.table, declared_columns(), minimum_cell_);
    if ((study_.cohort != nullptr || reads_cdm_table()) && quality::is_cdm(*source)) {
      for (quality::Check& each : quality::cdm_checks(*source, rules_, today(), tables))
        checks.push_back(std::move(each));
    }
    return quality::run_checks(*source, std::move(checks), rules_.thresholds);
  }

  std::vector<std::string> tables_read(const data::Source& source) const {
    if (study_.cohort == nullptr) return {study_.data.table};
    const auto name = [&](const std::string& table) { return source.table_name(table); };
    const std::set<std::string> tables = cohort::feature_query(*study_.cohort, name).tables;
    return {tables.begin(), tables.end()};
  }

  std::string digest_of_question() const {
    const std::string stamp = stamp_of(source_);
    if (stamp.empty()) return {};
    std::string question =
        fmt::format("{}\n{}\n{}\n{}\n", COHORTIUM_VERSION, today(), minimum_cell_, study_.data.table);
    for (const quality::DeclaredColumn& column : declared_columns())
      question += fmt::format("{} {}\n", column.name, fmt::join(column.missing, " "));
    if (study_.cohort != nullptr) question += study_.hash + "\n";
    return crypto::sha256_hex(question + rules_text(rules_) + stamp);
  }

  const NodeConfig& config_;
  const quality::Rules& rules_;
  const int minimum_cell_;
  const study::Study& study_;
  data::SourceConfig source_;
};

}  // namespace

void pass_quality_gate(const NodeConfig& config, const governance::Consortium& consortium, const study::Study& study,
                       const WatchSource& watch) {
  if (consortium.quality) Gate(config, consortium, study).pass(watch);
}

std::vector<quality::Outcome> check_all_records(const NodeConfig& config, const governance::Consortium& consortium,
                                                const quality::ShowProgress& show) {
  const quality::Rules rules = consortium.quality.value_or(quality::Rules());
  const auto source = data::open_source(source_config(config));
  std::vector<quality::Check> checks = quality::other_table_checks(*source, consortium.minimum_cell);
  if (quality::is_cdm(*source)) {
    for (quality::Check& each : quality::cdm_checks(*source, rules, today())) checks.push_back(std::move(each));
  }
  return quality::run_checks(*source, std::move(checks), rules.thresholds, show);
}

}  // namespace cohortium::node
