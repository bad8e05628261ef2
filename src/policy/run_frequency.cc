#include "policy/run_frequency.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/clock.h"

namespace cohortium::policy {
namespace {

using std::chrono::milliseconds;

int digits(const std::string& text, std::size_t from, std::size_t count) {
  int number = 0;
  std::from_chars(text.data() + from, text.data() + from + count, number);
  return number;
}

// Of a timestamp (base/clock.h), since 1970.
milliseconds time_of(const std::string& text) {
  COHORTIUM_CHECK(is_timestamp(text));
  const std::chrono::year_month_day day{std::chrono::year(digits(text, 0, 4)),
                                        std::chrono::month(static_cast<unsigned>(digits(text, 5, 2))),
                                        std::chrono::day(static_cast<unsigned>(digits(text, 8, 2)))};
  return std::chrono::sys_days(day).time_since_epoch() + std::chrono::hours(digits(text, 11, 2)) +
         std::chrono::minutes(digits(text, 14, 2)) + std::chrono::seconds(digits(text, 17, 2)) +
         milliseconds(digits(text, 20, 3));
}

std::string day_of(milliseconds time) {
  const std::chrono::year_month_day day(std::chrono::sys_days(std::chrono::floor<std::chrono::days>(time)));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

// Whether both name the same column, or one of them the whole table of the other.
bool same_column(const std::string& one, const std::string& other) {
  const std::string table = one.substr(0, one.find('.') + 1);
  return one == other || (other.starts_with(table) && (one == table + "*" || other == table + "*"));
}

std::optional<std::string> next_run(const Frequency& frequency, milliseconds now, std::vector<milliseconds> earlier) {
  const milliseconds window = std::chrono::days(frequency.days);
  std::erase_if(earlier, [&](milliseconds time) { return time <= now - window; });
  if (earlier.size() < static_cast<std::size_t>(frequency.runs)) return std::nullopt;
  std::sort(earlier.begin(), earlier.end());
  return day_of(earlier[earlier.size() - static_cast<std::size_t>(frequency.runs)] + window);
}

}  // namespace

std::optional<std::string> next_run(const Frequency& frequency, const std::string& rule, const Demand& demand,
                                    const Circumstances& circumstances) {
  const milliseconds now = time_of(circumstances.now);
  const auto times = [&](auto&& counts) {
    std::vector<milliseconds> all;
    for (const PastRun& run : *circumstances.runs)
      if (counts(run)) all.push_back(time_of(run.time));
    return all;
  };
  using enum Frequency::Per;
  if (frequency.per == kStudy)
    return next_run(frequency, now, times([&](const PastRun& run) { return run.study == demand.study; }));
  if (frequency.per == kAnalyst)
    return next_run(frequency, now, times([&](const PastRun& run) { return run.analyst == circumstances.analyst; }));
  if (frequency.per == kRule)
    return next_run(frequency, now, times([&](const PastRun& run) { return run.rule == rule; }));
  std::optional<std::string> latest;
  for (const std::string& column : column_names(demand)) {
    const auto next = next_run(frequency, now, times([&](const PastRun& run) {
                                 return std::any_of(run.columns.begin(), run.columns.end(),
                                                    [&](const std::string& each) { return same_column(each, column); });
                               }));
    if (next && (!latest || *latest < *next)) latest = next;
  }
  return latest;
}

std::string name_of(Frequency::Per per) {
  return std::find_if(per_names().begin(), per_names().end(), [&](const auto& each) { return each.second == per; })
      ->first;
}

}  // namespace cohortium::policy
