// Answers one request after another over mutual TLS, each in the thread of its connection: who it is, how often, whether she
// may (routes.h), how much she sends; and that nothing is done twice (request_journal.h). What is done is the node's.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "governance/consortium.h"
#include "node/config.h"
#include "node/event_feed.h"
#include "node/http.h"
#include "node/rate_limit.h"
#include "node/refusals.h"
#include "node/request_journal.h"
#include "node/routes.h"

namespace cohortium::node {

class ApiServer {
 public:
  using Act = std::function<nlohmann::json(const Route& route, const Request& request)>;
  ApiServer(const NodeConfig& config, const governance::Consortium& consortium, EventFeed& feed, Act act,
            Refusals::Log log_refusal);

  // `crowded`: the caller has too many connections, and is told so.
  void serve(net::TlsStream& stream, bool crowded);
  void log_refusals(bool all = false);

 private:
  struct Call;
  nlohmann::json answer(HttpConnection& connection, Call& call);
  void admit(Call& call);
  void check_caller(const Route& route, const Request& request) const;

  const std::string name_;
  const Limits limits_;
  const governance::Consortium& consortium_;
  EventFeed& feed_;
  const Act act_;
  RateLimit rate_;
  Refusals refusals_;
  RequestJournal journal_;
};

}  // namespace cohortium::node
