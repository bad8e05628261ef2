// node.toml: what one node is told about itself. Everything it shares with others stands in the consortium file.
//
//   name = "north"                     # as in the consortium file
//   consortium = "consortium.toml"     # paths are relative to this file
//   certificate = "north.crt"
//   key = "north.key"
//   listen = "0.0.0.0:7443"
//   state = "state"                    # studies, approvals, results, audit log
//   data = "records"                   # sites: the folder with TABLE.csv or TABLE.parquet
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace cohortium::node {

struct NodeConfig {
  std::string name;
  std::filesystem::path consortium, certificate, key, state;
  std::optional<std::filesystem::path> data;
  std::string listen_address;
  std::uint16_t listen_port = 0;
};

// Fails with node.bad_config (`where` = file:line:column) or file.*.
NodeConfig read_config(const std::filesystem::path& path);

// "host:port"; fails with node.bad_endpoint.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};
Endpoint parse_endpoint(const std::string& text);

}  // namespace cohortium::node
