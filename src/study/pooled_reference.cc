#include "study/pooled_reference.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <thread>

#include "base/error.h"
#include "data/duckdb.h"
#include "data/table_files.h"
#include "statistics/grouping.h"

namespace cohortium::study {
namespace {

using data::sql_name;
using data::sql_text;

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
    for (const auto& file : data::table_files(folder, study.data.table)) {
      std::string& list = data::is_parquet(file) ? parquet : csv;
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
  std::string names() const {
    std::string sql;
    for (const auto& column : grouping_.columns()) sql += sql_name(column.name) + ", ";
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
    for (const std::string& name : entry.strata) all.push_back(column_named(study, name));
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

struct CountedCurve {
  std::vector<double> events, censored, at_risk;  // on the grid
};

std::vector<CountedCurve> count_curves(data::Database& database, const Study& study,
                                       const statistics::AnalysisEntry& entry) {
  const Groups groups(study, entry);
  const auto& time = column_named(study, entry.time);
  const auto& event = column_named(study, entry.event);
  std::vector<CountedCurve> curves(groups.size());
  for (auto& curve : curves) {
    curve.events.resize(time.grid_size());
    curve.censored.resize(time.grid_size());
    curve.at_risk.resize(time.grid_size());
  }
  // Counted as stored, turned to text and numbers afterwards: casts cost more than counting.
  data::QueryResult rows = database.query(
      "SELECT " + groups.select() + "CAST(" + sql_name(time.name) + " AS DOUBLE), " + in_list(event.name, event.event) +
      ", CAST(people AS DOUBLE) FROM (SELECT " + groups.names() + sql_name(time.name) + ", " + sql_name(event.name) +
      ", count(*) AS people FROM pooled GROUP BY ALL) WHERE " + sql_name(time.name) + " IS NOT NULL AND (" +
      in_list(event.name, event.event) + " OR " + in_list(event.name, event.censored) + ")");
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

std::vector<PooledStratum> estimate_curves(const data::ColumnDeclaration& time, const std::vector<CountedCurve>& curves,
                                           double confidence) {
  std::vector<PooledStratum> strata(curves.size());
  for (std::size_t s = 0; s < curves.size(); ++s) {
    for (std::size_t t = 0; t < time.grid_size(); ++t) {
      const double at = time.low + static_cast<double>(t) * time.step;
      strata[s].rows.push_back({.time_from = at,
                                .time = at,
                                .at_risk = curves[s].at_risk[t],
                                .events = curves[s].events[t],
                                .censored = curves[s].censored[t]});
    }
    statistics::estimate_from_counts(strata[s].rows);
    strata[s].statistics = statistics::curve_statistics(strata[s].rows, confidence);
    strata[s].hazard = statistics::hazard_statistics(strata[s].rows, confidence);
  }
  return strata;
}

// Groups come first, the strata within them.
PooledLogRank compute_log_rank(const std::vector<CountedCurve>& curves, std::size_t groups,
                               const statistics::LogRankWeights& weights) {
  std::vector<std::vector<double>> events(groups), at_risk(groups);
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const std::size_t g = i / (curves.size() / groups);
    events[g].insert(events[g].end(), curves[i].events.begin(), curves[i].events.end());
    at_risk[g].insert(at_risk[g].end(), curves[i].at_risk.begin(), curves[i].at_risk.end());
  }
  PooledLogRank answer{.sums = statistics::log_rank_sums(events, at_risk, curves.front().events.size(), weights),
                       .test = {}};
  answer.test = statistics::log_rank_test(answer.sums);
  return answer;
}

// The area under each curve from the beginning up to `until`, and Greenwood's sum weighted by what is left of it.
std::vector<PooledMean> restricted_means(const std::vector<PooledStratum>& strata, double until) {
  std::vector<PooledMean> means;
  for (const PooledStratum& stratum : strata) {
    PooledMean mean{.value = stratum.rows.front().time};
    double variance = 0, area = 0;
    for (std::size_t t = stratum.rows.size() - 1; t-- > 0;) {
      const statistics::CurveRow& row = stratum.rows[t];
      if (row.time >= until) continue;
      area += row.survival * (stratum.rows[t + 1].time - row.time);
      const double n = *row.at_risk, d = *row.events;
      if (d > 0 && n > d) variance += area * area * d / (n * (n - d));
    }
    mean.value += area;
    mean.standard_error = std::sqrt(variance);
    means.push_back(mean);
  }
  return means;
}

std::vector<double> count(data::Database& database, const Study& study, const statistics::AnalysisEntry& entry) {
  const Groups groups(study, entry);
  std::vector<double> counts(groups.size());
  data::QueryResult rows =
      database.query("SELECT " + groups.select() + "CAST(count(*) AS DOUBLE) FROM pooled GROUP BY ALL");
  while (rows.next()) {
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      if (const auto group = groups.of(rows, row)) counts[*group] = rows.values<double>(groups.width())[row];
    }
  }
  return counts;
}

std::vector<PooledMoments> describe(data::Database& database, const Study& study,
                                    const statistics::AnalysisEntry& entry) {
  const Groups groups(study, entry);
  std::vector<PooledMoments> moments(groups.size());
  const std::string x = "TRY_CAST(" + sql_name(entry.column) + " AS DOUBLE)";
  data::QueryResult rows = database.query("SELECT " + groups.select() + "CAST(count(" + x + ") AS DOUBLE), avg(" + x +
                                          "), var_samp(" + x + ") FROM pooled GROUP BY ALL");
  while (rows.next()) {
    const std::size_t width = groups.width();
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      const auto group = groups.of(rows, row);
      if (!group) continue;
      moments[*group].n = rows.values<double>(width)[row];
      if (rows.valid(width + 1, row)) moments[*group].mean = rows.values<double>(width + 1)[row];
      if (rows.valid(width + 2, row)) moments[*group].variance = rows.values<double>(width + 2)[row];
    }
  }
  return moments;
}

}  // namespace

PooledAnswer analyse_pooled(const Study& study, const std::vector<std::filesystem::path>& site_folders) {
  const auto start = std::chrono::steady_clock::now();
  data::Database database({.threads = std::max(1u, std::thread::hardware_concurrency())});
  const std::string where = study.data.where.empty() ? "" : " WHERE (" + study.data.where + ")";
  database.execute("CREATE TEMP TABLE pooled AS SELECT * FROM (" + files_sql(study, site_folders) + ")" + where);
  PooledAnswer answer;
  std::map<std::string, std::vector<CountedCurve>> counted;  // once per time, event and grouping
  for (const auto& entry : study.analyses) {
    PooledAnalysis& analysis = answer.analyses[entry.id];
    const bool counts =
        entry.kind == "count" || entry.kind == "table" || entry.kind == "chi_square" || entry.kind == "fisher";
    if (counts) analysis.counts = count(database, study, entry);
    if (entry.kind == "describe") analysis.moments = describe(database, study, entry);
    const bool curves = entry.kind == "kaplan_meier" || entry.kind == "nelson_aalen" || entry.kind == "restricted_mean";
    if ((!curves && entry.kind != "log_rank") || entry.by_site) continue;
    std::string key = entry.time + '\x1f' + entry.event;
    for (const std::string& name : entry.by) key += '\x1f' + name;
    for (const std::string& name : entry.strata) key += '\x1f' + name;
    if (!counted.contains(key)) counted[key] = count_curves(database, study, entry);
    if (curves) analysis.strata = estimate_curves(column_named(study, entry.time), counted[key], entry.confidence);
    if (entry.kind == "restricted_mean") analysis.means = restricted_means(analysis.strata, entry.until);
    if (entry.kind == "log_rank") {
      std::size_t groups = 1;
      for (const std::string& name : entry.by) groups *= column_named(study, name).levels.size();
      analysis.log_rank = compute_log_rank(counted[key], groups, {.rho = entry.rho, .gamma = entry.gamma});
    }
  }
  answer.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return answer;
}

}  // namespace cohortium::study
