#include "oblivious/comparison_sort.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>
#include <utility>

#include "base/error.h"
#include "oblivious/columns.h"

namespace cohortium::oblivious {
namespace {

using Index = std::uint32_t;

constexpr std::size_t all_pairs_up_to = 8;                   // segments this small are ordered at once
constexpr std::size_t largest_batch = std::size_t{1} << 20;  // comparisons; bounds the memory of a batch

// Consecutive elements that belong between the same two neighbours.
struct Segment {
  Index from = 0, count = 0;
  int levels = 0;  // of its search tree; 0: ordered by all pairs
  Index pivots() const { return levels == 0 ? count : (Index{1} << levels) - 1; }
};

// Of which the first `first` elements of all are wanted: where they are few, a few pivots discard most elements.
Segment make_segment(Index from, Index count, std::size_t first) {
  Segment segment{.from = from, .count = count, .levels = 0};
  if (count <= all_pairs_up_to) return segment;
  segment.levels = static_cast<int>(std::bit_width(count)) / 2;
  if (first - from < count / 8) segment.levels = std::min(segment.levels, 2);
  return segment;
}

template <RingWord W>
class SampleSort {
 public:
  SampleSort(Engine& engine, Shared<W> keys, int bits, std::size_t first)
      : engine_(engine), keys_(std::move(keys)), bits_(bits), first_(first) {
    order_.resize(keys_.size);
    left_.resize(std::min(largest_batch, 4 * keys_.size + 1));
    right_.resize(left_.size());
    std::iota(order_.begin(), order_.end(), Index{0});
    if (keys_.components > 0) return;
    // A cost forecast, which has no keys: its course is that of some order, as a run's is.
    forecast_ = order_;
    std::shuffle(forecast_.begin(), forecast_.end(), std::mt19937_64());
  }

  std::vector<Index> run() {
    std::vector<Segment> segments;
    if (order_.size() > 1 && first_ > 0) segments.push_back(make_segment(0, static_cast<Index>(order_.size()), first_));
    while (!segments.empty()) {
      order_pivots(segments);
      std::erase_if(segments, [](const Segment& s) { return s.levels == 0; });
      if (segments.empty()) break;
      segments = split(segments, descend(segments));
    }
    return std::move(order_);
  }

 private:
  // Questions "is element left below element right" wait here until they are asked together.
  void ask(Index left, Index right) {
    left_[asked_] = left;
    right_[asked_] = right;
    if (++asked_ == left_.size()) flush();
  }
  void flush() {
    if (asked_ == 0) return;
    const std::size_t n = std::exchange(asked_, 0);
    difference_.size = n;
    difference_.components = keys_.components;
    for (int c = 0; c < keys_.components; ++c) {
      difference_.component[c].resize(n);
      const W* key = keys_.component[c].data();
      W* out = difference_.component[c].data();
      for (std::size_t i = 0; i < n; ++i) out[i] = key[left_[i]] - key[right_[i]];
    }
    const std::vector<u64> bits = engine_.open_coins(engine_.bit(difference_, bits_));
    const std::size_t before = answers_.size();
    answers_.resize(before + n);
    for (std::size_t i = 0; i < n; ++i) answers_[before + i] = bits[i / 64] >> (i % 64) & 1;
    if (!forecast_.empty()) {
      for (std::size_t i = 0; i < n; ++i) {
        answers_[before + i] = forecast_[order_[left_[i]]] < forecast_[order_[right_[i]]] ? 1 : 0;
      }
    }
  }
  // The answers to all questions since the last call, in their order.
  std::vector<std::uint8_t> answers() {
    flush();
    return std::exchange(answers_, {});
  }

  // Puts the first elements of every segment into order: an element's rank is the number of those before it.
  void order_pivots(const std::vector<Segment>& segments) {
    for (const Segment& s : segments) {
      for (Index i = 0; i < s.pivots(); ++i) {
        for (Index j = i + 1; j < s.pivots(); ++j) ask(s.from + i, s.from + j);
      }
    }
    const std::vector<std::uint8_t> below = answers();
    std::vector<Index> places, moved, rank, by_rank;
    std::size_t next = 0;
    for (const Segment& s : segments) {
      rank.assign(s.pivots(), 0);
      for (Index i = 0; i < s.pivots(); ++i) {
        for (Index j = i + 1; j < s.pivots(); ++j) ++rank[below[next++] != 0 ? j : i];
      }
      by_rank.resize(s.pivots());
      std::iota(by_rank.begin(), by_rank.end(), Index{0});
      std::stable_sort(by_rank.begin(), by_rank.end(), [&](Index a, Index b) { return rank[a] < rank[b]; });
      for (Index i = 0; i < s.pivots(); ++i) {
        places.push_back(s.from + i);
        moved.push_back(s.from + by_rank[i]);
      }
    }
    rearrange(places, moved);
  }

  // For every element that is no pivot, in order: how many pivots of its segment stand before it.
  std::vector<Index> descend(const std::vector<Segment>& segments) {
    std::vector<Index> leaf;
    int levels = 0;
    for (const Segment& s : segments) {
      leaf.resize(leaf.size() + s.count - s.pivots());
      levels = std::max(levels, s.levels);
    }
    for (int level = 0; level < levels; ++level) {
      const auto each_question = [&](auto action) {
        std::size_t element = 0;
        for (const Segment& s : segments) {
          const std::size_t others = s.count - s.pivots();
          if (s.levels > level) {
            const Index half = Index{1} << (s.levels - 1 - level);
            for (Index i = 0; i < others; ++i) action(s, s.pivots() + i, half, leaf[element + i]);
          }
          element += others;
        }
      };
      each_question(
          [&](const Segment& s, Index i, Index half, Index reached) { ask(s.from + i, s.from + reached + half - 1); });
      const std::vector<std::uint8_t> below = answers();
      std::size_t next = 0;
      each_question([&](const Segment&, Index, Index half, Index& reached) {
        reached += half & (Index{below[next++]} - 1);  // beyond the pivot, unless below it
      });
    }
    return leaf;
  }

  // Moves every element to its leaf, pivots between them; returns the leaves that are not in order yet.
  std::vector<Segment> split(const std::vector<Segment>& segments, const std::vector<Index>& leaf) {
    std::vector<Segment> next;
    std::vector<Index> moved(order_.size());
    std::iota(moved.begin(), moved.end(), Index{0});
    std::vector<Index> end;
    std::size_t first_leaf = 0;
    for (const Segment& s : segments) {
      const Index pivots = s.pivots();
      end.assign(pivots + 1, 0);
      for (Index i = 0; i < s.count - pivots; ++i) ++end[leaf[first_leaf + i]];
      Index at = s.from;
      for (Index b = 0; b <= pivots; ++b) {
        const Index size = end[b];
        if (size > 1 && at < first_) next.push_back(make_segment(at, size, first_));
        end[b] = at;
        at += size;
        if (b < pivots) moved[at++] = s.from + b;
      }
      for (Index i = 0; i < s.count - pivots; ++i) moved[end[leaf[first_leaf + i]]++] = s.from + pivots + i;
      first_leaf += s.count - pivots;
    }
    rearrange(moved);
    return next;
  }

  void rearrange(const std::vector<Index>& moved) {
    keys_ = gather(keys_, moved);
    std::vector<Index> order(order_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = order_[moved[i]];
    order_ = std::move(order);
  }
  // At these places only: what stood at moved[i] comes to places[i].
  void rearrange(const std::vector<Index>& places, const std::vector<Index>& moved) {
    const Shared<W> keys = gather(keys_, moved);
    std::vector<Index> order(moved.size());
    for (std::size_t i = 0; i < moved.size(); ++i) order[i] = order_[moved[i]];
    for (std::size_t i = 0; i < places.size(); ++i) {
      order_[places[i]] = order[i];
      for (int c = 0; c < keys_.components; ++c) keys_.component[c][places[i]] = keys.component[c][i];
    }
  }

  Engine& engine_;
  Shared<W> keys_;
  int bits_;
  std::size_t first_;
  std::vector<Index> order_;  // order_[i]: the original place of element i
  std::vector<Index> forecast_;
  std::vector<Index> left_, right_;
  std::size_t asked_ = 0;
  Shared<W> difference_;  // of a batch; kept, because fresh memory costs more than the subtraction
  std::vector<std::uint8_t> answers_;
};

}  // namespace

template <RingWord W>
std::vector<std::uint32_t> open_order(Engine& engine, Shared<W> keys, int bits, std::size_t first) {
  COHORTIUM_CHECK(bits >= 1 && bits < mpc::bits_of<W> && keys.size < std::size_t{1} << 32);
  return SampleSort<W>(engine, std::move(keys), bits, first).run();
}

template std::vector<std::uint32_t> open_order(Engine&, Shared<u64>, int, std::size_t);
template std::vector<std::uint32_t> open_order(Engine&, Shared<u128>, int, std::size_t);

}  // namespace cohortium::oblivious
