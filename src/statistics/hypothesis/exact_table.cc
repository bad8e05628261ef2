// The network algorithm of Mehta and Patel (JASA 1983): tables are filled line by line; a node is what the margins of
// the other direction have left, in ascending order, since their order does not matter. The longest and the shortest path
// from a node to the end tell for many partly filled tables at once that all or none of their completions count.
#include "statistics/hypothesis/exact_table.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>

namespace cohortium::statistics {
namespace {

using Margins = std::vector<std::uint32_t>;  // ascending

struct Node {
  double longest = 0, shortest = 0;  // logarithms of the products of 1 / x! along the way to the end
  bool known = false;
  // Ways here by their log-probability, in units of 1e-11: their number, as a sum of weights e^(log - unit).
  std::map<std::int64_t, long double> ways = {};
};

class Network {
 public:
  // `lines` are filled one after the other; `left` is the first node.
  Network(std::vector<std::uint32_t> lines, Margins left) : lines_(std::move(lines)), stages_(lines_.size() + 1) {
    std::uint32_t largest = 0;
    for (const std::uint32_t margin : lines_) largest += margin;
    log_factorial_.assign(largest + 1, 0);
    for (std::size_t i = 1; i <= largest; ++i)
      log_factorial_[i] = log_factorial_[i - 1] + std::log(static_cast<long double>(i));
    std::sort(left.begin(), left.end());
    stages_.front()[left].ways[0] = 1;
    first_ = left;
  }

  // Nothing when there are too many nodes.
  std::optional<double> at_most(long double observed) {
    if (!bound(0, first_)) return std::nullopt;
    const long double total = completions(0, first_), limit = observed + std::log1p(1e-7L);
    long double sum = 0;
    for (std::size_t stage = 0; stage < lines_.size(); ++stage) {
      for (auto& [margins, node] : stages_[stage]) {
        for (const auto& [unit, weight] : node.ways) {
          const long double so_far = static_cast<long double>(unit) * kUnit;
          if (so_far + node.shortest > limit) continue;
          if (so_far + node.longest <= limit) {
            sum += weight * std::exp(so_far + completions(stage, margins) - total);
          } else {
            if (!pass_on(stage, margins, unit, weight)) return std::nullopt;
          }
        }
        node.ways.clear();
      }
    }
    return static_cast<double>(std::min(1.0L, sum));
  }

  long double log_factorial(std::size_t n) const { return log_factorial_[n]; }

 private:
  static constexpr long double kUnit = 1e-11L;

  // Log of the sum over all completions of the product of 1 / x!.
  long double completions(std::size_t stage, const Margins& margins) const {
    std::size_t rest = 0;
    long double log = 0;
    for (std::size_t line = stage; line < lines_.size(); ++line) {
      rest += lines_[line];
      log -= log_factorial_[lines_[line]];
    }
    for (const std::uint32_t margin : margins) log -= log_factorial_[margin];
    return log + log_factorial_[rest];
  }

  // Calls back with each way to fill the line of `stage`: what is left, and the log of the product of 1 / x!.
  bool each_filling(std::size_t stage, const Margins& margins,
                    const std::function<bool(const Margins&, long double)>& visit) {
    Margins next = margins;
    std::vector<std::uint64_t> room(margins.size() + 1);
    for (std::size_t i = margins.size(); i-- > 0;) room[i] = room[i + 1] + margins[i];
    const std::function<bool(std::size_t, std::uint32_t, long double)> fill = [&](std::size_t i, std::uint32_t rest,
                                                                                  long double log) {
      if (i == margins.size()) {
        Margins sorted = next;
        std::sort(sorted.begin(), sorted.end());
        return ++work_ <= largest_exact_work && visit(sorted, log);
      }
      const auto least = static_cast<std::uint32_t>(rest > room[i + 1] ? rest - room[i + 1] : 0);
      for (std::uint32_t x = least; x <= std::min(rest, margins[i]); ++x) {
        next[i] = margins[i] - x;
        if (!fill(i + 1, rest - x, log - log_factorial_[x])) return false;
      }
      return true;
    };
    return fill(0, lines_[stage], 0);
  }

  // Longest and shortest paths of every node that can be reached from this one.
  bool bound(std::size_t stage, const Margins& margins) {
    Node& node = stages_[stage][margins];
    if (node.known) return true;
    node.known = true;
    if (stage == lines_.size()) return true;
    bool first = true;
    double longest = 0, shortest = 0;
    const bool done = each_filling(stage, margins, [&](const Margins& next, long double log) {
      if (!bound(stage + 1, next)) return false;
      const Node& other = stages_[stage + 1][next];
      const auto step = static_cast<double>(log);
      longest = first ? step + other.longest : std::max(longest, step + other.longest);
      shortest = first ? step + other.shortest : std::min(shortest, step + other.shortest);
      first = false;
      return true;
    });
    node.longest = longest;
    node.shortest = shortest;
    return done;
  }

  bool pass_on(std::size_t stage, const Margins& margins, std::int64_t unit, long double weight) {
    return each_filling(stage, margins, [&](const Margins& next, long double log) {
      const long double exact = static_cast<long double>(unit) * kUnit + log;
      const auto rounded = static_cast<std::int64_t>(std::llround(exact / kUnit));
      stages_[stage + 1][next].ways[rounded] += weight * std::exp(exact - static_cast<long double>(rounded) * kUnit);
      return true;
    });
  }

  std::vector<std::uint32_t> lines_;
  std::vector<std::map<Margins, Node>> stages_;
  Margins first_;
  std::vector<long double> log_factorial_;
  double work_ = 0;
};

}  // namespace

std::optional<double> exact_table_p(const std::vector<double>& counts, std::size_t columns) {
  const std::size_t rows = counts.size() / columns;
  std::vector<std::uint32_t> down(rows), across(columns);
  double people = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    down[i / columns] += static_cast<std::uint32_t>(counts[i]);
    across[i % columns] += static_cast<std::uint32_t>(counts[i]);
    people += counts[i];
  }
  if (people > largest_exact_people) return std::nullopt;
  Network network = rows > columns ? Network(down, across) : Network(across, down);
  long double observed = 0;
  for (const double count : counts) observed -= network.log_factorial(static_cast<std::size_t>(count));
  return network.at_most(observed);
}

}  // namespace cohortium::statistics
