// `cohortium privacy`: what a node has spent of its privacy budget.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "governance/privacy_ledger.h"
#include "node/config.h"

namespace cohortium::cli {

void show_privacy(const std::filesystem::path& config_file, const Output& output) {
  const node::NodeConfig config = node::read_config(config_file);
  std::map<std::pair<int, std::string>, double> spent;
  nlohmann::json expenses = nlohmann::json::array();
  for (const auto& expense : governance::PrivacyLedger::read(config.state / "privacy.ledger")) {
    spent[{expense.year, expense.table}] += expense.loss;
    expenses.push_back({{"time", expense.time},
                        {"year", expense.year},
                        {"table", expense.table},
                        {"loss", expense.loss},
                        {"study", expense.study},
                        {"run", expense.run}});
  }
  nlohmann::json accounts = nlohmann::json::array();
  std::string text =
      fmt::format("{}: a loss of {:.6g} (rho) per table and year may be spent\n", config.name, config.privacy_budget);
  if (spent.empty()) text += "nothing has been spent\n";
  for (const auto& [account, loss] : spent) {
    const double left = std::max(0.0, config.privacy_budget - loss);
    text += fmt::format("  {}  {:<32} spent {:<10.6g} left {:.6g}\n", account.first, account.second, loss, left);
    accounts.push_back({{"year", account.first}, {"table", account.second}, {"spent", loss}, {"left", left}});
  }
  const nlohmann::json json = {{"budget", config.privacy_budget}, {"accounts", accounts}, {"expenses", expenses}};
  std::fputs(output.json ? (json.dump(2) + "\n").c_str() : text.c_str(), stdout);
}

}  // namespace cohortium::cli
