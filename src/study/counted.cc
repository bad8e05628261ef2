#include "study/counted.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "base/error.h"

namespace cohortium::study {
namespace {

using release::Counted;
using release::Population;
using statistics::AnalysisEntry;

using Classes = std::vector<bool>;

// The public classes of one column: what its values can be, then "missing" where it may be.
class ColumnClasses {
 public:
  // `breaks`: of all histograms of the column. Each is a class of its own, as is what lies between two.
  ColumnClasses(const data::ColumnDeclaration& column, std::vector<double> breaks)
      : column_(column), breaks_(std::move(breaks)) {
    std::sort(breaks_.begin(), breaks_.end());
    breaks_.erase(std::unique(breaks_.begin(), breaks_.end()), breaks_.end());
    if (column.type == data::ColumnType::kCategory) values_ = column.levels.size();
    if (column.type == data::ColumnType::kEvent) values_ = 2;
    if (breaks_.empty()) return;
    const bool outside = column.low < breaks_.front() || column.high > breaks_.back();
    values_ = 2 * breaks_.size() - 1 + (outside ? 1 : 0);
  }

  Classes present() const {
    Classes classes(values_, true);
    if (!column_.missing.empty()) classes.push_back(false);
    return classes;
  }
  Classes only(std::size_t value) const {
    Classes classes(present().size());
    classes[value] = true;
    return classes;
  }
  Classes any_of(const std::vector<std::string>& codes) const {
    Classes classes(present().size());
    for (std::size_t i = 0; i < column_.levels.size(); ++i)
      classes[i] = std::find(codes.begin(), codes.end(), column_.levels[i].code) != codes.end();
    return classes;
  }
  // low <= value < high, or <= high.
  Classes between(double low, double high, bool closed) const {
    Classes classes(present().size());
    std::fill(classes.begin() + place(low), classes.begin() + place(high) + (closed ? 1 : 0), true);
    return classes;
  }

  std::size_t class_of(const data::Column& column, std::size_t row) const {
    if (!column.missing.empty() && column.missing[row]) return values_;
    if (column_.type == data::ColumnType::kCategory) return column.level[row];
    if (column_.type == data::ColumnType::kEvent) return column.event[row] ? 0 : 1;
    if (breaks_.empty()) return 0;
    const double value = column.number[row];
    if (value < breaks_.front() || value > breaks_.back()) return values_ - 1;
    const auto next = std::lower_bound(breaks_.begin(), breaks_.end(), value);
    const auto index = static_cast<std::size_t>(next - breaks_.begin());
    return *next == value ? 2 * index : 2 * index - 1;
  }

 private:
  std::ptrdiff_t place(double edge) const {
    return 2 * (std::lower_bound(breaks_.begin(), breaks_.end(), edge) - breaks_.begin());
  }

  const data::ColumnDeclaration& column_;
  std::vector<double> breaks_;
  std::size_t values_ = 1;
};

class Describer {
 public:
  explicit Describer(const Study& study) {
    for (const data::ColumnDeclaration& column : study.data.columns) {
      std::vector<double> breaks;
      for (const AnalysisEntry& entry : study.analyses)
        if (entry.kind == "histogram" && entry.column == column.name)
          breaks.insert(breaks.end(), entry.breaks.begin(), entry.breaks.end());
      place_[column.name] = columns_.size();
      columns_.emplace_back(column, std::move(breaks));
      declared_.push_back(&column);
    }
  }

  Counted describe(const AnalysisEntry& entry, const std::vector<std::string>& read) const {
    static const std::set<std::string_view> by_groups = {"count",          "table",          "quantiles",
                                                         "t_test",         "anova",          "mann_whitney",
                                                         "kruskal_wallis", "ks_test",        "fisher",
                                                         "chi_square",     "variance_test",  "mantel_haenszel",
                                                         "gray_test",      "restricted_mean"},
                                            all_together = {"correlation", "linear", "glm", "cox", "fine_gray"},
                                            of_outcomes = {"proportion", "prevalence", "rate", "effect_size"},
                                            of_events = {"kaplan_meier", "nelson_aalen", "log_rank"},
                                            of_both = {"prop_test", "binom_test"};
    if (by_groups.contains(entry.kind)) return {.people = groups(entry.by, with_values(read))};
    if (all_together.contains(entry.kind)) return {.people = groups({}, with_values(read))};
    if (entry.kind == "describe") {
      return {.people = groups(entry.by, {}), .events = groups(entry.by, with_values({entry.column}))};
    }
    // Without an outcome an effect size is of numbers, or of balance: their groups are not described.
    if (entry.outcome.empty() && (of_outcomes.contains(entry.kind) || of_both.contains(entry.kind))) return {};
    if (of_outcomes.contains(entry.kind)) return with_events(entry, read, entry.outcome);
    if (of_events.contains(entry.kind)) return with_events(entry, read, entry.event);
    if (of_both.contains(entry.kind)) return with_and_without(entry, read);
    if (entry.kind == "histogram") return bins(entry);
    return {};
  }

  // Of any kind, with at most so many groups.
  Counted describe_any(const AnalysisEntry& entry, const std::vector<std::string>& read) const {
    constexpr std::size_t most_groups = 1024;
    std::size_t groups_by = std::max<std::size_t>(1, entry.breaks.size());
    for (const std::string& column : entry.by) groups_by *= declared_[place(column)]->levels.size();
    if (groups_by > most_groups) return {.people = {with_values(read)}};
    Counted counted = describe(entry, read);
    return counted.people.empty() ? Counted{.people = groups(entry.by, with_values(read))} : counted;
  }

  const std::vector<ColumnClasses>& columns() const { return columns_; }

 private:
  std::size_t place(const std::string& column) const { return place_.at(column); }
  const ColumnClasses& at(const std::string& column) const { return columns_[place(column)]; }

  Population with_values(const std::vector<std::string>& columns) const {
    Population population;
    for (const std::string& column : columns) population.classes[place(column)] = at(column).present();
    return population;
  }

  // `population` divided by the levels of the columns `by`, the last one fastest.
  std::vector<Population> groups(const std::vector<std::string>& by, const Population& population) const {
    std::vector<Population> result{population};
    for (const std::string& column : by) {
      std::vector<Population> divided;
      for (Population& part : result) {
        for (std::size_t level = 0; level < declared_[place(column)]->levels.size(); ++level) {
          part.classes[place(column)] = at(column).only(level);
          divided.push_back(part);
        }
      }
      result = std::move(divided);
    }
    return result;
  }

  Classes with_event(const AnalysisEntry& entry, const std::string& column) const {
    return declared_[place(column)]->type == data::ColumnType::kEvent ? at(column).only(0)
                                                                      : at(column).any_of(entry.positive);
  }

  Counted with_events(const AnalysisEntry& entry, const std::vector<std::string>& read,
                      const std::string& column) const {
    Counted counted{.people = groups(entry.by, with_values(read)), .events = {}};
    counted.events = counted.people;
    for (Population& population : counted.events) {
      const Classes with = with_event(entry, column);
      Classes& classes = population.classes[place(column)];
      for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = classes[i] && with[i];
    }
    return counted;
  }

  // Per group those with the outcome, then those without.
  Counted with_and_without(const AnalysisEntry& entry, const std::vector<std::string>& read) const {
    Counted counted;
    const Classes with = with_event(entry, entry.outcome);
    for (const Population& group : groups(entry.by, with_values(read))) {
      for (const bool which : {true, false}) {
        Population part = group;
        Classes& classes = part.classes[place(entry.outcome)];
        for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = classes[i] && with[i] == which;
        counted.people.push_back(std::move(part));
      }
    }
    return counted;
  }

  Counted bins(const AnalysisEntry& entry) const {
    Counted counted;
    for (const Population& group : groups(entry.by, {})) {
      for (std::size_t i = 0; i + 1 < entry.breaks.size(); ++i) {
        Population bin = group;
        bin.classes[place(entry.column)] =
            at(entry.column).between(entry.breaks[i], entry.breaks[i + 1], i + 2 == entry.breaks.size());
        counted.people.push_back(std::move(bin));
      }
    }
    return counted;
  }

  std::vector<ColumnClasses> columns_;
  std::vector<const data::ColumnDeclaration*> declared_;
  std::map<std::string, std::size_t> place_;
};

std::vector<Population> simplified(std::vector<Population> populations) {
  for (Population& population : populations) population = release::simplified(std::move(population));
  return populations;
}

}  // namespace

std::vector<Counted> counted_people(const Study& study, const std::vector<statistics::Declaration>& declarations) {
  const Describer describer(study);
  std::vector<Counted> all;
  std::size_t populations = 0, described = 0;
  for (std::size_t i = 0; i < study.analyses.size(); ++i) {
    Counted counted = describer.describe(study.analyses[i], declarations[i].columns);
    populations += counted.people.size() + counted.events.size();
    described += counted.people.empty() ? 0 : 1;
    all.push_back({simplified(std::move(counted.people)), simplified(std::move(counted.events))});
  }
  if (described > 1 && populations > release::most_counted && study.release.minimum_cell > 1 && !study.privacy) {
    throw Failure({.code = "study.too_many_counts",
                   .message = "its analyses count " + std::to_string(populations) + " groups, and at most " +
                              std::to_string(release::most_counted) + " can be compared across analyses",
                   .where = "/analyses",
                   .remedy = "ask for the largest table or histogram in a study of its own, or with fewer groups"});
  }
  return all;
}

std::vector<Counted> shown_people(const Study& study, const std::vector<statistics::Declaration>& declarations) {
  const Describer describer(study);
  std::vector<Counted> all;
  for (std::size_t i = 0; i < study.analyses.size(); ++i) {
    Counted counted = describer.describe_any(study.analyses[i], declarations[i].columns);
    all.push_back({simplified(std::move(counted.people)), simplified(std::move(counted.events))});
  }
  return all;
}

std::vector<std::vector<std::uint32_t>> classes_by_column(const Study& study, const data::Table& table) {
  const Describer describer(study);
  std::vector<std::vector<std::uint32_t>> classes;
  for (std::size_t c = 0; c < study.data.columns.size(); ++c) {
    const data::Column& column = table.column(study.data.columns[c].name);
    classes.emplace_back(table.rows);
    for (std::size_t row = 0; row < table.rows; ++row)
      classes.back()[row] = static_cast<std::uint32_t>(describer.columns()[c].class_of(column, row));
  }
  return classes;
}

}  // namespace cohortium::study
