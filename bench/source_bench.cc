// Reads what a query or a study finds at a source, and says how long that took:
//
//   source_bench RECORDS SQL          the rows of a SELECT, batch by batch
//   source_bench RECORDS STUDY.json   the table of a study, as a site reads it: cohort, features, checks of every value
//
// RECORDS is what `cohortium source check` takes. Prints one line of JSON; `sum` adds up the first column, so that the
// caller can tell a right reading from a fast one. Of a study over a cohort `sql` is the query that ran at the source.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "harmonise/study_query.h"
#include "node/config.h"
#include "study/site_table.h"

namespace {

using namespace cohortium;
using nlohmann::json;

json read_rows(data::Source& source, const std::string& sql) {
  const auto rows = source.query(sql);
  data::Batch batch;
  std::uint64_t count = 0, sum = 0;
  std::size_t largest = 0;
  while (rows->next(batch)) {
    count += batch.rows;
    largest = std::max(largest, batch.rows);
    for (const std::int64_t value : batch.columns.at(0).integers) sum += static_cast<std::uint64_t>(value);
  }
  return {{"rows", count}, {"sum", sum}, {"largest_batch", largest}};
}

json read_study(data::Source& source, const std::string& path) {
  const study::Study study = study::read_study(path);
  study::SiteHarmonisation site;
  const data::Table table = study::load_site_table(source, study, site);
  double sum = 0;
  for (const double value : table.columns.at(0).number) sum += value;
  json answer = {{"rows", table.rows}, {"sum", sum}};
  if (study.cohort != nullptr)
    answer["sql"] = harmonise::cohort_query(source, study.data, *study.cohort, study.harmonise, site.rules).sql;
  return answer;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: source_bench RECORDS SQL|STUDY.json\n", stderr);
    return 2;
  }
  const std::string what = argv[2];
  const auto read = attempt([&] {
    const auto source = data::open_source(node::read_source(argv[1]));
    const auto start = std::chrono::steady_clock::now();
    json answer = what.ends_with(".json") ? read_study(*source, what) : read_rows(*source, what);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    answer["seconds"] = seconds.count();
    answer["peak_memory_bytes"] = 1024 * static_cast<std::int64_t>(usage.ru_maxrss);
    return answer;
  });
  if (!read.ok()) {
    std::fprintf(stderr, "%s\n", read.error().text().c_str());
    return 1;
  }
  std::printf("%s\n", read.value().dump().c_str());
  return 0;
}
