// `cohortium privacy`: what a node has spent of its privacy budget.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/commands.h"
#include "governance/privacy_ledger.h"
#include "node/config.h"

namespace cohortium::cli {

void show_privacy(const std::filesystem::path& config_file, const Output& output) {
  const node::NodeConfig config = node::read_config(config_file);
  const auto all = governance::PrivacyLedger::read(config.state / "privacy.ledger");
  nlohmann::json expenses = nlohmann::json::array();
  for (const auto& expense : all) {
    expenses.push_back({{"time", expense.time},
                        {"table", expense.table},
                        {"population", config.privacy.account_of(expense.table)},
                        {"loss", expense.loss},
                        {"study", expense.study},
                        {"run", expense.run}});
  }
  nlohmann::json accounts = nlohmann::json::array();
  std::string text = fmt::format("{}: a loss of {:.6g} (rho) may be spent within any 365 days on the people of\n",
                                 config.name, config.privacy.most);
  const auto spent = governance::spent_since(all, config.privacy, timestamp(-governance::privacy_window));
  if (spent.empty()) text += "  any table; nothing has been spent\n";
  for (const auto& [population, loss] : spent) {
    const double left = std::max(0.0, config.privacy.most - loss);
    text += fmt::format("  {:<32} spent {:<10.6g} left {:.6g}\n", population, loss, left);
    accounts.push_back({{"population", population}, {"spent", loss}, {"left", left}});
  }
  const nlohmann::json json = {{"budget", config.privacy.most}, {"accounts", accounts}, {"expenses", expenses}};
  std::fputs(output.json ? (json.dump(2) + "\n").c_str() : text.c_str(), stdout);
}

}  // namespace cohortium::cli
