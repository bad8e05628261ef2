#include "statistics/noisy.h"

#include <nlohmann/json.hpp>

#include "statistics/describe/kinds.h"
#include "statistics/describe/noisy_kinds.h"

namespace cohortium::statistics {
namespace {

// Of which all that is shared is a vector of counts, and a row adds 1 to at most one of them.
class NoisyCounts final : public NoisyAnalysis {
 public:
  explicit NoisyCounts(std::unique_ptr<Analysis> counts) : counts_(std::move(counts)) {}

  Declaration declare() const override { return counts_->declare(); }
  std::vector<mpc::u128> local(const data::Table& table) const override { return counts_->local(table); }
  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    return counts_->secure(engine, inputs);
  }
  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override { return counts_->present(outcome); }
  std::vector<AggregatePart> parts() const override { return {{.size = counts_->declare().aggregate_size}}; }
  nlohmann::json present_noisy(const mpc::ReleasedOutcome& outcome, std::span<const AddedNoise>) const override {
    return present(outcome);
  }

 private:
  const std::unique_ptr<Analysis> counts_;
};

}  // namespace

std::unique_ptr<NoisyAnalysis> make_noisy_analysis(const AnalysisEntry& entry, const std::string& path,
                                                   const std::vector<data::ColumnDeclaration>& columns,
                                                   const mpc::ReleaseRule& rule) {
  const EntryContext context{entry, path, columns, rule};
  const std::string& kind = entry.kind;
  if (kind == "count") return std::make_unique<NoisyCounts>(make_count(context));
  if (kind == "table") return std::make_unique<NoisyCounts>(make_table(context));
  if (kind == "histogram") return std::make_unique<NoisyCounts>(make_histogram(context));
  if (kind == "proportion" || kind == "prevalence") return make_noisy_proportion(context);
  if (kind == "rate") return make_noisy_rate(context);
  if (kind == "describe") return make_noisy_describe(context);
  return nullptr;
}

}  // namespace cohortium::statistics
