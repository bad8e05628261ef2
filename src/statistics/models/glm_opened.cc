// Generalised linear models whose steps are opened: iteratively reweighted least squares, as R's glm.fit.
//
// Local      n, sums of weights and of weighted outcomes, what of the likelihood does not depend on the model, and the
//            numbers of people of model_disclosure.h
// Step       at public coefficients: Fisher information, score, deviance, Pearson's statistic; sums over a site's rows
// Under MPC  sums over sites; the rules of model_disclosure.h, before the first step is opened
// Opened     every step's sums over all sites
// Rows       where `calibration` asks for them, as the hidden strength shares them (glm_diagnostics.h)
// Error      sums are rounded to 2^-f per site (f from 20 to 56 by the outcome's range); else double arithmetic
// Source     McCullagh and Nelder (1989); R's glm.fit and MASS's glm.nb
#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/fixed_point.h"
#include "statistics/entries.h"
#include "statistics/models/glm.h"
#include "statistics/models/glm_diagnostics.h"
#include "statistics/models/glm_walk.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;
using mpc::Shared;
using mpc::u128;

// Whole numbers of the aggregate, before the fixed-point sums and the cells.
constexpr std::size_t kPeople = 0, kMissing = 1, kEvents = 2, kWholes = 3;
constexpr i128 largest_sum = i128{1} << 118;  // of fixed-point sums
constexpr std::size_t kWeight = 0, kOutcome = 1, kConstant = 2, kReals = 3;

class GlmOpened final : public Analysis {
 public:
  explicit GlmOpened(const EntryContext& context)
      : model_(context),
        cells_(model_.design, context, Opened::kSteps),
        diagnostics_(model_, context),
        walk_(model_),
        bits_(fraction_bits()) {
    if (diagnostics_.any()) numbers_.emplace(model_, context);
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = model_.computes();
    declaration.analyst_learns = {
        "coefficients, their covariance matrix, deviance and log-likelihood of " + model_.design.describe() +
            ", and how many people take part, over all sites together; nothing when there are " +
            below_minimum(model_.rule) + ", or when some but " + below_minimum(model_.rule) +
            " share a combination of levels that the formula gives away, or " + model_.too_few(),
        "compute parties and sites also learn every step of the fit: its coefficients; compute parties the sums of "
        "products of the columns over all sites, too"};
    for (std::string& sentence : diagnostics_.learns()) declaration.analyst_learns.push_back(std::move(sentence));
    declaration.columns = model_.design.reads();
    if (numbers_) {
      declaration.rows = numbers_->rows_key();
      declaration.row_columns = numbers_->row_columns();
      declaration.row_bounds = numbers_->row_bounds();
    }
    declaration.aggregate = "glm\x1f" + model_.family.name + "\x1f" + model_.weight + "\x1f" + model_.design.key();
    declaration.aggregate_size = kWholes + kReals + cells_.size();
    declaration.aggregate_bounds = {
        counts_of_people(kWholes), {kReals, -largest_sum, largest_sum}, counts_of_people(cells_.size())};
    declaration.steps = walk_.most_steps();
    declaration.step_size = walk_.answer_size();
    declaration.error_bound = std::ldexp(1.0, -30);
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    std::vector<u128> wholes(kWholes);
    std::vector<long double> reals(kReals);
    std::vector<std::size_t> rows;
    GlmReader reader(model_, table);
    GlmRow row;
    for (std::size_t i = 0; i < table.rows; ++i) {
      if (!reader.read(i, row)) continue;
      rows.push_back(i);
      const double y = row.values.response;
      wholes[kEvents] += model_.counts_events && y > 0 ? 1 : 0;
      reals[kWeight] += row.weight;
      reals[kOutcome] += static_cast<long double>(row.weight) * y;
      reals[kConstant] += model_.family.constant(y, row.weight);
    }
    wholes[kPeople] = rows.size();
    wholes[kMissing] = table.rows - rows.size();
    for (const long double real : reals) wholes.push_back(encode(real));
    const std::vector<u128> cells = cells_.count(table, rows);
    wholes.insert(wholes.end(), cells.begin(), cells.end());
    return wholes;
  }

  std::vector<u128> rows(const data::Table& table) const override {
    return numbers_ ? numbers_->rows(table) : std::vector<u128>();
  }

  std::vector<u128> step(const data::Table& table, std::span<const double> state) const override {
    std::vector<u128> answer;
    for (const long double sum : walk_.answer(table, state)) answer.push_back(encode(sum));
    return answer;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const Shared<u128> people = slice(inputs.aggregate, kPeople, 1);
    const std::size_t first_cell = kWholes + kReals;
    const mpc::SharedBits few =
        any_few(engine, slice(inputs.aggregate, first_cell, cells_.size()), model_.rule.minimum_cell);
    mpc::SharedCells cells{.people = people, .values = {}, .together = true};
    const mpc::SharedFault too_few = model_.too_few(engine, people, slice(inputs.aggregate, kEvents, 1));
    cells.faults = {{few, "a combination of levels has " + below_minimum(model_.rule), minimum_cell_rule(model_.rule)},
                    too_few};
    GlmSteps steps{.state = std::vector<double>(walk_.state_size()),
                   .answer = {},
                   .fields = std::vector<double>(GlmSteps::kFields)};
    if (is_open(engine, people, oblivious::or_all(engine, {few, too_few.bit}), model_.rule.minimum_cell)) {
      std::vector<double> reals;
      for (const u128 real : engine.open(slice(inputs.aggregate, kWholes, kReals))) reals.push_back(decode(real));
      steps = walk_.run({.weight = reals[kWeight], .outcome = reals[kOutcome]}, [&](std::span<const double> state) {
        std::vector<long double> sums;
        for (const u128 sum : engine.open(inputs.ask(state))) sums.push_back(decode_long(sum));
        return sums;
      });
    }
    steps.answer.resize(walk_.answer_size());
    std::vector<u128> found;
    for (const double x : steps.state) found.push_back(std::bit_cast<std::uint64_t>(x));
    for (const double x : steps.fields) found.push_back(std::bit_cast<std::uint64_t>(x));
    for (const long double x : steps.answer) found.push_back(encode(x));
    const Shared<u128> shown = mask_few(engine, slice(inputs.aggregate, kMissing, 2), model_.rule.minimum_cell);
    cells.values = {shown, slice(inputs.aggregate, kWholes, kReals), engine.constant(std::span<const u128>(found))};
    if (numbers_) {
      const std::vector<u128> coefficients =
          final_coefficients(steps.state).value_or(std::vector<u128>(numbers_->columns()));
      for (Shared<u128>& value : diagnostics_.values(engine, *numbers_, inputs.rows, inputs.row_count,
                                                     engine.constant(std::span<const u128>(coefficients))))
        cells.values.push_back(std::move(value));
    }
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    if (!cells.passed.front()) {
      const std::string why = cells.faults.empty() ? "" : cells.faults.front();
      return present_glm(model_, "opened", std::nullopt, why.empty() ? "withheld" : "withheld: " + why);
    }
    GlmSteps steps;
    const std::vector<u128>& found = cells.values[2];
    std::size_t at = 0;
    for (std::size_t i = 0; i < walk_.state_size(); ++i) steps.state.push_back(number(found[at++]));
    for (std::size_t i = 0; i < GlmSteps::kFields; ++i) steps.fields.push_back(number(found[at++]));
    for (std::size_t i = 0; i < walk_.answer_size(); ++i) steps.answer.push_back(decode_long(found[at++]));
    std::string note;
    std::optional<GlmFit> fit = walk_.fit(steps, note);
    if (fit) {
      fit->sums.n = to_double(*cells.people[0]);
      fit->sums.weight = decode(cells.values[1][kWeight]);
      fit->sums.constant = decode(cells.values[1][kConstant]);
      fit->missing = unmasked(cells.values[0][0]);
      fit->events = unmasked(cells.values[0][1]);
    }
    nlohmann::json out = present_glm(model_, "opened", fit, note);
    if (fit && fit->events && numbers_ && final_coefficients(steps.state))
      diagnostics_.present(out, std::span(cells.values).subspan(3), fit->sums.n, *fit->events);
    if (!fit) out["n"] = count_json(cells.people[0]);
    return out;
  }

 private:
  // Sums of 2^32 squares of outcomes stay below 2^118 units.
  int fraction_bits() const {
    const Interval range = model_.design.response_range();
    const double largest = std::max({std::abs(range.low), std::abs(range.high), 1.0});
    const int bits = static_cast<int>(std::ceil(std::log2(largest)));
    return std::clamp(84 - 2 * bits, 20, 56);
  }
  u128 encode(long double sum) const {
    const long double limit = static_cast<long double>(largest_sum), scaled = std::ldexp(sum, bits_);
    if (std::isnan(scaled)) return static_cast<u128>(static_cast<i128>(limit));
    return static_cast<u128>(static_cast<i128>(std::clamp(std::round(scaled), -limit, limit)));
  }
  long double decode_long(u128 sum) const {
    return std::ldexp(static_cast<long double>(static_cast<i128>(sum)), -bits_);
  }
  double decode(u128 sum) const { return static_cast<double>(decode_long(sum)); }
  std::optional<std::vector<u128>> final_coefficients(std::span<const double> state) const {
    return numbers_->public_coefficients(state.subspan(2));
  }
  static double number(u128 bits) { return std::bit_cast<double>(static_cast<std::uint64_t>(bits)); }

  GlmModel model_;
  ModelCells cells_;
  GlmDiagnostics diagnostics_;
  std::optional<GlmNumbers> numbers_;  // of the rows that diagnostics need
  GlmWalk walk_;
  int bits_;
};

}  // namespace

std::unique_ptr<Analysis> make_glm_opened(const EntryContext& context) { return std::make_unique<GlmOpened>(context); }

}  // namespace cohortium::statistics
