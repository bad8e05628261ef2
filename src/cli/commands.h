// The commands of `cohortium`, each in its own file. They print to standard output and throw Failure.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/bench.h"
#include "evidence/inputs.h"
#include "omop/loader.h"

namespace cohortium::cli {

struct Output {
  bool json = false;  // machine-readable
};

// run.cc
struct RunOptions {
  std::filesystem::path study;
  std::vector<std::string> sites;  // NAME=RECORDS: folder, DuckDB file, TOML file with [source]
  std::filesystem::path out;
  bool compare = false;
};
void run_locally(const RunOptions& options, const Output& output);

// node.cc
void run_node(const std::filesystem::path& config);

// harmonise.cc
struct HarmoniseOptions {
  std::filesystem::path source, map;  // node.toml, folder or file; the site's own map of codes, empty: none
};
void show_harmonisation(const HarmoniseOptions& options, const Output& output);

// quality.cc
struct QualityOptions {
  std::filesystem::path config, report;  // node.toml; page to write, empty: none
};
// Whether all checks passed.
bool check_quality(const QualityOptions& options, const Output& output);

// study.cc
struct Caller {
  std::filesystem::path consortium, identity, credential;  // of the identity; empty: asked for
};
void check_study(const std::filesystem::path& study, const Output& output);
void sign_study(const Caller& caller, const std::filesystem::path& study, int days, const std::filesystem::path& out,
                const Output& output);
// Of a study file, which it signs, or of a signed study.
void submit_study(const Caller& caller, const std::filesystem::path& study, int days, const Output& output);
// "approve" or "withdraw".
void decide_on_study(const Caller& caller, const std::string& decision, const std::string& hash,
                     const std::string& node, const Output& output);
// Whether the sites agree in what the study asks: true where they do in all of it.
bool check_agreement(const Caller& caller, const std::string& hash, const Output& output);
void run_study(const Caller& caller, const std::string& hash, const Output& output);
// What an approver reads before she approves: the study as the coordinator has it, checked against its hash and
// signature.
void show_study(const Caller& caller, const std::string& hash, const Output& output);
void show_status(const Caller& caller, const std::string& hash, const Output& output);
void fetch_result(const Caller& caller, const std::string& hash, const std::filesystem::path& out,
                  const Output& output);

// keys.cc
struct KeyOptions {
  std::string name, token;                                // of a new key; pkcs11:… where it is in a token
  std::filesystem::path folder, path;                     // of a new key; FOLDER/NAME of one that is there
  std::filesystem::path credential, new_credential, old;  // files
};
void create_keys(const KeyOptions& options, const Output& output);
void show_keys(const KeyOptions& options, const Output& output);
void protect_keys(const KeyOptions& options, const Output& output);
// Makes NAME anew in another folder, and NAME.rotation, which announces it.
void rotate_keys(const KeyOptions& options, const Output& output);

// audit.cc
struct AuditOptions {
  std::filesystem::path consortium, result;
  std::vector<std::filesystem::path> folders, heads;  // logs; what shows heads of other nodes: heads.jsonl, result.json
  std::string study;                                  // a hash; empty: all entries
  std::uint64_t entry = 0;
};
void verify_audit_logs(const AuditOptions& options, const Output& output);
// Copies a node's audit log into a folder, and verifies it.
void fetch_audit_log(const Caller& caller, const std::string& node, const std::filesystem::path& out,
                     const Output& output);
void show_audit_log(const AuditOptions& options, const Output& output);
// That the log holds an entry: JSON for others to check.
void prove_audit_entry(const AuditOptions& options, const Output& output);
void verify_result(const AuditOptions& options, const Output& output);

// evidence.cc
struct EvidenceOptions {
  evidence::Files files;
  std::filesystem::path config, study, out;  // node.toml, empty: none; signed study or result, empty: the consortium
};
// Writes OUT/evidence.json and OUT/evidence.html.
void make_evidence(const EvidenceOptions& options, const Output& output);

// consortium.cc
struct ConsortiumOptions {
  std::filesystem::path file, out;
  std::string name, coordinator;
  std::vector<std::string> members;  // NAME=HOST:PORT,CERTIFICATE[,site][,compute][,approvals=N][,expires=DAY]
  std::vector<std::string> people;   // NAME=CERTIFICATE,ROLE[,MEMBER][,expires=DAY]
  std::vector<std::string> remove, revoke;
  std::vector<std::filesystem::path> rotations, others;  // announcements; files of the same version
  int minimum_cell = 11, change_signatures = 0;
  double rows_per_parameter = 0;
  int round_to = 1;
  bool exact_curves = false, protect_sites = false, no_zero_and_full = false, quality_gate = false;
  std::string network = "lan";
  std::filesystem::path identity, credential;
};
void create_consortium(const ConsortiumOptions& options, const Output& output);
// The next version, for the members to sign.
void propose_consortium(const ConsortiumOptions& options, const Output& output);
void sign_consortium(const ConsortiumOptions& options, const Output& output);
// Takes over the signatures that others have added to their copies.
void collect_signatures(const ConsortiumOptions& options, const Output& output);
// Fails unless the file is in force.
void verify_consortium(const ConsortiumOptions& options, const Output& output);

// privacy.cc
void show_privacy(const std::filesystem::path& config_file, const Output& output);

// synth.cc
struct SynthOptions {
  std::vector<std::string> sites;  // NAME=ROWS
  double hazard_ratio = 0.7, censoring = 0.3, median = 300;
  unsigned horizon = 1095;
  bool omop = false;  // OMOP tables instead of a trial
  std::uint64_t seed = 1;
  std::filesystem::path out;
};
void synthesise(const SynthOptions& options, const Output& output);

// source.cc
// What a source has: tables, columns, types, rows; fails where the node would refuse to read from it.
void check_source(const std::filesystem::path& config, const Output& output);

// load.cc
struct LoadOptions {
  std::filesystem::path from, into;
  std::size_t line_megabytes = 16;
};
void load_fhir(const LoadOptions& options, const Output& output);
void load_hl7(const LoadOptions& options, const Output& output);
void load_vocabulary(const LoadOptions& options, const Output& output);
void print_load_summary(const omop::Summary& summary, const omop::Counts& rows, const Output& output);

// listen.cc
struct ListenOptions {
  std::filesystem::path into;
  std::uint16_t port = 0;
  int message_seconds = 30;
};
void listen_hl7(const ListenOptions& options, const Output& output);

// bench.cc
void run_bench(const bench::Options& options, const Output& output);
void print_costs();

// Writes OUT/result.json and OUT/report.html.
void write_result(const std::filesystem::path& out, const std::string& result_json);

}  // namespace cohortium::cli
