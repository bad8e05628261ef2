// `cohortium load`: FHIR exports, HL7 v2 messages and vocabularies into an OMOP database in one DuckDB file.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "omop/fhir.h"
#include "omop/hl7_load.h"
#include "omop/vocabulary.h"

namespace cohortium::cli {
namespace {

using Clock = std::chrono::steady_clock;

// "Observation.ndjson.gz: 120,000 records, 45,000 per second, 37 %, about 12 s left"
class LoadProgress {
 public:
  explicit LoadProgress(bool quiet) : line_(quiet) {}

  void operator()(const omop::Progress& progress) {
    if (interrupted())
      throw Failure({.code = "cli.interrupted", .message = "the load was interrupted", .remedy = "load again"});
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    if (seconds - shown_ < 0.2) return;
    shown_ = seconds;
    const double part = progress.bytes_total == 0
                            ? 1
                            : static_cast<double>(progress.bytes_done) / static_cast<double>(progress.bytes_total);
    line_.show(fmt::format("{}: {} records, {:.0f} per second, {:.0f} %, about {:.0f} s left", progress.file,
                           progress.records, static_cast<double>(progress.records) / seconds, 100 * part,
                           part > 0 ? seconds / part - seconds : 0));
  }

 private:
  ProgressLine line_;
  Clock::time_point start_ = Clock::now();
  double shown_ = 0;
};

std::string list(const omop::Counts& counts) {
  std::string text;
  for (const auto& [name, count] : counts) text += fmt::format("  {:<28} {:>12}\n", name, count);
  return text;
}

}  // namespace

void print_load_summary(const omop::Summary& summary, const omop::Counts& rows, const Output& output) {
  if (output.json) {
    const nlohmann::json json = {{"in", summary.read},
                                 {"mapped", summary.mapped()},
                                 {"rejected", summary.rejected()},
                                 {"not_mapped", summary.declared_not_mapped()},
                                 {"new", summary.total("new")},
                                 {"replaced", summary.total("replaced")},
                                 {"unchanged", summary.total("unchanged")},
                                 {"outdated", summary.total("outdated")},
                                 {"messages", summary.messages},
                                 {"kinds", summary.kinds},
                                 {"kinds_not_mapped", summary.not_mapped},
                                 {"reasons", summary.reasons},
                                 {"notes", summary.notes},
                                 {"rows", rows}};
    std::fputs((json.dump(2) + "\n").c_str(), stdout);
    return;
  }
  std::string text = fmt::format(
      "{} records: {} mapped ({} new, {} replaced, {} unchanged, {} outdated), {} rejected, {} of "
      "kinds that are not mapped\n",
      summary.read, summary.mapped(), summary.total("new"), summary.total("replaced"), summary.total("unchanged"),
      summary.total("outdated"), summary.rejected(), summary.declared_not_mapped());
  const std::pair<const char*, const omop::Counts*> parts[] = {{"messages", &summary.messages},
                                                               {"rejected, by reason", &summary.reasons},
                                                               {"not mapped, by kind", &summary.not_mapped},
                                                               {"notes", &summary.notes},
                                                               {"rows in the database", &rows}};
  for (const auto& [title, counts] : parts)
    if (!counts->empty()) text += fmt::format("{}\n{}", title, list(*counts));
  std::fputs(text.c_str(), stdout);
}

void load_records(const LoadOptions& options, const Output& output, decltype(omop::load_fhir) load) {
  omop::Store store(options.into);
  omop::Loader loader(store);
  {
    LoadProgress progress(output.json);
    load(loader, options.from, {.line_bytes = options.line_megabytes << 20}, std::ref(progress));
  }
  loader.finish();
  COHORTIUM_CHECK(loader.summary().accounts_for_all());
  print_load_summary(loader.summary(), omop::table_rows(store), output);
}

void load_fhir(const LoadOptions& options, const Output& output) { load_records(options, output, omop::load_fhir); }
void load_hl7(const LoadOptions& options, const Output& output) { load_records(options, output, omop::load_hl7); }

void load_vocabulary(const LoadOptions& options, const Output& output) {
  omop::Store store(options.into, omop::Store::OtherFiles::kReadable);
  const omop::Counts counts = omop::load_vocabulary(store, options.from);
  std::fputs(output.json ? (nlohmann::json{{"rows", counts}}.dump(2) + "\n").c_str() : list(counts).c_str(), stdout);
}

}  // namespace cohortium::cli
