// The checks of one table of the common data model.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "data/duckdb.h"
#include "quality/catalogue.h"
#include "quality/model.h"
#include "quality/sql.h"

namespace cohortium::quality {
namespace {

constexpr int days_after_death = 60;  // reports and bills arrive late

class TableChecks {
 public:
  TableChecks(const Model& model, const CdmTable& table, const Rules& rules, std::string today,
              std::vector<Check>& checks)
      : model_(model), table_(table), rules_(rules), today_(std::move(today)), checks_(checks) {}

  void add_all() {
    if (!model_.has(table_.name)) {
      add("table", "", "the source has no such table").violated = true;
      return;
    }
    for (const CdmColumn& column : table_.columns) add_column(column);
    if (table_.columns[0].holds == Holds::kKey) add_key();
    if (table_.name != "person") add_duplicates();  // people may be alike
    if (!table_.concept_column.empty() && table_.name != "person") add_mapped();
    if (!table_.start.empty()) add_dates();
    if (table_.name == "measurement") add_measurements();
    if (table_.name == "person") add_periods();
  }

 private:
  Check& add(std::string_view kind, std::string_view column, std::string meaning) {
    Check check;
    check.id = fmt::format("{}{}{}.{}", table_.name, column.empty() ? "" : ".", column, kind);
    check.kind = find_kind(kind);
    COHORTIUM_CHECK(check.kind != nullptr);
    check.table = table_.name;
    check.column = column;
    check.meaning = std::move(meaning);
    return checks_.emplace_back(std::move(check));
  }

  std::string t(std::string_view column) const { return "t." + model_.sql(table_.name, column); }
  std::string date(std::string_view column) const { return fmt::format("CAST({} AS DATE)", t(column)); }
  std::string from() const { return model_.sql(table_.name) + " t"; }

  struct Need {
    std::string_view table, column;
  };
  // Counts rows of the table, once every column of these is there and of its type.
  template <class Make>
  void count(Check& check, std::initializer_list<Need> needs, Make make) {
    for (const Need& need : needs) {
      const data::SourceColumn* column = model_.column(need.table, need.column);
      const CdmTable* table = find_cdm_table(need.table);
      const auto known = table == nullptr ? std::span<const CdmColumn>() : table->columns;
      const auto declared =
          std::find_if(known.begin(), known.end(), [&](const CdmColumn& each) { return each.name == need.column; });
      if (column == nullptr) {
        check.not_run = fmt::format("the source has no {}.{}", need.table, need.column);
      } else if (declared != known.end() && !fits(*column, declared->holds)) {
        check.not_run = fmt::format("{}.{} has the type {}", need.table, need.column, column->database_type);
      } else {
        continue;
      }
      return;
    }
    check.count = make();
  }

  void add_column(const CdmColumn& column) {
    const data::SourceColumn* found = model_.column(table_.name, column.name);
    if (column.required) add("column", column.name, "the source has no such column").violated = found == nullptr;
    if (found == nullptr) return;
    Check& type = add("type", column.name, fmt::format("the source has the type {}", found->database_type));
    type.violated = !fits(*found, column.holds);
    if (column.required) {
      count(add("required", column.name, "no value"), {},
            [&] { return rows_where(from(), "TRUE", t(column.name) + " IS NULL"); });
    }
    if (column.holds == Holds::kReference) add_reference(column);
    if (column.holds == Holds::kConcept) add_concept(column);
    if (column.low < column.high) {
      count(add("range", column.name, fmt::format("not within {} to {}", column.low, high_of(column))),
            {{table_.name, column.name}}, [&] {
              return rows_where(
                  from(), t(column.name) + " IS NOT NULL",
                  fmt::format("NOT ({0} BETWEEN {1} AND {2})", t(column.name), column.low, high_of(column)));
            });
    }
  }

  double high_of(const CdmColumn& column) const {
    return column.name == "year_of_birth" ? std::stod(today_.substr(0, 4)) : column.high;
  }

  void add_reference(const CdmColumn& column) {
    const std::string key = std::string(column.target) + "_id";
    count(add("reference", column.name, fmt::format("no row of {} has this {}", column.target, key)),
          {{table_.name, column.name}, {column.target, key}}, [&] {
            // Sites write 0 where there is no visit.
            const std::string looked = t(column.name) + (column.required ? " IS NOT NULL" : " <> 0");
            return rows_apart(from(), looked,
                              fmt::format("NOT EXISTS (SELECT 1 FROM {} r WHERE r.{} = {})", model_.sql(column.target),
                                          model_.sql(column.target, key), t(column.name)));
          });
  }

  // Only where the vocabulary is loaded; 0 is the concept of what has none.
  void add_concept(const CdmColumn& column) {
    if (!model_.has("concept")) return;
    const auto exists = [&](const std::string& condition) {
      return fmt::format("EXISTS (SELECT 1 FROM {} c WHERE c.{} = {}{})", model_.sql("concept"),
                         model_.sql("concept", "concept_id"), t(column.name), condition);
    };
    const std::string looked =
        fmt::format("{} <> 0 AND EXISTS (SELECT 1 FROM {})", t(column.name), model_.sql("concept"));
    count(add("concept", column.name, "the concept is not in the vocabulary that is loaded"),
          {{table_.name, column.name}, {"concept", "concept_id"}},
          [&] { return rows_apart(from(), looked, "NOT " + exists("")); });
    const auto has = [&](std::string_view name) { return "c." + model_.sql("concept", name); };
    if (!column.target.empty()) {
      count(add("domain", column.name, fmt::format("the concept is not of the domain {}", column.target)),
            {{table_.name, column.name}, {"concept", "concept_id"}, {"concept", "domain_id"}}, [&] {
              return rows_apart(from(), looked + " AND " + exists(""),
                                exists(fmt::format(" AND {} <> '{}'", has("domain_id"), column.target)));
            });
    }
    if (column.name == table_.concept_column) {
      count(add("standard", column.name, "the concept is not a standard one, or no longer valid"),
            {{table_.name, column.name},
             {"concept", "concept_id"},
             {"concept", "standard_concept"},
             {"concept", "invalid_reason"}},
            [&] {
              return rows_apart(from(), looked + " AND " + exists(""),
                                exists(fmt::format(" AND (coalesce({}, '') <> 'S' OR coalesce({}, '') <> '')",
                                                   has("standard_concept"), has("invalid_reason"))));
            });
    }
  }

  void add_key() {
    const std::string_view key = table_.columns[0].name;
    count(add("key", key, "another row has the same key"), {{table_.name, key}}, [&] {
      return Count{from(), fmt::format("count({})", t(key)), fmt::format("count({0}) - count(DISTINCT {0})", t(key))};
    });
  }

  void add_duplicates() {
    std::vector<std::string> columns;
    const std::string_view key = table_.columns[0].holds == Holds::kKey ? table_.columns[0].name : "";
    for (const data::SourceColumn& column : model_.tables().at(std::string(table_.name)).columns) {
      if (model_.column(table_.name, key) != &column) columns.push_back(data::sql_name(column.name));
    }
    Check& check = add("duplicate", "", "another row is the same in every column but the key");
    if (!columns.empty()) check.count = repeated_rows(model_.sql(table_.name), columns);
  }

  void add_mapped() {
    const std::string_view column = table_.concept_column;
    count(add("mapped", column, "no standard concept: 0 or empty"), {{table_.name, column}},
          [&] { return rows_where(from(), "TRUE", fmt::format("coalesce({}, 0) = 0", t(column))); });
  }

  void add_dates() {
    const std::string_view start = table_.start, end = table_.end;
    if (!end.empty()) {
      count(add("order", end, "the end lies before the start"), {{table_.name, start}, {table_.name, end}}, [&] {
        return rows_where(from(), t(end) + " IS NOT NULL", fmt::format("{} < {}", date(end), date(start)));
      });
    }
    for (const std::string_view column : {start, end}) {
      if (column.empty()) continue;
      count(add("future", column, "later than today"), {{table_.name, column}}, [&] {
        return rows_where(from(), t(column) + " IS NOT NULL", fmt::format("{} > DATE '{}'", date(column), today_));
      });
    }
    add_birth(start);
    if (table_.name == "observation_period") return;
    if (table_.name == "death") return;  // often known from elsewhere, after the last period
    add_after_death(start);
    add_in_period(start);
  }

  void add_birth(std::string_view start) {
    count(add("birth", start, "before the person was born"),
          {{table_.name, start}, {table_.name, "person_id"}, {"person", "person_id"}, {"person", "year_of_birth"}},
          [&] {
            // Month and day of birth are often kept back: then the year counts.
            std::string born = "p." + model_.sql("person", "year_of_birth") + " * 10000";
            std::string happened = fmt::format("extract(year FROM {}) * 10000", date(start));
            int place = 100;
            for (const char* part : {"month", "day"}) {
              const std::string column = std::string(part) + "_of_birth";
              const data::SourceColumn* found = model_.column("person", column);
              if (found == nullptr || !fits(*found, Holds::kWhole)) break;
              born += fmt::format(" + coalesce(p.{}, 1) * {}", model_.sql("person", column), place);
              happened += fmt::format(" + extract({} FROM {}) * {}", part, date(start), place);
              place /= 100;
            }
            return rows_apart(from(), t(start) + " IS NOT NULL", person_where(fmt::format("{} < {}", happened, born)));
          });
  }

  std::string person_where(const std::string& condition) const {
    return fmt::format("EXISTS (SELECT 1 FROM {} p WHERE p.{} = {} AND {})", model_.sql("person"),
                       model_.sql("person", "person_id"), t("person_id"), condition);
  }

  void add_after_death(std::string_view start) {
    if (!model_.has("death")) return;
    count(add("after_death", start, fmt::format("more than {} days after the person's death", days_after_death)),
          {{table_.name, start}, {table_.name, "person_id"}, {"death", "person_id"}, {"death", "death_date"}}, [&] {
            return rows_apart(
                from(), t(start) + " IS NOT NULL",
                fmt::format("EXISTS (SELECT 1 FROM {} d WHERE d.{} = {} AND {} > CAST(d.{} AS DATE) + {})",
                            model_.sql("death"), model_.sql("death", "person_id"), t("person_id"), date(start),
                            model_.sql("death", "death_date"), days_after_death));
          });
  }

  void add_in_period(std::string_view start) {
    const std::string_view period = "observation_period", from_date = "observation_period_start_date",
                           to_date = "observation_period_end_date";
    count(add("in_period", start, "within no observation period of the person"),
          {{table_.name, start},
           {table_.name, "person_id"},
           {period, "person_id"},
           {period, from_date},
           {period, to_date}},
          [&] {
            return rows_apart(
                from(), t(start) + " IS NOT NULL",
                fmt::format("NOT EXISTS (SELECT 1 FROM {} o WHERE o.{} = {} AND {} BETWEEN CAST(o.{} AS DATE) AND "
                            "CAST(o.{} AS DATE))",
                            model_.sql(period), model_.sql(period, "person_id"), t("person_id"), date(start),
                            model_.sql(period, from_date), model_.sql(period, to_date)));
          });
  }

  void add_periods() {
    count(add("period", "person_id", "the person has no observation period"),
          {{"person", "person_id"}, {"observation_period", "person_id"}}, [&] {
            return rows_apart(
                from(), t("person_id") + " IS NOT NULL",
                fmt::format("NOT EXISTS (SELECT 1 FROM {} o WHERE o.{} = {})", model_.sql("observation_period"),
                            model_.sql("observation_period", "person_id"), t("person_id")));
          });
  }

  void add_measurements() {
    const std::string_view table = table_.name, number = "value_as_number", unit = "unit_concept_id",
                           about = "measurement_concept_id";
    count(add("value", number, "neither a number nor a concept as value"), {{table, number}}, [&] {
      const bool coded = model_.column(table, "value_as_concept_id") != nullptr;
      return rows_where(
          from(), "TRUE",
          t(number) + " IS NULL" + (coded ? fmt::format(" AND coalesce({}, 0) = 0", t("value_as_concept_id")) : ""));
    });
    count(add("unit", unit, "a number without a unit concept"), {{table, number}, {table, unit}},
          [&] { return rows_where(from(), t(number) + " IS NOT NULL", fmt::format("coalesce({}, 0) = 0", t(unit))); });
    for (const auto& [range, name] : ranges()) {
      Check& check = add("range", number, fmt::format("{} not within {} to {}", name, range.low, range.high));
      check.id = fmt::format("{}.{}.{}_{}.range", table, number, range.concept_id, range.unit_concept_id);
      count(check, {{table, number}, {table, unit}, {table, about}}, [&, range = range] {
        return rows_where(from(),
                          fmt::format("{} IS NOT NULL AND {} = {} AND {} = {}", t(number), t(about), range.concept_id,
                                      t(unit), range.unit_concept_id),
                          fmt::format("NOT ({} BETWEEN {} AND {})", t(number), range.low, range.high));
      });
    }
  }

  // The consortium's, and of ours those that it says nothing about.
  std::vector<std::pair<Range, std::string>> ranges() const {
    std::vector<std::pair<Range, std::string>> all;
    for (const Range& range : rules_.ranges)
      all.emplace_back(range, fmt::format("concept {} in unit {}", range.concept_id, range.unit_concept_id));
    for (const PlausibleRange& known : plausible_ranges()) {
      const bool replaced = std::any_of(rules_.ranges.begin(), rules_.ranges.end(), [&](const Range& range) {
        return range.concept_id == known.measurement_concept && range.unit_concept_id == known.unit_concept;
      });
      if (!replaced)
        all.emplace_back(Range{known.measurement_concept, known.unit_concept, known.low, known.high},
                         fmt::format("{} in {}", known.measurement, known.unit));
    }
    return all;
  }

  const Model& model_;
  const CdmTable& table_;
  const Rules& rules_;
  const std::string today_;
  std::vector<Check>& checks_;
};

}  // namespace

std::vector<Check> cdm_checks(data::Source& source, const Rules& rules, const std::string& today,
                              const std::vector<std::string>& tables) {
  const Model model(source);
  std::vector<Check> checks;
  for (const CdmTable& table : cdm_tables()) {
    if (tables.empty() || std::find(tables.begin(), tables.end(), table.name) != tables.end())
      TableChecks(model, table, rules, today, checks).add_all();
  }
  return checks;
}

}  // namespace cohortium::quality
