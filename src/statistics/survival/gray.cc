// Gray's test: does the cumulative incidence of one cause differ between groups where other causes compete?
//
// Local      per group and point of the public time grid: people who leave by each cause, and who are censored
// Under MPC  per point, with n_g at risk, e_g events of the cause (E in all), o_g of others, N_g people at first; S_g the
//            curve of all events, F_g the incidence of the cause, both just before; G_g = prod (1 - censored / (n - e - o)),
//            so that N_g G_g = n_g / S_g =: h_g without dividing by S; theta_g = h_g / sum h, r_g = h_g (1 - F_g);
//            the score of g is the sum of e_g - E r_g / sum r. The incidence of all groups together is the sum of E / sum h, f
//            after and f- before the point, phi = E / (sum h (1 - f-)). With X_gk = sum over later points of
//            h_g (delta_gk - theta_k) phi, Y = X / h_k and Z = (1 - f) X / (n_k - e_k - o_k), the covariance of the scores is
//            sum of E theta_k t_k U_gk U_hk + o_k t'_k Z_gk Z_hk over points and groups k, U = delta - theta_g + Y - Z;
//            t and t' make variances hypergeometric where there are ties
// Released   scores, their covariance and the numbers of events of the cause, when every group has enough people and none or
//            enough of these events, else nothing; n where those without are none or enough, too
// Error      products and quotients within units of 2^-40; error_bound, from N people and T points, holds for scores. The
//            covariance is off by about 2^-36 of itself; groups below 2^26 people
// Source     Gray, Annals of Statistics 1988; as R's cmprsk::cuminc with rho = 0
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/prefix_product.h"
#include "statistics/survival/competing_counts.h"
#include "statistics/survival/kinds.h"
#include "statistics/survival/log_rank_statistic.h"
#include "statistics/survival/survival_counts.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr int f = survival_fraction_bits;  // of curves and shares
constexpr int real_bits = 52;              // of numerators and denominators that are no counts
constexpr int square_bits = 40;            // of what is squared

Shared<u128> join(const std::vector<Shared<u128>>& parts) { return concatenate(std::span(parts)); }

class Gray final : public Analysis {
 public:
  explicit Gray(const EntryContext& context)
      : columns_(context), rule_(context.rule), confidence_(context.entry.confidence) {
    check_survival_numbers(columns_.grid(), context.path);
    if (context.entry.positive.size() != 1) {
      throw Failure({.code = "study.bad_causes",
                     .message = "Gray's test is about one cause",
                     .where = context.at("positive"),
                     .remedy = "name its code alone"});
    }
    cause_ = columns_.cause(context.entry.positive.front(), context.at("positive"));
    const std::size_t groups = columns_.groups();
    if (groups < 2 || groups > 16) {
      throw Failure({.code = groups < 2 ? "study.too_few_groups" : "study.too_many_groups",
                     .message = "Gray's test compares 2 to 16 groups",
                     .where = context.at("by"),
                     .remedy = "group by another column"});
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "Gray's test of the cumulative incidence of " + cause() + " over " + columns_.time().name +
                           columns_.grouping().describe();
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "per group the number of events of " + cause() +
            " and the score, and the scores' covariance, over all sites together, hence chi-square and p; nothing when "
            "one of the groups has " +
            few + ", or has some but " + few + " with such an event",
        "per group the number of people, unless some but " + few + " of them had no such event"};
    declaration.columns = columns_.names();
    declaration.aggregate = columns_.key();
    declaration.aggregate_size = columns_.aggregate_size();
    declaration.error_bound = error_bound(1e6, 1e6);  // of a million people; the result knows the number of events
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return columns_.count(table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const CompetingCounts counts = split_aggregate(columns_, inputs.aggregate);
    const std::size_t grid = columns_.grid();
    const Shared<u128> people = sum_blocks(add(counts.all_events, counts.censored), grid);
    const Shared<u128> events = sum_blocks(counts.events[cause_], grid);
    return {.cells = mpc::SharedCells{.people = people,
                                      .values = {events, people_and_sums(engine, counts, people)},
                                      .together = true,
                                      .events = events},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    const std::size_t groups = columns_.groups(), others = groups - 1;
    TestResult result{.method = "Gray's test of " + cause(), .statistic_name = "χ²"};
    double events = 0;
    const bool shown = cells.passed.front();
    if (shown) {
      LogRankSums sums{.observed = {}, .expected = std::vector<double>(groups), .variance = {}};
      sums.variance.assign(groups, std::vector<double>(groups));
      double last = 0;
      for (std::size_t g = 0; g < groups; ++g) {
        const double of_group = to_double(cells.values[0][g]);
        const double score = g < others ? mpc::decode_fixed(cells.values[1][g], f) : last;
        events += of_group;
        last -= score;
        result.estimates.push_back({"events, " + columns_.grouping().label(g), of_group});
        result.estimates.push_back({"score, " + columns_.grouping().label(g), score});
        sums.observed.push_back(of_group);
        sums.expected[g] = of_group - score;
      }
      std::size_t next = others;
      for (std::size_t i = 0; i < others; ++i) {
        for (std::size_t j = i; j < others; ++j, ++next)
          sums.variance[i][j] = sums.variance[j][i] = mpc::decode_fixed(cells.values[1][next], square_bits);
        result.estimates.push_back({"variance of the score, " + columns_.grouping().label(i), sums.variance[i][i]});
      }
      const LogRankTest test = log_rank_test(sums);
      result.statistic = test.chi_square;
      result.p = test.p;
      if (test.chi_square) result.degrees_of_freedom = {static_cast<double>(test.degrees_of_freedom)};
      if (!test.chi_square) result.note = "no two groups can be compared";
    }
    const std::vector<std::optional<double>> people = shown_counts(cells, rule_);
    result.cells = cells_json(columns_.grouping(), {});
    for (std::size_t g = 0; g < groups; ++g) result.cells[g]["n"] = shown ? count_json(people[g]) : nullptr;
    nlohmann::json out = test_json(result, names_of(columns_.grouping().columns()), confidence_);
    if (shown) out["error_bound"] = error_bound(events, 1e6);
    return out;
  }

 private:
  std::string cause() const { return columns_.causes()[cause_].label; }
  // Of a score, in which each event stands for one quotient: 1 - F and h are off by 8 T units, their numerators rounded to
  // 2^-real_bits of the number of people.
  double error_bound(double events, double people) const {
    return events * (static_cast<double>(columns_.grid()) * std::ldexp(16, -f) + people * std::ldexp(8, -real_bits));
  }

  // Curves per group just before each point, and shares that follow from them.
  struct Curves {
    Shared<u128> survival, weight;        // S; h over the number of all people, 0 where nobody of the group is at risk
    Shared<u128> remaining, per_person;   // n - e - o; the reciprocal of it, 0 where it is 0
    Shared<u128> ties;                    // (o - 1) / (n - 1), anything where o is 0
    Shared<u128> incidence;               // F
    Shared<u128> everybody, one_of_them;  // N; 1 / N
  };

  static Shared<u128> times(mpc::Engine& engine, const Shared<u128>& a, const Shared<u128>& b, int drop = f) {
    return oblivious::multiply_fixed(engine, a, b, drop);
  }

  Shared<u128> total(const Shared<u128>& per_group) const {
    const std::size_t grid = columns_.grid();
    Shared<u128> sum = slice(per_group, 0, grid);
    for (std::size_t g = 1; g < columns_.groups(); ++g) sum = add(sum, slice(per_group, g * grid, grid));
    return sum;
  }

  Curves curves(mpc::Engine& engine, const CompetingCounts& counts, const Shared<u128>& people) const {
    const std::size_t grid = columns_.grid(), groups = columns_.groups(), size = groups * grid;
    Curves c;
    c.remaining = subtract(counts.at_risk, counts.all_events);
    c.everybody = sum_blocks(people, groups);
    const Shared<u128> others = subtract(counts.all_events, counts.events[cause_]);
    const Shared<u128> one = oblivious::constant_fill(engine, size, u128{1});
    const Shared<u128> quotients =
        oblivious::divide(engine,
                          join({counts.censored, one, c.remaining, counts.events[cause_], subtract(others, one), people,
                                slice(one, 0, 1)}),
                          join({c.remaining, c.remaining, counts.at_risk, counts.at_risk, subtract(counts.at_risk, one),
                                tile(c.everybody, groups + 1)}),
                          mpc::count_bits, f);
    auto part = [&](std::size_t i) { return slice(quotients, i * size, size); };
    c.per_person = part(1);
    c.ties = part(4);
    c.one_of_them = slice(quotients, 5 * size + groups, 1);
    const Shared<u128> whole = scale(one, u128{1} << f);
    const Shared<u128> after = oblivious::prefix_product(engine, join({subtract(whole, part(0)), part(2)}), grid, f);
    const Shared<u128> before = just_before(after, grid, slice(whole, 0, 1));
    c.survival = slice(before, size, size);
    const Shared<u128> products = times(engine, join({slice(before, 0, size), c.survival}),
                                        join({repeat(slice(quotients, 5 * size, groups), grid), part(3)}));
    const Shared<u128> nothing = subtract(slice(one, 0, 1), slice(one, 0, 1));
    c.incidence = just_before(prefix_sum_blocks(slice(products, size, size), grid), grid, nothing);
    const mpc::SharedBits nobody = oblivious::less_than_public(engine, counts.at_risk, u128{1}, mpc::count_bits);
    c.weight = engine.keep_where(engine.not_bits(nobody), slice(products, 0, size));
    return c;
  }

  // Scores of all groups but the last (f fraction bits), and their covariances (square_bits).
  Shared<u128> people_and_sums(mpc::Engine& engine, const CompetingCounts& counts, const Shared<u128>& people) const {
    const std::size_t grid = columns_.grid(), groups = columns_.groups(), size = groups * grid;
    const Curves c = curves(engine, counts, people);
    const Shared<u128> whole = oblivious::constant_fill(engine, size, u128{1} << f);
    const Shared<u128> events = total(counts.events[cause_]);
    // theta_g = h_g / sum h, r_g / sum r, and 1 / sum h, whose numerator is 1 / N.
    const Shared<u128> still = times(engine, c.weight, subtract(whole, c.incidence));
    const Shared<u128> reals =
        engine.truncate(join({c.weight, still, c.one_of_them, total(c.weight), total(still)}), f - real_bits);
    const Shared<u128> all_weight = slice(reals, 2 * size + 1, grid);
    const Shared<u128> quotients = oblivious::divide(
        engine, join({slice(reals, 0, 2 * size), repeat(slice(reals, 2 * size, 1), grid)}),
        join({tile(all_weight, groups), tile(slice(reals, 2 * size + 1 + grid, grid), groups), all_weight}),
        real_bits + 1, f);
    const Shared<u128> theta = slice(quotients, 0, size), each = slice(quotients, 2 * size, grid);
    const Shared<u128> expected = engine.dot(slice(quotients, size, size - grid), tile(events, groups - 1), grid);
    const Shared<u128> scores =
        subtract(scale(sum_blocks(slice(counts.events[cause_], 0, size - grid), grid), u128{1} << f), expected);

    // The incidence of all groups together, and phi. Each follows from exact numbers of events, so it is 0 without any.
    const Shared<u128> together = prefix_sum_blocks(engine.multiply(events, each), grid);
    const Shared<u128> nothing = subtract(slice(events, 0, 1), slice(events, 0, 1));
    const Shared<u128> left = subtract(slice(whole, 0, grid), just_before(together, grid, nothing));
    const Shared<u128> rate_parts = engine.truncate(join({each, left}), f - real_bits);
    constexpr int rate_bits = 50;
    const Shared<u128> phi = scale(
        engine.multiply(events, oblivious::divide(engine, slice(rate_parts, 0, grid), slice(rate_parts, grid, grid),
                                                  oblivious::DivisionDomain{.denominator_bits = real_bits + 1,
                                                                            .quotient_bits = 3,
                                                                            .fraction_bits = rate_bits})),
        u128{1} << (f - rate_bits));
    const Shared<u128> after = subtract(slice(whole, 0, grid), together);
    return join({scores, covariance(engine, counts, c, theta, phi, after)});
  }

  // t of the cause: 1 - (E - 1) / (S sum h - 1); 1 where nobody of the group is at risk.
  Shared<u128> tie_factor(mpc::Engine& engine, const CompetingCounts& counts, const Curves& c) const {
    const std::size_t grid = columns_.grid(), groups = columns_.groups(), size = groups * grid;
    constexpr int count_fraction = 22, quotient_fraction = 46;
    const Shared<u128> one = oblivious::constant_fill(engine, size, u128{1});
    const Shared<u128> scaled = times(engine, tile(total(c.weight), groups), c.survival);
    const Shared<u128> sums = engine.truncate(engine.multiply(scaled, repeat(c.everybody, size)), f - count_fraction);
    const Shared<u128> denominator = subtract(sums, scale(one, u128{1} << count_fraction));
    const Shared<u128> numerator =
        scale(subtract(tile(total(counts.events[cause_]), groups), one), u128{1} << count_fraction);
    const Shared<u128> quotient = oblivious::divide(
        engine, numerator, denominator,
        oblivious::DivisionDomain{.denominator_bits = 50, .quotient_bits = 10, .fraction_bits = quotient_fraction});
    const mpc::SharedBits nobody = oblivious::less_than_public(engine, counts.at_risk, u128{1}, mpc::count_bits);
    const Shared<u128> kept = engine.keep_where(engine.not_bits(nobody), quotient);
    return subtract(scale(one, u128{1} << f), scale(kept, u128{1} << (f - quotient_fraction)));
  }

  Shared<u128> covariance(mpc::Engine& engine, const CompetingCounts& counts, const Curves& c,
                          const Shared<u128>& theta, const Shared<u128>& phi, const Shared<u128>& after) const {
    const std::size_t grid = columns_.grid(), groups = columns_.groups(), others = groups - 1, size = groups * grid;
    // Everything below runs over g (but the last), then k, then points.
    std::vector<Shared<u128>> own_theta, own_weight, delta;
    const Shared<u128> whole = oblivious::constant_fill(engine, grid, u128{1} << f);
    for (std::size_t g = 0; g < others; ++g) {
      own_theta.push_back(tile(slice(theta, g * grid, grid), groups));
      own_weight.push_back(tile(slice(c.weight, g * grid, grid), groups));
      for (std::size_t k = 0; k < groups; ++k) delta.push_back(g == k ? whole : subtract(whole, whole));
    }
    const Shared<u128> identity = join(delta);
    const Shared<u128> flow = times(engine, times(engine, join(own_weight), subtract(identity, tile(theta, others))),
                                    tile(phi, others * groups));
    const Shared<u128> later = subtract(reverse(prefix_sum_blocks(reverse(flow), grid)), flow);  // X / N
    constexpr int ratio_bits = 50;
    const Shared<u128> y = oblivious::divide(
        engine, engine.truncate(later, f - real_bits), tile(engine.truncate(c.weight, f - real_bits), others),
        oblivious::DivisionDomain{.denominator_bits = real_bits + 1, .quotient_bits = 6, .fraction_bits = ratio_bits});
    // N / (n - e - o), with square_bits.
    const Shared<u128> share =
        engine.truncate(engine.multiply(c.per_person, repeat(c.everybody, size)), f - square_bits);
    const Shared<u128> z = times(engine, times(engine, later, tile(after, others * groups)), tile(share, others));
    const Shared<u128> fine = subtract(identity, join(own_theta));
    const Shared<u128> rough = engine.truncate(join({fine, scale(y, u128{1} << (f - ratio_bits))}), f - square_bits);
    const std::size_t all = others * size;
    const Shared<u128> u = subtract(add(slice(rough, 0, all), slice(rough, all, all)), z);

    std::vector<Shared<u128>> left, right;
    for (std::size_t i = 0; i < others; ++i) {
      for (std::size_t j = i; j < others; ++j) {
        for (const Shared<u128>* values : {&u, &z}) {
          left.push_back(slice(*values, i * size, size));
          right.push_back(slice(*values, j * size, size));
        }
      }
    }
    // E theta t and o t', from exact numbers of events: nothing where there are none.
    const Shared<u128> competing = subtract(counts.all_events, counts.events[cause_]);
    const Shared<u128> ones = tile(whole, groups);
    const Shared<u128> weights =
        engine.multiply(join({tile(total(counts.events[cause_]), groups), competing}),
                        join({times(engine, theta, tie_factor(engine, counts, c)), subtract(ones, c.ties)}));
    const Shared<u128> squares = times(engine, join(left), join(right), square_bits);
    return engine.dot_truncate(squares, tile(weights, left.size() / 2), 2 * size, f);
  }

  CompetingColumns columns_;
  mpc::ReleaseRule rule_;
  double confidence_;
  std::size_t cause_ = 0;
};

}  // namespace

std::unique_ptr<Analysis> make_gray_test(const EntryContext& context) { return std::make_unique<Gray>(context); }

}  // namespace cohortium::statistics
