// `cohortium quality`: what the quality gate finds at a site, for its operator.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/progress_line.h"
#include "cli/quality_report.h"
#include "governance/consortium_history.h"
#include "node/quality_gate.h"

namespace cohortium::cli {

bool check_quality(const QualityOptions& options, const Output& output) {
  const node::NodeConfig config = node::read_config(options.config);
  ProgressLine line(output.json);
  const auto outcomes = node::check_all_records(
      config, governance::read_consortium(config.consortium), [&](const quality::Progress& progress) {
        line.show(fmt::format("{}  {}/{} checks{}", progress.table, progress.done, progress.total,
                              progress.done == 0 ? "" : fmt::format(", about {:.0f} s left", progress.seconds_left)));
      });
  line.show("");
  const std::string text =
      output.json ? quality_json(config.name, outcomes).dump(2) + "\n" : quality_text(config.name, outcomes);
  std::fputs(text.c_str(), stdout);
  if (!options.report.empty()) write_file(options.report, quality_page(config.name, outcomes, timestamp()));
  return count_verdicts(outcomes).failed == 0;
}

}  // namespace cohortium::cli
