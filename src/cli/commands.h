// The commands of `cohortium`, each in its own file. They print to standard output and throw Failure.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/bench.h"

namespace cohortium::cli {

struct Output {
  bool json = false;  // machine-readable
};

// run.cc
struct RunOptions {
  std::filesystem::path study;
  std::vector<std::string> sites;  // NAME=FOLDER
  std::filesystem::path out;
  bool compare = false;
};
void run_locally(const RunOptions& options, const Output& output);

// node.cc
void run_node(const std::filesystem::path& config);

// study.cc
struct Caller {
  std::filesystem::path consortium, identity;
};
void check_study(const std::filesystem::path& study, const Output& output);
void submit_study(const Caller& caller, const std::filesystem::path& study, const Output& output);
void approve_study(const Caller& caller, const std::string& hash, const std::string& node, const Output& output);
void run_study(const Caller& caller, const std::string& hash, const Output& output);
// What an operator reads before she approves: the study as the coordinator has it, checked against its hash.
void show_study(const Caller& caller, const std::string& hash, const Output& output);
void show_status(const Caller& caller, const std::string& hash, const Output& output);
void fetch_result(const Caller& caller, const std::string& hash, const std::filesystem::path& out,
                  const Output& output);

// keys.cc
void create_keys(const std::string& name, const std::filesystem::path& folder, const Output& output);
struct ConsortiumOptions {
  std::string name, coordinator;
  std::vector<std::string> members;    // NAME=HOST:PORT,CERTIFICATE[,site][,compute]
  std::vector<std::string> analysts;   // NAME=CERTIFICATE
  std::vector<std::string> operators;  // NAME=CERTIFICATE,MEMBER
  int minimum_cell = 11;
  bool exact_curves = false;
  std::string network = "lan";
  std::filesystem::path out;
};
void create_consortium(const ConsortiumOptions& options, const Output& output);
void verify_audit_log(const std::filesystem::path& log, const Output& output);

// synth.cc
struct SynthOptions {
  std::vector<std::string> sites;  // NAME=ROWS
  double hazard_ratio = 0.7, censoring = 0.3, median = 300;
  unsigned horizon = 1095;
  std::uint64_t seed = 1;
  std::filesystem::path out;
};
void synthesise(const SynthOptions& options, const Output& output);

// bench.cc
void run_bench(const bench::Options& options, const Output& output);
void print_costs();

// Writes OUT/result.json and OUT/report.html.
void write_result(const std::filesystem::path& out, const std::string& result_json);

}  // namespace cohortium::cli
