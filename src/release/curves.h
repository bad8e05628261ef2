// Curves of one analysis: how their grids are taken together, and opening them.
//
// Reveals    which strata have enough people; of those, by release/merge.h, what decides their steps; for exact curves,
//            the grid points at which anyone leaves
// Rounds     deciding: a comparison and an opening; exact: the same once more; merged: twice more
#pragma once

#include <vector>

#include "mpc/engine.h"
#include "mpc/outcome.h"
#include "release/across.h"
#include "release/merge.h"
#include "release/opening.h"

namespace cohortium::release {

class CurveDecision {
 public:
  CurveDecision(mpc::Engine& engine, const mpc::SharedCurve& curve, const mpc::ReleaseRule& rule);

  const mpc::Shared<mpc::u128>& people() const { return people_; }
  // What each stratum's number of people and of events stand for others now.
  Standings people_standing() const;
  Standings events_standing() const;
  const std::vector<bool>& withdrawn() const { return withdrawn_; }
  void withdraw(std::size_t stratum) { withdrawn_[stratum] = true; }

  void add_to(Opening& opening) const;
  std::vector<mpc::ReleasedStratum> read(Opening& opening) const;

 private:
  // A stratum of enough people, and how its grid is taken together.
  struct Stratum {
    std::size_t index = 0;
    mpc::Shared<mpc::u128> people, events, censored;
    std::vector<mpc::Shared<mpc::u128>> sampled = {};
    std::vector<std::size_t> points = {};  // of an exact curve: where anyone leaves
    std::vector<Interval> steps = {};      // of a merged one, of grid points; none when there are too few events in all
    std::vector<Interval> coarse = {};     // of steps; none when the number of all censorings may not show
    bool people_shown = true;              // with all events shown, it tells the censorings
  };

  void find_points(mpc::Engine& engine);
  void merge_steps(mpc::Engine& engine);
  bool shown(const Stratum& stratum) const { return !withdrawn_[stratum.index]; }
  bool events_shown(const Stratum& stratum) const { return exact_ || !stratum.steps.empty(); }
  void add_steps(const Stratum& stratum, Opening& opening) const;
  void read_points(const Stratum& stratum, Opening& opening, mpc::ReleasedStratum& released) const;
  void read_steps(const Stratum& stratum, Opening& opening, mpc::ReleasedStratum& released) const;

  bool exact_ = false;
  mpc::u64 minimum_ = 1;
  std::size_t grid_ = 0;
  mpc::Shared<mpc::u128> people_;
  std::vector<Stratum> passing_;
  std::vector<bool> passed_, withdrawn_;
};

}  // namespace cohortium::release
