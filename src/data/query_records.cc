#include "data/query_records.h"

#include <fmt/format.h>

#include <algorithm>

namespace cohortium::data {
namespace {

class QueryRecords : public Records {
 public:
  QueryRecords(Source& source, std::string sql, const TableDeclaration& declaration, EditRow edit)
      : source_(source), sql_(std::move(sql)), declaration_(declaration), edit_(std::move(edit)) {}

  void read(std::vector<ColumnReader>& readers, RowNames& names) override {
    const auto rows = source_.query(sql_);
    const bool named = names.naming().wanted();
    const std::size_t needed = readers.size() + (named ? 1 : 0);
    COHORTIUM_CHECK(edit_ ? rows->columns().size() >= needed : rows->columns().size() == needed);
    Batch batch;
    std::vector<std::string> fields;
    for (std::size_t first = 0; rows->next(batch); first += batch.rows)
      for (std::size_t row = 0; row < batch.rows; ++row) {
        edited(batch, row, first + row, fields);
        for (std::size_t i = 0; i < readers.size(); ++i) readers[i].add(fields[i]);
        if (named) names.add_joined(fields.back());
      }
  }

  Place place(std::size_t row, const std::string& name) override {
    const auto column = std::find_if(declaration_.columns.begin(), declaration_.columns.end(),
                                     [&](const ColumnDeclaration& declared) { return declared.name == name; });
    const auto index = static_cast<std::size_t>(column - declaration_.columns.begin());
    const Place found{fmt::format("{}:row {} ({})", declaration_.table, row + 1, name), ""};
    const auto rows = source_.query(sql_);
    Batch batch;
    std::vector<std::string> fields;
    for (std::size_t left = row; rows->next(batch); left -= batch.rows) {
      if (left >= batch.rows) continue;
      edited(batch, left, row, fields);
      return {found.where, fields[index]};
    }
    return found;
  }

 private:
  void edited(const Batch& batch, std::size_t row, std::size_t number, std::vector<std::string>& fields) const {
    fields.resize(batch.columns.size());
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i] = batch.columns[i].text(row);
    if (edit_) edit_(number, fields);
  }

  Source& source_;
  std::string sql_;
  const TableDeclaration& declaration_;
  EditRow edit_;
};

}  // namespace

std::unique_ptr<Records> query_records(Source& source, std::string sql, const TableDeclaration& declaration,
                                       EditRow edit) {
  return std::make_unique<QueryRecords>(source, std::move(sql), declaration, std::move(edit));
}

}  // namespace cohortium::data
