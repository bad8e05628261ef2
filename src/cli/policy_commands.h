// `cohortium policy`: show what a site's policy says, test what it would decide, sign it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cohortium::cli {

struct Output;

struct PolicyTestOptions {
  std::filesystem::path policy, cases;         // cases.toml; empty: studies
  std::vector<std::filesystem::path> studies;  //
  std::string analyst, fingerprint, purpose, protocol;
};

// policy.cc
void show_policy(const std::filesystem::path& file, const Output& output);
// Whether all verdicts are as the cases want them, or all studies are allowed.
bool test_policy(const PolicyTestOptions& options, const Output& output);

struct PolicySignOptions {
  std::filesystem::path policy, identity, credential;
};
void sign_policy(const PolicySignOptions& options, const Output& output);

void add_policy_commands(CLI::App& app, const Output& output, std::function<void()>& command, int& status);

}  // namespace cohortium::cli
