// Asks the other nodes for the heads of their audit logs, so that nobody can show two histories (governance/witness.h):
// before a run every node that takes part, in the background all members, once a minute and whenever something ended.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "governance/consortium.h"
#include "governance/witness.h"
#include "node/http_client.h"

namespace cohortium::node {

class HeadExchange {
 public:
  // Begins to ask in the background.
  HeadExchange(std::string self, const governance::Consortium& consortium, const HttpClient& client,
               governance::Witness& witness);
  ~HeadExchange();

  // Now, and all of them must answer. Fails with audit.forked, naming the node, with net.* or audit.bad_head.
  void require(const std::vector<std::string>& nodes);
  void soon();

 private:
  std::vector<Error> ask(const std::vector<std::string>& nodes);
  void keep_asking();

  const std::string self_;
  const governance::Consortium& consortium_;
  const HttpClient& client_;
  governance::Witness& witness_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace cohortium::node
