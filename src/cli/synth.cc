// `cohortium synth`: synthetic data with a known truth.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "data/synthetic.h"
#include "data/synthetic_omop.h"

namespace cohortium::cli {

void synthesise(const SynthOptions& options, const Output& output) {
  data::SyntheticTrial trial{.hazard_ratio = options.hazard_ratio,
                             .median_days = options.median,
                             .censored_fraction = options.censoring,
                             .horizon_days = options.horizon,
                             .seed = options.seed};
  nlohmann::json folders = nlohmann::json::object();
  for (const std::string& text : options.sites) {
    const std::size_t equals = std::min(text.find('='), text.size());
    data::SyntheticSite site{.name = text.substr(0, equals)};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + std::min(equals + 1, text.size()), end, site.rows);
    if (error != std::errc{} || stop != end) {
      throw Failure({.code = "cli.bad_option",
                     .message = "\"" + text + "\" is not NAME=ROWS",
                     .where = "--site",
                     .remedy = "write for example --site north=500"});
    }
    folders[site.name] = (options.out / site.name).string();
    trial.sites.push_back(site);
  }
  if (options.omop) {
    data::write_synthetic_omop(options.out, trial.sites, options.seed);
  } else {
    data::write_synthetic_trial(options.out, trial);
  }
  std::string text;
  for (const auto& [name, folder] : folders.items())
    text += fmt::format("{:<20} {}\n", name, folder.get<std::string>());
  std::fputs(output.json
                 ? (nlohmann::json{{"sites", folders}, {"truth", (options.out / "truth.json").string()}}.dump(2) + "\n")
                       .c_str()
                 : text.c_str(),
             stdout);
}

}  // namespace cohortium::cli
