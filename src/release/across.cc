#include "release/across.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "release/bound_groups.h"
#include "release/hidden_groups.h"
#include "release/safe_differences.h"
#include "release/threshold.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u64;

constexpr int difference_bits = 35;  // of a difference moved by largest_difference

// A relation that has to be looked at, and what is safe.
struct Question {
  std::size_t relation = 0;
  bool divided = false;
  SafeDifferences safe;
  std::vector<std::size_t> known;  // groups whose counts make the difference
  auto state() const { return std::tuple(divided, safe.low, safe.high, safe.outside, known); }
};

class Settlement {
 public:
  Settlement(Engine& engine, const Relations& relations, const std::vector<Family>& families, Decisions& decisions,
             u64 minimum)
      : engine_(engine),
        relations_(relations),
        families_(families),
        decisions_(decisions),
        minimum_(minimum),
        groups_(relations, families) {}

  void run() {
    for (bool settled = false; !settled;) {
      standings_ = decisions_.standings();
      groups_.read(standings_);
      std::vector<Question> unsafe, open;
      for (std::size_t r = 0; r < relations_.relations.size(); ++r) {
        sort_out(ask(r, false), unsafe, open);
        if (groups_.has_division(relations_.relations[r])) sort_out(ask(r, true), unsafe, open);
      }
      if (unsafe.empty()) unsafe = open_unsafe(open);
      if (unsafe.empty()) unsafe = bound();
      settled = unsafe.empty();
      give_way(unsafe);
    }
  }

 private:
  void sort_out(Question question, std::vector<Question>& unsafe, std::vector<Question>& open) const {
    if (always_safe(question.safe) || !something_shown(question)) return;
    if (never_safe(question.safe)) {
      unsafe.push_back(std::move(question));
    } else if (!answered_.contains({question.relation, question.state()})) {
      open.push_back(std::move(question));
    }
  }

  Question ask(std::size_t r, bool divided) const {
    const Relation& relation = relations_.relations[r];
    Question question{
        .relation = r,
        .divided = divided,
        .safe = safe_differences(groups_.side(relation.left, divided), groups_.side(relation.right, divided), minimum_),
        .known = {}};
    std::vector<std::size_t> known[2];
    for (const std::size_t s : {relation.left, relation.right})
      for (const std::size_t g : groups_.parts(s, divided))
        if (groups_[g].known) known[s == relation.right].push_back(g);
    // Where both sides show the same people, the difference is none whatever the records are.
    if (is_divided_by(known[0], known[1]) && is_divided_by(known[1], known[0])) return question;
    for (const auto& groups : known) question.known.insert(question.known.end(), groups.begin(), groups.end());
    return question;
  }

  // Whether each of the groups consists of, or is among those that make up, one of the others.
  bool is_divided_by(const std::vector<std::size_t>& groups, const std::vector<std::size_t>& others) const {
    const auto consists_of = [&](std::size_t whole, const std::vector<std::size_t>& of) {
      std::vector<Population> parts;
      for (const std::size_t g : of)
        if (is_within(relations_.groups[g], relations_.groups[whole])) parts.push_back(relations_.groups[g]);
      return covers(parts, relations_.groups[whole]);
    };
    return std::all_of(groups.begin(), groups.end(), [&](std::size_t group) {
      return consists_of(group, others) || std::any_of(others.begin(), others.end(), [&](std::size_t other) {
               return is_within(relations_.groups[group], relations_.groups[other]) && consists_of(other, groups);
             });
    });
  }

  bool something_shown(const Question& question) const {
    return std::any_of(question.known.begin(), question.known.end(),
                       [&](std::size_t g) { return groups_[g].owner.has_value(); });
  }

  // Relations that only together tell too much: as one question of all that they show.
  std::vector<Question> bound() const {
    std::vector<Question> questions;
    for (std::size_t r = 0; r < relations_.relations.size(); ++r)
      if (groups_.equation(relations_.relations[r])) questions.push_back(ask(r, false));
    // First those in which nothing is shown; then by analysis.
    const auto place = [&](const Question& question) {
      return std::pair(something_shown(question), last_owner(question));
    };
    std::stable_sort(questions.begin(), questions.end(),
                     [&](const Question& a, const Question& b) { return place(a) < place(b); });
    std::vector<HiddenEquation> equations;
    std::set<std::size_t> hidden;
    for (const Question& question : questions) {
      equations.push_back(*groups_.equation(relations_.relations[question.relation]));
      equations.back().holds_anyway = question.known.empty();
    }
    for (std::size_t g = 0; g < groups_.size(); ++g)
      if (!groups_[g].known && groups_[g].standing == Standing::kEnough) hidden.insert(g);
    Question all;
    for (const std::size_t i : bound_together(equations, hidden))
      all.known.insert(all.known.end(), questions[i].known.begin(), questions[i].known.end());
    if (all.known.empty()) return {};
    return {std::move(all)};
  }

  // Everybody's view, then each protected site's.
  std::size_t views() const { return 1 + families_.front().others.size(); }

  // What the left hides less what the right hides: what the right shows less what the left shows.
  Shared<u64> difference(const Question& question, std::size_t view) const {
    const Relation& relation = relations_.relations[question.relation];
    const auto known_sum = [&](std::size_t s) {
      Shared<u64> sum(1, families_.front().counts.components);
      for (const std::size_t g : groups_.parts(s, question.divided)) {
        if (!groups_[g].known) continue;
        const Family& family = families_[groups_[g].family];
        sum = add(sum, slice(view == 0 ? family.counts : family.others[view - 1], groups_[g].place, 1));
      }
      return sum;
    };
    return subtract(known_sum(relation.right), known_sum(relation.left));
  }

  std::vector<Question> open_unsafe(const std::vector<Question>& questions) {
    std::vector<Question> unsafe;
    std::vector<bool> safe = open_safe(questions);
    for (std::size_t i = 0; i < questions.size(); ++i) {
      answered_.insert({questions[i].relation, questions[i].state()});
      if (safe[i]) continue;
      unsafe.push_back(questions[i]);
      if (!questions[i].safe.outside) note_narrow(questions[i]);
      const Relation& relation = relations_.relations[questions[i].relation];
      if (questions[i].safe.outside && !questions[i].divided)
        groups_.note_few_rest(questions[i].safe.low > 0 ? relation.left : relation.right);
    }
    return unsafe;
  }

  // What is not safe here is not far above the minimum.
  void note_narrow(const Question& question) {
    const Relation& relation = relations_.relations[question.relation];
    for (const std::size_t s : {relation.left, relation.right})
      for (const std::size_t g : groups_.parts(s, question.divided))
        if (!groups_[g].known && groups_[g].standing == Standing::kEnough) groups_.note_narrow(g);
  }

  // In a cost forecast every bit is 1: what is safe stays in the plan.
  std::vector<bool> open_safe(const std::vector<Question>& questions) {
    if (questions.empty()) return {};
    std::vector<Shared<u64>> differences;
    std::vector<u64> low, high, moved(views() * questions.size(), u64(largest_difference));
    for (std::size_t view = 0; view < views(); ++view) {
      for (const Question& question : questions) {
        differences.push_back(difference(question, view));
        low.push_back(static_cast<u64>(std::max(question.safe.low, -largest_difference) + largest_difference));
        high.push_back(static_cast<u64>(std::min(question.safe.high, largest_difference) + largest_difference));
      }
    }
    const auto constant = [&](const std::vector<u64>& values) { return engine_.constant(std::span(values)); };
    const Shared<u64> values = add(concatenate(std::span<const Shared<u64>>(differences)), constant(moved));
    const std::vector<Shared<u64>> left{values, constant(high)}, right{constant(low), values};
    const SharedBits fine = engine_.not_bits(
        oblivious::less_than(engine_, concatenate(std::span(left)), concatenate(std::span(right)), difference_bits));
    const std::size_t size = questions.size(), all = views() * size;
    const SharedBits inside = engine_.and_bits(slice(fine, 0, all), slice(fine, all, all));
    std::vector<SharedBits> safe;
    for (std::size_t view = 0; view < views(); ++view) {
      std::vector<SharedBits> in_view;
      for (std::size_t i = 0; i < size; ++i) {
        const SharedBits bit = slice(inside, view * size + i, 1);
        in_view.push_back(questions[i].safe.outside ? engine_.not_bits(bit) : bit);
      }
      safe.push_back(concatenate(std::span<const SharedBits>(in_view)));
    }
    return open_flags(engine_, oblivious::and_all(engine_, std::move(safe)));
  }

  std::size_t last_owner(const Question& question) const {
    std::size_t last = 0;
    for (const std::size_t g : question.known) last = std::max(last, groups_[g].owner.value_or(0));
    return last;
  }

  // In every unsafe relation the counts that were shown last; relations of the first analyses are settled first.
  void give_way(std::vector<Question> unsafe) {
    std::stable_sort(unsafe.begin(), unsafe.end(),
                     [&](const Question& a, const Question& b) { return last_owner(a) < last_owner(b); });
    std::set<std::size_t> gone;
    for (const Question& question : unsafe) {
      // Where a count has just gone, the relation has changed and is asked again.
      if (std::any_of(question.known.begin(), question.known.end(), [&](std::size_t g) { return gone.contains(g); }))
        continue;
      const std::size_t last = last_owner(question);
      for (const std::size_t g : question.known)
        if (groups_[g].owner == last) withdraw(g, gone);
    }
  }

  void withdraw(std::size_t group, std::set<std::size_t>& gone) {
    gone.insert(group);
    for (std::size_t f = 0; f < families_.size(); ++f)
      for (std::size_t i = 0; i < relations_.group_of[f].size(); ++i)
        if (relations_.group_of[f][i] == group && standings_[f].groups[i] == Standing::kShown)
          decisions_.withdraw(f, i);
  }

  Engine& engine_;
  const Relations& relations_;
  const std::vector<Family>& families_;
  Decisions& decisions_;
  const u64 minimum_;
  HiddenGroups groups_;
  std::vector<Standings> standings_;
  std::set<std::pair<std::size_t, decltype(std::declval<Question>().state())>> answered_;
};

}  // namespace

void settle_across(Engine& engine, const Relations& relations, const std::vector<Family>& families,
                   Decisions& decisions, u64 minimum) {
  COHORTIUM_CHECK(minimum > 1 && relations.group_of.size() == families.size());
  if (relations.relations.empty()) return;
  Settlement(engine, relations, families, decisions, minimum).run();
}

}  // namespace cohortium::release
