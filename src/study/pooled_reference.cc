#include "study/pooled_reference.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "data/duckdb.h"
#include "statistics/grouping.h"
#include "statistics/log_rank_statistic.h"
#include "statistics/survival_curve.h"

namespace cohortium::study {
namespace {

using data::sql_name;
using data::sql_text;
using nlohmann::json;

const data::ColumnDeclaration& column_named(const Study& study, const std::string& name) {
  for (const auto& column : study.data.columns) {
    if (column.name == name) return column;
  }
  COHORTIUM_CHECK(false);
  std::abort();
}

std::string files_sql(const Study& study, const std::vector<std::filesystem::path>& folders) {
  std::string csv, parquet, columns;
  for (const auto& column : study.data.columns) columns += (columns.empty() ? "" : ", ") + sql_name(column.name);
  for (const auto& folder : folders) {
    for (const char* ending : {".csv", ".csv.gz", ".parquet"}) {
      const auto file = folder / (study.data.table + ending);
      if (!std::filesystem::exists(file)) continue;
      std::string& list = std::string(ending) == ".parquet" ? parquet : csv;
      list += (list.empty() ? "" : ", ") + sql_text(file.string());
    }
  }
  std::string sql;
  if (!csv.empty()) sql = "SELECT " + columns + " FROM read_csv([" + csv + "], header = true)";
  if (!parquet.empty())
    sql += (sql.empty() ? "" : " UNION ALL BY NAME ") + ("SELECT " + columns + " FROM read_parquet([" + parquet + "])");
  return sql;
}

std::string in_list(const std::string& name, const std::vector<std::string>& codes) {
  std::string list;
  for (const std::string& code : codes) list += (list.empty() ? "" : ", ") + sql_text(code);
  return "CAST(" + sql_name(name) + " AS VARCHAR) IN (" + list + ")";
}

// Grouping columns as text, for SELECT and GROUP BY; and which group a row of the answer is.
class Groups {
 public:
  Groups(const Study& study, const statistics::AnalysisEntry& entry) : grouping_(columns(study, entry)) {
    for (std::size_t i = 0; i < grouping_.size(); ++i) index_[key(grouping_.codes(i))] = i;
  }
  std::size_t size() const { return grouping_.size(); }
  std::size_t width() const { return grouping_.columns().size(); }
  std::string select() const {
    std::string sql;
    for (const auto& column : grouping_.columns()) sql += "CAST(" + sql_name(column.name) + " AS VARCHAR), ";
    return sql;
  }
  // Nothing for a row whose level is not declared (missing).
  std::optional<std::size_t> of(const data::QueryResult& rows, std::size_t row) const {
    std::vector<std::string> codes;
    for (std::size_t c = 0; c < width(); ++c) {
      if (!rows.valid(c, row)) return std::nullopt;
      codes.emplace_back(rows.text(c, row));
    }
    const auto found = index_.find(key(codes));
    return found == index_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  static std::vector<data::ColumnDeclaration> columns(const Study& study, const statistics::AnalysisEntry& entry) {
    std::vector<data::ColumnDeclaration> all;
    for (const std::string& name : entry.by) all.push_back(column_named(study, name));
    return all;
  }
  static std::string key(const std::vector<std::string>& codes) {
    std::string text;
    for (const std::string& code : codes) text += code + '\x1f';
    return text;
  }
  statistics::Grouping grouping_;
  std::map<std::string, std::size_t> index_;
};

class Comparison {
 public:
  void compare(const json& released, double expected) {
    if (!released.is_number()) return;
    const double value = released.get<double>();
    largest_ = std::max(largest_, std::abs(value - expected) / std::max(1.0, std::abs(expected)));
    ++compared_;
  }
  double largest() const { return largest_; }
  std::size_t compared() const { return compared_; }

 private:
  double largest_ = 0;
  std::size_t compared_ = 0;
};

struct PooledCurve {
  std::vector<double> events, censored, at_risk;  // on the grid
};

std::vector<PooledCurve> count_curves(data::Database& database, const Study& study,
                                      const statistics::AnalysisEntry& entry) {
  const Groups groups(study, entry);
  const auto& time = column_named(study, entry.time);
  const auto& event = column_named(study, entry.event);
  std::vector<PooledCurve> curves(groups.size());
  for (auto& curve : curves) {
    curve.events.resize(time.grid_size());
    curve.censored.resize(time.grid_size());
    curve.at_risk.resize(time.grid_size());
  }
  data::QueryResult rows = database.query(
      "SELECT " + groups.select() + "CAST(" + sql_name(time.name) + " AS DOUBLE), " + in_list(event.name, event.event) +
      ", CAST(count(*) AS DOUBLE) FROM pooled WHERE " + sql_name(time.name) + " IS NOT NULL AND (" +
      in_list(event.name, event.event) + " OR " + in_list(event.name, event.censored) + ") GROUP BY ALL");
  while (rows.next()) {
    const std::size_t width = groups.width();
    const auto times = rows.values<double>(width);
    const auto is_event = rows.values<bool>(width + 1);
    const auto counts = rows.values<double>(width + 2);
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      const auto group = groups.of(rows, row);
      if (!group) continue;
      const auto point = static_cast<std::size_t>(std::llround((times[row] - time.low) / time.step));
      (is_event[row] ? curves[*group].events : curves[*group].censored)[point] += counts[row];
    }
  }
  for (auto& curve : curves) {
    double remaining = 0;
    for (std::size_t t = curve.events.size(); t-- > 0;)
      curve.at_risk[t] = remaining += curve.events[t] + curve.censored[t];
  }
  return curves;
}

void compare_kaplan_meier(const Study& study, const statistics::AnalysisEntry& entry,
                          const std::vector<PooledCurve>& curves, const json& released, Comparison& comparison) {
  const auto& time = column_named(study, entry.time);
  for (std::size_t s = 0; s < curves.size(); ++s) {
    std::vector<statistics::CurveRow> rows;
    for (std::size_t t = 0; t < time.grid_size(); ++t) {
      const double at = time.low + static_cast<double>(t) * time.step;
      rows.push_back({.time_from = at,
                      .time = at,
                      .at_risk = curves[s].at_risk[t],
                      .events = curves[s].events[t],
                      .censored = curves[s].censored[t]});
    }
    if (rows.empty() || rows[0].at_risk == 0.0) continue;
    statistics::estimate_from_counts(rows);
    const auto statistics = statistics::curve_statistics(rows, released.at("confidence"));
    const json& stratum = released.at("strata").at(s);
    comparison.compare(stratum.at("n"), *rows[0].at_risk);
    for (std::size_t i = 0; i < stratum.at("time").size(); ++i) {
      const auto from =
          static_cast<std::size_t>(std::llround((stratum["time_from"][i].get<double>() - time.low) / time.step));
      const auto to = static_cast<std::size_t>(std::llround((stratum["time"][i].get<double>() - time.low) / time.step));
      double events = 0;
      for (std::size_t t = from; t <= to; ++t) events += curves[s].events[t];
      comparison.compare(stratum["n_event"][i], events);
      comparison.compare(stratum["n_risk"][i], curves[s].at_risk[from]);
      comparison.compare(stratum["surv"][i], rows[to].survival);
      if (statistics.standard_error[to]) comparison.compare(stratum["std_err_surv"][i], *statistics.standard_error[to]);
      if (statistics.log[to].lower) comparison.compare(stratum["lower_log"][i], *statistics.log[to].lower);
      if (statistics.log[to].upper) comparison.compare(stratum["upper_log"][i], *statistics.log[to].upper);
      if (statistics.log_log[to].lower) comparison.compare(stratum["lower_loglog"][i], *statistics.log_log[to].lower);
      if (statistics.log_log[to].upper) comparison.compare(stratum["upper_loglog"][i], *statistics.log_log[to].upper);
    }
  }
}

void compare_log_rank(const std::vector<PooledCurve>& curves, const json& released, Comparison& comparison) {
  std::vector<std::vector<double>> events, at_risk;
  for (const auto& curve : curves) {
    events.push_back(curve.events);
    at_risk.push_back(curve.at_risk);
  }
  const auto sums = statistics::log_rank_sums(events, at_risk);
  const auto test = statistics::log_rank_test(sums);
  if (released.at("chisq").is_null() || !test.chi_square) return;
  comparison.compare(released["chisq"], *test.chi_square);
  comparison.compare(released["p"], *test.p);
  for (std::size_t g = 0; g < curves.size(); ++g) {
    comparison.compare(released["observed"][g], sums.observed[g]);
    comparison.compare(released["expected"][g], sums.expected[g]);
  }
}

void compare_count(data::Database& database, const Study& study, const statistics::AnalysisEntry& entry,
                   const json& released, Comparison& comparison) {
  const Groups groups(study, entry);
  data::QueryResult rows =
      database.query("SELECT " + groups.select() + "CAST(count(*) AS DOUBLE) FROM pooled GROUP BY ALL");
  while (rows.next()) {
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      if (const auto group = groups.of(rows, row)) {
        comparison.compare(released.at("cells").at(*group).at("n"), rows.values<double>(groups.width())[row]);
      }
    }
  }
}

void compare_describe(data::Database& database, const Study& study, const statistics::AnalysisEntry& entry,
                      const json& released, Comparison& comparison) {
  const Groups groups(study, entry);
  const std::string x = "TRY_CAST(" + sql_name(entry.column) + " AS DOUBLE)";
  data::QueryResult rows = database.query("SELECT " + groups.select() + "CAST(count(" + x + ") AS DOUBLE), avg(" + x +
                                          "), var_samp(" + x + ") FROM pooled GROUP BY ALL");
  while (rows.next()) {
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      const auto group = groups.of(rows, row);
      if (!group) continue;
      const json& out = released.at("groups").at(*group);
      const std::size_t width = groups.width();
      comparison.compare(out.at("n"), rows.values<double>(width)[row]);
      if (rows.valid(width + 1, row)) comparison.compare(out.at("mean"), rows.values<double>(width + 1)[row]);
      if (rows.valid(width + 2, row)) {
        const double variance = rows.values<double>(width + 2)[row];
        comparison.compare(out.at("variance"), variance);
        comparison.compare(out.at("sd"), std::sqrt(variance));
      }
    }
  }
}

}  // namespace

PooledReference compare_with_pooled(const Study& study, const std::vector<std::filesystem::path>& site_folders,
                                    const json& analyses) {
  const auto start = std::chrono::steady_clock::now();
  data::Database database({.threads = std::max(1u, std::thread::hardware_concurrency())});
  const std::string where = study.data.where.empty() ? "" : " WHERE (" + study.data.where + ")";
  database.execute("CREATE TEMP TABLE pooled AS SELECT * FROM (" + files_sql(study, site_folders) + ")" + where);
  Comparison comparison;
  std::map<std::string, std::vector<PooledCurve>> curves;  // counted once per time, event and grouping
  for (const auto& entry : study.analyses) {
    const json& released = analyses.at(entry.id);
    if (entry.kind == "count") compare_count(database, study, entry, released, comparison);
    if (entry.kind == "describe") compare_describe(database, study, entry, released, comparison);
    if (entry.kind != "kaplan_meier" && entry.kind != "log_rank") continue;
    std::string key = entry.time + '\x1f' + entry.event;
    for (const std::string& name : entry.by) key += '\x1f' + name;
    if (!curves.contains(key)) curves[key] = count_curves(database, study, entry);
    if (entry.kind == "kaplan_meier") compare_kaplan_meier(study, entry, curves[key], released, comparison);
    if (entry.kind == "log_rank") compare_log_rank(curves[key], released, comparison);
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return {.seconds = elapsed.count(), .largest_difference = comparison.largest(), .compared = comparison.compared()};
}

}  // namespace cohortium::study
