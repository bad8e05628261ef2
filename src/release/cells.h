// Cells of one analysis: which may be opened, and opening them.
//
// Reveals    which records pass the rules of door.h; of those with enough people, whether with and without the event there
//            are none, few or enough; of those that pass so far, which a veto or the protection of sites withholds; where
//            there may be faults and all pass, these
// Rounds     deciding: one comparison, a conjunction where there are events, an opening; where sites are protected or there
//            are vetoes, those of release/few_elsewhere.h and an opening; one more opening where there are faults; a
//            comparison, a conjunction and an opening per level of totals
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mpc/engine.h"
#include "mpc/outcome.h"
#include "release/across.h"
#include "release/opening.h"
#include "release/totals.h"

namespace cohortium::release {

inline constexpr const char* site_protection = "protection of sites";  // the rule, as result.json names it

class CellDecision {
 public:
  CellDecision(mpc::Engine& engine, mpc::SharedCells cells, const mpc::ReleaseRule& rule);

  const mpc::SharedCells& cells() const { return cells_; }
  // What each record's number of people, of those with the event, and each total stand for others now.
  Standings people() const;
  Standings events() const;
  Standings totals(std::size_t level) const;
  void withdraw_people(std::size_t record);
  void withdraw_record(std::size_t record);
  void withdraw_total(std::size_t level, std::size_t block) { totals_[level][block] = false; }

  void add_to(Opening& opening) const;
  mpc::ReleasedCells read(Opening& opening) const;

 private:
  void decide(mpc::Engine& engine);
  void decide_vetoes(mpc::Engine& engine);
  void decide_sites(mpc::Engine& engine);
  void note_vetoed(const std::string& rule, std::size_t records);
  void close_all();
  static std::vector<bool> open_set(mpc::Engine& engine, const mpc::SharedBits& bits);
  bool protects_sites() const { return !cells_.sites.empty() && minimum_ > 1; }
  bool hides_certain() const { return !rule_.zero_and_full && minimum_ > 1; }
  // Some but few people may be nobody at all sites but one; and where certainty is hidden, nobody is among the few.
  Standing few_for_all(Standing standing) const {
    return (protects_sites() || hides_certain()) && standing == Standing::kSome ? Standing::kFew : standing;
  }
  void open_faults(mpc::Engine& engine);

  const mpc::SharedCells cells_;
  const mpc::ReleaseRule rule_;
  const mpc::u64 minimum_;
  std::vector<bool> passed_, people_shown_;
  std::vector<bool> enough_;              // people, whatever else holds
  std::vector<Standing> events_, rests_;  // where there are enough people: kNone, kSome or kEnough
  std::vector<bool> withdrawn_;           // records whose own count would tell another
  std::vector<bool> guarded_;       // records withheld because a site would learn about few people of the others ...
  std::vector<bool> rest_guarded_;  // ... and numbers of people, because of those without the event
  std::vector<std::pair<std::string, std::size_t>> vetoed_;
  std::vector<std::string> faults_, fault_rules_;
  ShownTotals totals_;
};

}  // namespace cohortium::release
