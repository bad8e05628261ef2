// What a study asks for so that its columns mean the same at every site, and what a site says of its own columns.
//
// A study's rules are public and approved with it; a site's stand in its node.toml and stay there.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cohortium::harmonise {

// Of one column of a study.
struct ColumnRules {
  std::string unit_column = {};                 // of a table: the site's column that holds each value's unit
  bool convert = false;                         // of a cohort: from the unit of the record that the value is of
  std::optional<double> molar_mass = {};        // g/mol, of the one substance that is measured
  std::string days_from = {}, days_until = {};  // the value is the number of days between these columns of the table
  bool concepts = false;                        // the site's codes become concepts
};

// What sites must agree in before the study runs (agreement.h).
struct AgreementRules {
  std::set<std::string> about = {"schema", "vocabulary", "units", "coverage", "time"};
  double coverage_within = 0.1;  // shares of rows with a concept may differ by so much
  int days_within = 366;         // first and last dates may
};

struct StudyRules {
  std::map<std::string, ColumnRules> columns = {};  // by name; of columns that have rules
  std::vector<std::string> same_row = {};  // columns of the table that tell one row from another; empty: all count
  std::optional<AgreementRules> agreement = {};
  std::string latest = {};  // of rows that are the same, the one with the greatest value here
  const ColumnRules* find(const std::string& column) const {
    const auto found = columns.find(column);
    return found == columns.end() ? nullptr : &found->second;
  }
};

// What a site says of a column of one of its tables.
struct SiteColumn {
  std::string table = {}, column = {};
  std::string unit = {};         // of all its values; empty: not said
  std::string date_format = {};  // as date_format.h has it; empty: 2020-02-29
};

struct SiteRules {
  std::filesystem::path map = {};  // of the site's own codes (site_map.h); empty: none
  bool vocabulary = false;         // whether codes map by the vocabulary, too
  std::vector<SiteColumn> columns = {};

  bool maps_codes() const { return vocabulary || !map.empty(); }
  const SiteColumn* find(std::string_view table, std::string_view column) const {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const SiteColumn& each) {
      return each.table == table && each.column == column;
    });
    return found == columns.end() ? nullptr : &*found;
  }
};

}  // namespace cohortium::harmonise
