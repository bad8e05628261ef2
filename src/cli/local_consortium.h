// A throw-away consortium on this machine: real node processes on loopback, with keys that live as long as the command.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/client.h"

namespace cohortium::cli {

class LocalConsortium {
 public:
  // Site names and where their records are; further nodes are added until there are as many as compute
  // parties. Starts the nodes and waits until they answer. Fails with cli.node_failed (with the node's last words) or net.*.
  LocalConsortium(const std::map<std::string, std::filesystem::path>& sites, std::size_t compute_parties);
  // Stops the nodes and deletes keys and state.
  ~LocalConsortium();
  LocalConsortium(const LocalConsortium&) = delete;
  LocalConsortium& operator=(const LocalConsortium&) = delete;

  const Client& analyst() const { return *analyst_; }
  Client approver_of(const std::string& site) const;
  // A site's own error in full, which only its operator may see, if its last run failed.
  std::string site_error(const std::string& site) const;
  // Throws cli.node_failed when a node has ended.
  void check_nodes() const;

 private:
  void make_identities();
  void start_nodes();
  void stop_nodes();

  std::filesystem::path folder_;
  std::map<std::string, std::filesystem::path> sites_;
  net::Passphrase passphrase_ = net::random_passphrase();  // of all keys; in memory and pipes only
  std::size_t compute_parties_;
  governance::Consortium consortium_;
  std::map<std::string, pid_t> processes_;
  std::unique_ptr<Client> analyst_;
};

}  // namespace cohortium::cli
