// A node's part in one run of one study: as a site, as a compute party, or as both at once.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "governance/consortium.h"
#include "governance/privacy_ledger.h"
#include "governance/release_ledger.h"
#include "net/tls.h"
#include "node/config.h"
#include "node/rendezvous.h"
#include "study/plan.h"

namespace cohortium::node {

// Where a node stands in a run; read by others while it runs.
struct Progress {
  std::atomic<const char*> phase{"starting"};  // "reading records", "sharing", "computing", "done"
  std::atomic<std::size_t> done{0}, total{0};  // analyses
};

// What a site asks itself before it shares anything, when it knows how many rows are selected, and before that where
// something is to be shared earlier. Fails where it must not.
using BeforeSharing = std::function<void(std::optional<std::size_t> rows)>;

struct RunSettings {
  std::string run;  // 32 hexadecimal digits
  const NodeConfig& config;
  const governance::Consortium& consortium;
  net::TlsIdentity identity;
  net::PinnedPeers peers;
  const study::Plan& plan;
  governance::PrivacyLedger& ledger;
  governance::ReleaseLedger& releases;
  bool only_agreement = false;        // whether sites agree, and nothing else
  BeforeSharing before_sharing = {};  // may be empty
};

// Reads and checks the records, compares with earlier releases, counts, deals shares to the compute parties; then or
// meanwhile computes with the other parties. Returns {} for a site and {"released": {"analyses", "withheld"}, "cost": {...}} for a compute party.
// Where the study asks that sites agree in something, that is compared first; with `only_agreement` a compute party
// returns {"agreement": [...]} (study/site_agreement.h) and no record is read for the study.
// Fails with data.*, harmonise.*, release.*, net.*, mpc.*; a failed run leaves nothing behind.
nlohmann::json take_part(const RunSettings& settings, Rendezvous& rendezvous, Progress& progress);

}  // namespace cohortium::node
