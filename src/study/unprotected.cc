#include "study/unprotected.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "mpc/simulate.h"

namespace cohortium::study {
namespace {

using mpc::u128;

void add_to(std::vector<u128>& sum, std::span<const u128> part) {
  sum.resize(part.size());
  for (std::size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

struct PlainInputs {
  std::vector<u128> aggregates, rows;
  std::size_t row_count = 0;
  std::vector<std::vector<u128>> sites = {};  // each one's aggregates
};

PlainInputs gather_inputs(const Plan& plan, const std::vector<data::Table>& tables) {
  PlainInputs inputs;
  std::vector<std::vector<u128>> sites;
  for (const data::Table& table : tables) {
    sites.push_back(plan.local(table));
    add_to(inputs.aggregates, std::span(sites.back()).first(plan.aggregate_size()));
  }
  for (std::size_t column = 0; column < plan.row_columns(); ++column) {
    for (const auto& site : sites) {
      const std::size_t rows = (site.size() - plan.aggregate_size()) / plan.row_columns();
      const auto part = std::span(site).subspan(plan.aggregate_size() + column * rows, rows);
      inputs.rows.insert(inputs.rows.end(), part.begin(), part.end());
      if (column == 0) inputs.row_count += rows;
    }
  }
  if (plan.by_site()) {
    for (std::vector<u128>& site : sites) {
      site.resize(plan.aggregate_size());
      inputs.sites.push_back(std::move(site));
    }
  }
  return inputs;
}

}  // namespace

nlohmann::json analyse_unprotected(const Plan& plan, const std::vector<data::Table>& tables) {
  COHORTIUM_CHECK(tables.size() == plan.study().sites.size());
  const PlainInputs inputs = gather_inputs(plan, tables);
  const auto results = mpc::simulate("plaintext", [&](mpc::Engine& engine) {
    std::vector<mpc::Shared<u128>> of_sites;
    for (const auto& site : inputs.sites) of_sites.push_back(engine.constant(std::span<const u128>(site)));
    const auto released = plan.secure(engine, {.aggregates = engine.constant(std::span<const u128>(inputs.aggregates)),
                                               .rows = engine.constant(std::span<const u128>(inputs.rows)),
                                               .row_count = inputs.row_count,
                                               .sites = of_sites,
                                               .ask = [&](std::size_t analysis, std::span<const double> state) {
                                                 std::vector<u128> sum;
                                                 for (const data::Table& table : tables)
                                                   add_to(sum, plan.step(analysis, table, state));
                                                 return engine.constant(std::span<const u128>(sum));
                                               }});
    return plan.present(released.outcomes);
  });
  return results.front();
}

}  // namespace cohortium::study
