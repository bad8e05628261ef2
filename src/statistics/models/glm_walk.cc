// From sums to the next question. The compute parties run this alike on opened sums; glm_answer.cc is the sites' side.
#include "statistics/models/glm_walk.h"

#include <algorithm>
#include <cmath>

#include "statistics/models/least_squares.h"

namespace cohortium::statistics {
namespace {

constexpr int most_theta_iterations = 100, most_polish = 25, most_halvings = 10;
constexpr double close_deviance = 1e-8;          // R's glm.control
constexpr double close_estimates = 1e-27;        // of the Newton decrement, relative to the deviance
constexpr double still_moving = 0.01;            // of a scaled coefficient, in a step that hardly changes the deviance
constexpr long double pivot_tolerance = 1e-13L;  // of squares
constexpr double no_overdispersion = 1e7;        // theta beyond which the model is Poisson's

}  // namespace

GlmWalk::GlmWalk(const GlmModel& model)
    : model_(model),
      poisson_(make_family("poisson", model.family.has_theta ? model.family.link.name : "", "")),
      columns_(model.design.columns().size()) {}

std::size_t GlmWalk::most_steps() const {
  // Halvings stand for steps that would otherwise be made; a null model with an offset is fitted, too.
  const int fit = 1 + most_iterations() + most_polish + most_halvings;
  const int null_model = model_.design.has_offset() ? fit : 1;
  return static_cast<std::size_t>(fit + null_model + (model_.family.has_theta ? fit + most_theta_iterations : 0));
}

long double GlmWalk::extra(const std::vector<long double>& sums, Extra which) const {
  return sums[answer_size() - kExtras + which];
}

std::vector<long double> GlmWalk::information(const std::vector<long double>& sums) const {
  std::vector<long double> square(columns_ * columns_);
  std::size_t at = 0;
  for (std::size_t i = 0; i < columns_; ++i) {
    for (std::size_t j = 0; j <= i; ++j, ++at) square[i * columns_ + j] = square[j * columns_ + i] = sums[at];
  }
  return square;
}

std::span<const long double> GlmWalk::score(const std::vector<long double>& sums) const {
  return std::span(sums).subspan(columns_ * (columns_ + 1) / 2, columns_);
}

// Sites that cannot answer say the largest number there is (glm_opened.cc).
bool GlmWalk::usable(const Point& point) const { return std::abs(point.deviance) < std::ldexp(1.0, 60); }

GlmWalk::Point GlmWalk::visit(Progress& progress, std::vector<double> state) const {
  ++progress.count;
  Point point{.state = std::move(state), .sums = {}};
  point.sums = progress.ask(point.state);
  point.deviance = static_cast<double>(extra(point.sums, kDeviance));
  return point;
}

GlmWalk::Move GlmWalk::move_from(const Point& point, const std::vector<bool>& left_out) const {
  std::vector<long double> matrix = information(point.sums), right(columns_);
  for (std::size_t i = 0; i < columns_; ++i) {
    right[i] = left_out[i] ? 0 : score(point.sums)[i];
    for (std::size_t j = 0; j < columns_; ++j) {
      if (left_out[i] || left_out[j]) matrix[i * columns_ + j] = 0;
    }
  }
  const SymmetricSolution solution = solve_symmetric(matrix, right, 0, 1e-18L);
  Move move{.by = std::vector<double>(columns_)};
  for (std::size_t i = 0; i < columns_; ++i) {
    move.by[i] = static_cast<double>(solution.x[i]);
    move.largest = std::max(move.largest, std::abs(move.by[i]));
    move.decrement += static_cast<double>(right[i] * solution.x[i]);
    move.singular = move.singular || (solution.left_out[i] && !left_out[i]);
  }
  return move;
}

// The first step: coefficients from R's starting means. Says which columns follow from those before them.
std::vector<bool> GlmWalk::begin(Progress& progress, Phase phase, Point& point) const {
  std::vector<double> state(state_size());
  state[0] = kStart;
  point = visit(progress, state);
  if (!usable(point)) {
    progress.status = kNoMean;
    return std::vector<bool>(columns_, false);
  }
  const SymmetricSolution solution = solve_symmetric(information(point.sums), score(point.sums), 0, pivot_tolerance);
  for (std::size_t i = 0; i < columns_; ++i) state[2 + i] = static_cast<double>(solution.x[i]);
  state[0] = phase;
  if (solution.rank == 0) progress.status = kSingular;
  point = visit(progress, state);
  if (!usable(point)) progress.status = kNoMean;
  return solution.left_out;
}

void GlmWalk::iterate(Progress& progress, Point& point, const std::vector<bool>& left_out) const {
  bool close = false;
  int polish = 0;
  for (int iteration = 0; progress.status == kConverged; ++iteration) {
    const Move move = move_from(point, left_out);
    progress.largest_move = move.largest;
    if (move.singular) {
      progress.status = close || iteration > 5 ? kSeparated : kSingular;
      return;
    }
    const double size = std::abs(point.deviance) + 0.1;
    if (close && (move.decrement < close_estimates * size || ++polish > most_polish)) break;
    if (!close && iteration >= most_iterations()) {
      progress.status = move.largest > still_moving ? kSeparated : kNotConverged;
      return;
    }
    std::vector<double> state = point.state;
    for (std::size_t i = 0; i < columns_; ++i) state[2 + i] += move.by[i];
    Point next = visit(progress, state);
    for (int halving = 0; !usable(next) && halving < most_halvings; ++halving) {
      for (std::size_t i = 2; i < state.size(); ++i) state[i] = (state[i] + point.state[i]) / 2;
      next = visit(progress, state);
    }
    if (!usable(next)) {
      progress.status = kNoMean;
      return;
    }
    close = close || std::abs(next.deviance - point.deviance) < close_deviance * (std::abs(next.deviance) + 0.1);
    point = std::move(next);
  }
  // A coefficient that runs away moves on at every step, though the deviance hardly changes.
  if (progress.status == kConverged && progress.largest_move > still_moving) progress.status = kSeparated;
}

// From a Poisson fit: coefficients and theta together, which are orthogonal.
void GlmWalk::find_theta(Progress& progress, Point& point, const std::vector<bool>& left_out) const {
  const double moment = static_cast<double>(extra(point.sums, kMoment));
  double theta = moment > 0 ? 1 / moment : 1;  // the caller has divided by the weight
  std::vector<double> state = point.state;
  state[0] = kFamily;
  double before = INFINITY;
  for (int iteration = 0; progress.status == kConverged; ++iteration) {
    state[1] = theta;
    point = visit(progress, state);
    if (!usable(point)) progress.status = kNoMean;
    const double score = static_cast<double>(extra(point.sums, kThetaScore));
    const double information = static_cast<double>(extra(point.sums, kThetaInformation));
    const Move move = move_from(point, left_out);
    progress.largest_move = move.largest;
    if (move.singular) progress.status = kSingular;
    double by = information > 0 ? score / information : score > 0 ? theta : -theta / 2;
    by = std::clamp(by, -theta / 2, 2 * theta);
    const double off = move.decrement / (std::abs(point.deviance) + 0.1) + by * by / (theta * theta);
    if (off < close_estimates || (off < 1e-16 && off > before / 2)) break;
    before = off;
    if (theta > no_overdispersion) progress.status = kNoOverdispersion;
    if (iteration >= most_theta_iterations) progress.status = kNotConverged;
    if (progress.status != kConverged) return;
    theta += by;
    state = point.state;
    for (std::size_t i = 0; i < columns_; ++i) state[2 + i] += move.by[i];
  }
}

double GlmWalk::null_deviance(Progress& progress, const GlmTotals& totals, double theta) const {
  std::vector<double> state(state_size());
  state[0] = kFamily;
  state[1] = theta;
  if (!model_.design.has_intercept()) return visit(progress, state).deviance;
  state[2] = model_.family.link.of_mean(totals.outcome / totals.weight);
  if (!std::isfinite(state[2])) return NAN;
  Progress null_progress{.ask = progress.ask};
  Point point = visit(null_progress, state);
  if (model_.design.has_offset() && usable(point)) {
    std::vector<bool> only_intercept(columns_, true);
    only_intercept[0] = false;
    iterate(null_progress, point, only_intercept);
  }
  return usable(point) && null_progress.status == kConverged ? point.deviance : NAN;
}

GlmSteps GlmWalk::run(const GlmTotals& totals, const Ask& ask) const {
  Progress progress{.ask = ask};
  Point point{.state = std::vector<double>(state_size()), .sums = {}};
  double none = NAN;
  if (!(totals.weight > 0)) {
    // Nobody, or a forecast of costs, which is to see as many questions as a fit usually has.
    constexpr int usual = 12;
    for (int i = 0; i < usual; ++i) point = visit(progress, point.state);
    progress.status = kNobody;
  } else {
    const double mean = totals.outcome / totals.weight;
    if (!model_.family.valid_mean(mean)) progress.status = kSeparated;
    std::vector<bool> left_out(columns_, false);
    const bool counts = model_.family.has_theta;
    const bool penalised = model_.penalised();
    if (progress.status == kConverged && penalised) find_penalised(progress, point);
    if (progress.status == kConverged && !penalised) left_out = begin(progress, counts ? kPoisson : kFamily, point);
    if (progress.status == kConverged && !penalised) iterate(progress, point, left_out);
    if (progress.status == kConverged && counts) {
      point.sums[answer_size() - kExtras + kMoment] /= totals.weight;
      find_theta(progress, point, left_out);
    }
    if (progress.status == kConverged) none = null_deviance(progress, totals, point.state[1]);
  }
  GlmSteps steps{.state = point.state, .answer = point.sums, .fields = std::vector<double>(GlmSteps::kFields)};
  steps.fields[GlmSteps::kStatus] = progress.status;
  steps.fields[GlmSteps::kCount] = static_cast<double>(progress.count);
  steps.fields[GlmSteps::kNullDeviance] = none;
  steps.fields[GlmSteps::kLargestMove] = progress.largest_move;
  return steps;
}

std::optional<GlmFit> GlmWalk::fit(const GlmSteps& steps, std::string& note) const {
  switch (static_cast<Status>(static_cast<int>(steps.fields[GlmSteps::kStatus]))) {
    case kConverged:
      break;
    case kSeparated:
      note =
          "some columns tell the outcome apart without error (separation): their coefficients have no finite estimate";
      return std::nullopt;
    case kSingular:
      note = "the information matrix is singular";
      return std::nullopt;
    case kNotConverged:
      note = "the fit did not converge";
      return std::nullopt;
    case kNoMean:
      note = "no coefficients were found for which every row has a mean; choose another link";
      return std::nullopt;
    case kNobody:
      note = "nobody takes part";
      return std::nullopt;
    case kNoOverdispersion:
      note = "theta grows without end: the counts are not overdispersed; use the family poisson";
      return std::nullopt;
  }
  GlmFit fit;
  if (model_.penalised()) {
    fit.coefficients.assign(steps.state.begin() + 2, steps.state.end());
  } else {
    const SymmetricSolution solution =
        solve_symmetric(information(steps.answer), score(steps.answer), 0, pivot_tolerance);
    for (std::size_t i = 0; i < columns_; ++i)
      fit.coefficients.push_back(solution.left_out[i] ? NAN : static_cast<long double>(steps.state[2 + i]));
    fit.inverse = solution.inverse;
    fit.rank = solution.rank;
    if (solution.rank < columns_) note = "columns that follow from the others have no coefficient";
  }
  fit.steps = static_cast<std::size_t>(steps.fields[GlmSteps::kCount]);
  fit.sums.deviance = static_cast<double>(extra(steps.answer, kDeviance));
  fit.sums.negative_binomial = static_cast<double>(extra(steps.answer, kLikelihood));
  fit.pearson = static_cast<double>(extra(steps.answer, kPearson));
  fit.null_deviance = steps.fields[GlmSteps::kNullDeviance];
  if (model_.family.has_theta) {
    fit.theta = steps.state[1];
    fit.theta_error = std::sqrt(1 / static_cast<double>(extra(steps.answer, kThetaInformation)));
  }
  return fit;
}

}  // namespace cohortium::statistics
