// What a site and a compute party say to each other in a run, over one channel:
//
//   site to party   number of rows, padded (8, little-endian): only when the plan shares rows
//                   the party's part of the site's aggregates and rows (mpc/dealing.h)
//   party to site   a question: number of the analysis (4), then the public state (8 each, binary64)
//   site to party   the party's part of the answer; then the next question
//   party to site   an empty message: no more questions
//
// Security   a site answers only what all compute parties ask alike, and no more often than the plan declares: a single
//            party cannot make sites evaluate their records at points of its own choice
// Reveals    a site's padded number of rows, to the compute parties
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/channel.h"
#include "study/plan.h"
#include "study/site_bounds.h"

namespace cohortium::node {

// At a site. `channels` lead to the compute parties, in their order.
class SiteSide {
 public:
  SiteSide(const study::Plan& plan, const data::Table& table, std::vector<net::Channel*> channels);
  // Shares aggregates and rows.
  void deal();
  // Answers until there are no more questions. Fails with net.*, node.unequal_questions or study.bad_step.
  void answer();

 private:
  const study::Plan& plan_;
  const data::Table& table_;
  std::vector<net::Channel*> channels_;
};

// At a compute party. `connect` waits for a site and returns the channel to it, which must outlive this.
class PartySide {
 public:
  using Connect = std::function<net::Channel&(const std::string& site)>;
  PartySide(const study::Plan& plan, mpc::Engine& engine, const Connect& connect);
  // The sites' shares and the way to ask for more; valid as long as this. Fails with net.*, mpc.bad_share_bundle,
  // node.bad_row_count, study.impossible_share.
  const study::StudyInputs& inputs() const { return inputs_; }
  // Tells all sites that there are no more questions.
  void finish();

 private:
  study::SiteShares receive(net::Channel& channel, const std::string& site);
  mpc::Shared<mpc::u128> ask(std::size_t analysis, std::span<const double> state);

  const study::Plan& plan_;
  mpc::Engine& engine_;
  std::vector<net::Channel*> channels_;
  study::StudyInputs inputs_;
};

}  // namespace cohortium::node
