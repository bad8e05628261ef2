// node.toml: what one node is told about itself. Everything it shares with others stands in the consortium file.
//
//   name = "north"                     # as in the consortium file
//   consortium = "consortium.toml"     # paths are relative to this file
//   certificate = "north.crt"
//   key = "north.key"
//   credential = "/run/credentials/cohortium.service/north"   # the key's passphrase; without it the terminal is asked
//   listen = "0.0.0.0:7443"
//   state = "state"                    # studies, approvals, results, audit log
//   data = "records"                   # sites: the folder with TABLE.csv or TABLE.parquet, a file records.duckdb, or
//                                      # a TOML file that holds nothing but the table [source]
//   privacy_budget = 1.0               # sites: loss (rho) that studies with noise may cost a person within any 365 days
//   policy = "policy.toml"             # sites: what the site allows (policy/policy.h); without it, its approvers alone
//   [limits]                           # how much anybody may ask of the node (limits.h), for instance
//   changes_per_minute = 120
//   [populations]                      # sites: tables that hold the same people, who have one privacy budget in all of them
//   patients = ["diagnoses", "laboratory", "cohort"]
//   [identifiers]                      # sites: by table, the column by which its rows are known again in later studies;
//   diagnoses = "patient_id"           # without it, by all that stands in the row
// or, instead of data, at its end a table that says where the records are:
//   [source]
//   kind = "postgresql"                # or "duckdb", "folder": these have `path` (and duckdb `schema`) alone; or "odbc"
//                                      # with connection, password_file, schema, statement_timeout
//   host = "db.north.example"          # or the folder of a Unix socket
//   port = 5432                        # this is the default
//   dbname = "cdm"
//   user = "cohortium_reader"          # may do nothing but read
//   password_file = "db.password"      # one line
//   sslmode = "verify-full"            # the default; or verify-ca; disable for a server on this machine only
//   sslrootcert = "root.crt"
//   schema = "public"
//   statement_timeout = 1800           # seconds
// and, beside either of them, what the site says of its own columns (here, or in the file that `data` names):
//   [harmonise]
//   map = "local_codes.csv"            # what its codes mean (harmonise/site_map.h)
//   vocabulary = true                  # codes map by the vocabulary's "Maps to", too
//   [[harmonise.column]]
//   table = "laboratory"
//   column = "hb"
//   unit = "g/L"                       # of all its values; UCUM
//   date = "DD.MM.YYYY"                # how its dates are written (harmonise/date_format.h)
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "data/source_config.h"
#include "governance/privacy_ledger.h"
#include "harmonise/rules.h"
#include "node/limits.h"

namespace cohortium::node {

struct NodeConfig {
  std::string name;
  std::filesystem::path consortium, certificate, key, state;
  std::filesystem::path credential = {};  // file with the key's passphrase; empty: asked for at the start
  std::optional<data::SourceConfig> source;
  harmonise::SiteRules harmonise = {};
  std::string listen_address;
  std::uint16_t listen_port = 0;
  std::filesystem::path policy = {};  // empty: none
  governance::PrivacyBudget privacy = {};
  std::map<std::string, std::string> identifiers = {};  // by table
  Limits limits = {};
};

// Where the node's records are. Fails with node.no_data.
data::SourceConfig source_config(const NodeConfig& config);

// Fails with node.bad_config (`where` = file:line:column) or file.*.
NodeConfig read_config(const std::filesystem::path& path);

// Where records are: a folder, a DuckDB file, or what a TOML file says, which may be a node.toml. Fails with
// node.bad_config or file.*.
data::SourceConfig read_source(const std::filesystem::path& path);
// What the same file says of its columns; a folder and a DuckDB file say nothing. Fails alike, and with harmonise.*.
harmonise::SiteRules read_site_rules(const std::filesystem::path& path);

// "host:port"; fails with node.bad_endpoint.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};
Endpoint parse_endpoint(const std::string& text);

}  // namespace cohortium::node
