#include "statistics/survival/fine_gray.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/distributions.h"
#include "statistics/models/model_result.h"
#include "statistics/models/opened_newton.h"
#include "statistics/survival/kinds.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

// The entry without what belongs to the cause: the design would take `positive` for its own outcome.
AnalysisEntry entry_of_design(AnalysisEntry entry) {
  entry.positive.clear();
  return entry;
}

std::size_t cause_of(const EntryContext& context, const CompetingColumns& columns) {
  if (context.entry.positive.size() != 1) {
    throw Failure({.code = "study.bad_causes",
                   .message = "the model is about one cause",
                   .where = context.at("positive"),
                   .remedy = "name its code alone"});
  }
  return columns.cause(context.entry.positive.front(), context.at("positive"));
}

// The chi-square statistic of coefficients with a covariance; nothing where it is singular.
std::optional<double> wald(const std::vector<double>& beta, const std::vector<double>& covariance) {
  const auto inverse = inverse_of(covariance, beta.size());
  if (!inverse) return {};
  const std::vector<double> product = times(*inverse, beta);
  double sum = 0;
  for (std::size_t j = 0; j < beta.size(); ++j) sum += beta[j] * product[j];
  return sum;
}

}  // namespace

FineGrayModel::FineGrayModel(const EntryContext& context, Opened opened)
    : columns_(context),
      entry_(entry_of_design(context.entry)),
      design_({entry_, context.path, context.columns, context.rule}, {context.entry.time, context.entry.event}),
      cells_(design_, context, opened),
      rule_(context.rule),
      confidence_(context.entry.confidence),
      cause_(cause_of(context, columns_)) {
  const std::size_t size = design_.columns().size() - first();
  if (size == 0 || size > 64) {
    throw Failure({.code = "study.no_covariates",
                   .message = size == 0 ? "the formula has no covariate" : "the formula has more than 64 covariates",
                   .where = context.at("formula"),
                   .remedy = size == 0 ? "name what the hazard depends on; for a curve use aalen_johansen"
                                       : "use fewer columns or levels"});
  }
  if (design_.has_response() || design_.has_offset()) {
    throw Failure({.code = "study.bad_formula",
                   .message = "the model's formula has no left side and no offset",
                   .where = context.at("formula"),
                   .remedy = "write ~ age + sex"});
  }
  for (std::size_t j = 0; j < size; ++j) {
    const Interval range = design_.columns()[first() + j].range;
    centre_.push_back((range.low + range.high) / 2);
    half_.push_back(range.high > range.low ? (range.high - range.low) / 2 : 1);
  }
}

Declaration FineGrayModel::declaration(const std::string& strength) const {
  const std::string few = below_minimum(rule_);
  Declaration declaration;
  declaration.computes =
      "a Fine-Gray model of " + cause() + " over " + columns_.time().name + ": " + design_.describe();
  declaration.analyst_learns = {
      "coefficients of " + design_.describe() +
      ", their covariance, the log-likelihood with and without covariates, and "
      "the numbers of people and of events of " +
      cause() + ", over all sites together; nothing when there are " + few + " or such events, or when some but " +
      few + ", with such an event or without one, share a combination of levels that the formula gives away, or " +
      enough().sentence("such events") +
      "; where no "
      "estimate exists, only why"};
  declaration.columns = design_.reads();
  declaration.aggregate =
      "fine gray " + strength + "\x1f" + columns_.key() + "\x1f" + std::to_string(cause_) + "\x1f" + design_.key();
  declaration.aggregate_size = count_size();
  return declaration;
}

std::vector<u128> FineGrayModel::counts(const data::Table& table) const {
  std::vector<std::size_t> everybody, with_event;
  FineGrayReader reader(*this, table);
  FineGrayRow row;
  for (std::size_t i = 0; i < table.rows; ++i) {
    if (!reader.read(i, row)) continue;
    everybody.push_back(i);
    if (row.leaving == kOfCause) with_event.push_back(i);
  }
  std::vector<u128> counts{everybody.size(), table.rows - everybody.size(), with_event.size()};
  for (const auto& rows : {everybody, with_event}) {
    const std::vector<u128> cells = cells_.count(table, rows);
    counts.insert(counts.end(), cells.begin(), cells.end());
  }
  return counts;
}

std::vector<mpc::SharedFault> FineGrayModel::doubts(mpc::Engine& engine, const Shared<u128>& counts) const {
  const auto own = slice(counts, kWholes, cells_.size()),
             events = slice(counts, kWholes + cells_.size(), cells_.size());
  const auto all_events = slice(counts, kEvents, 1);
  const std::vector<Shared<u128>> parts{own, events, subtract(own, events), all_events,
                                        subtract(people(counts), all_events)};
  return {{any_few(engine, concatenate(std::span(parts)), rule_.minimum_cell),
           "some but " + below_minimum(rule_) + ", with the event or without it, share a combination of levels",
           minimum_cell_rule(rule_)},
          enough().fault(engine, people(counts), all_events)};
}

mpc::SharedCells FineGrayModel::released(mpc::Engine& engine, const Shared<u128>& counts,
                                         const std::vector<mpc::SharedFault>& doubts) const {
  const auto missing = mask_few(engine, slice(counts, kMissing, 1), rule_.minimum_cell);
  const auto events = slice(counts, kEvents, 1);
  mpc::SharedCells cells{.people = people(counts), .values = {missing, events}, .together = true, .events = events};
  cells.faults = doubts;
  return cells;
}

nlohmann::json FineGrayModel::present(const mpc::ReleasedCells& cells, const std::string& strength,
                                      const std::optional<FineGrayFit>& fit, const std::string& note,
                                      double error_bound) const {
  ModelResult result{.method = "Fine-Gray model of " + cause(),
                     .formula = design_.describe(),
                     .statistic_name = "z",
                     .ratio_name = "subdistribution hazard ratio"};
  result.strength = strength;
  result.note = note;
  if (cells.passed.front() && cells.people[0]) result.n = to_double(*cells.people[0]);
  if (cells.passed.front()) {
    result.missing = unmasked(cells.values[0][0]);
    result.events = to_double(cells.values[1][0]);
  }
  if (fit) {
    const std::size_t d = size();
    std::vector<double> beta = fit->coefficients, covariance = fit->covariance;
    std::vector<std::string> names;
    for (std::size_t j = 0; j < d; ++j) {
      names.push_back(design_.columns()[first() + j].name);
      beta[j] /= half_[j];
      for (std::size_t k = 0; k < d; ++k) covariance[j * d + k] /= half_[j] * half_[k];
    }
    const double degrees = static_cast<double>(d), ratio = 2 * (fit->likelihood - fit->null_likelihood);
    result.terms = wald_terms(names, beta, covariance, {}, confidence_, true);
    result.fit = {{"loglik_null", fit->null_likelihood}, {"loglik", fit->likelihood}};
    const auto test = [&](const char* name, std::optional<double> statistic) {
      result.tests.push_back({.name = name,
                              .statistic_name = "chi-square",
                              .statistic = statistic,
                              .p = statistic ? std::optional(chi_square_upper_tail(*statistic, degrees)) : std::nullopt,
                              .degrees_of_freedom = {degrees}});
    };
    test("pseudo likelihood ratio", ratio);
    test("Wald", wald(beta, covariance));
    result.vcov = std::move(covariance);
    result.steps = fit->steps;
    result.error_bound = error_bound;
  }
  return model_json(result, confidence_);
}

std::string withheld_note(const mpc::ReleasedCells& cells) {
  std::string note = "withheld";
  for (const std::string& fault : cells.faults) note += (note == "withheld" ? ": " : "; ") + fault;
  return note;
}

FineGrayReader::FineGrayReader(const FineGrayModel& model, const data::Table& table)
    : model_(model),
      time_(table.column(model.columns_.time().name)),
      kinds_(model.columns_.kinds(table)),
      reader_(model.design_, table) {}

bool FineGrayReader::read(std::size_t row, FineGrayRow& out) {
  const std::size_t causes = model_.columns_.causes().size(), kind = kinds_[row];
  if (kind > causes || !reader_.read(row, design_row_)) return false;
  out.x.resize(model_.size());
  for (std::size_t j = 0; j < out.x.size(); ++j)
    out.x[j] = (design_row_.x[model_.first() + j] - model_.centre_[j]) / model_.half_[j];
  out.leaving = kind == causes ? kCensored : kind == model_.cause_ ? kOfCause : kOfOther;
  out.time = time_.grid[row];
  return true;
}

std::unique_ptr<Analysis> make_fine_gray(const EntryContext& context) {
  return context.entry.strength == "opened" ? make_fine_gray_opened(context) : make_fine_gray_hidden(context);
}

}  // namespace cohortium::statistics
