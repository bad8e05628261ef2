#include "data/duckdb_rows.h"

#include <fmt/format.h>

#include <functional>
#include <limits>
#include <optional>

#include "base/error.h"
#include "data/codes.h"
#include "data/duckdb_state.h"

namespace cohortium::data {
namespace {

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;

[[noreturn]] void refuse(const std::string& column, const std::string& what, const std::string& remedy) {
  throw Failure({.code = "data.source_failed", .message = what, .where = column, .remedy = remedy});
}

std::string wide_text(Wide value) {
  std::string text;
  const bool negative = value < 0;
  auto rest = negative ? -static_cast<UnsignedWide>(value) : static_cast<UnsignedWide>(value);
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  return negative ? "-" + text : text;
}

Wide wide_of(const duckdb_hugeint& value) {
  return static_cast<Wide>((static_cast<UnsignedWide>(static_cast<std::uint64_t>(value.upper)) << 64) | value.lower);
}

std::string uuid_text(const duckdb_hugeint& value) {
  const std::uint64_t high = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63), low = value.lower;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff, high & 0xffff, low >> 48,
                     low & 0xffff'ffff'ffff);
}

struct LogicalType {
  explicit LogicalType(duckdb_logical_type type) : handle(type) {}
  ~LogicalType() { duckdb_destroy_logical_type(&handle); }
  LogicalType(const LogicalType&) = delete;
  LogicalType& operator=(const LogicalType&) = delete;
  duckdb_logical_type handle;
};

// Copies one column of the current chunk.
using Converter = std::function<void(const QueryResult&, std::size_t column, BatchColumn& into)>;
struct Conversion {
  ValueType type;
  Converter convert;
};

template <class T, class Put>
Converter each(Put put) {
  return [put](const QueryResult& result, std::size_t column, BatchColumn& into) {
    const auto values = result.values<T>(column);
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (result.valid(column, row))
        put(values[row], into, row);
      else
        into.missing[row] = 1;
    }
  };
}

template <class T>
Conversion whole() {
  return {ValueType::kInteger, each<T>([](T value, BatchColumn& into, std::size_t row) {
            into.integers[row] = static_cast<std::int64_t>(value);
          })};
}

// Whole numbers that may not fit 64 bits.
template <class T, class ToWide>
Conversion wide_whole(const std::string& name, ToWide to_wide) {
  return {ValueType::kInteger, each<T>([name, to_wide](const T& value, BatchColumn& into, std::size_t row) {
            const Wide wide = to_wide(value);
            if (wide < std::numeric_limits<std::int64_t>::min() || wide > std::numeric_limits<std::int64_t>::max())
              refuse(name, "a whole number does not fit 64 bits", "cast the column to a text or to a double");
            into.integers[row] = static_cast<std::int64_t>(wide);
          })};
}

// Instants that the database counts in units of `per_unit` microseconds, or of a `divisor`-th of one.
Conversion instants(ValueType type, const std::string& name, std::int64_t per_unit, std::int64_t divisor = 1) {
  return {type, each<std::int64_t>([=](std::int64_t value, BatchColumn& into, std::size_t row) {
            constexpr auto limit = std::numeric_limits<std::int64_t>::max();
            if (value == limit || value == -limit || value > limit / per_unit || value < -(limit / per_unit))
              refuse(name, "a timestamp is infinite", "leave such rows out, or replace the timestamp");
            into.integers[row] = value * per_unit / divisor;
          })};
}

Conversion decimal(const std::string& name, duckdb_logical_type type) {
  const unsigned scale = duckdb_decimal_scale(type);
  const auto make = [&]<class T>(T, auto to_wide) -> Conversion {
    if (scale == 0) return wide_whole<T>(name, to_wide);
    return {ValueType::kReal, each<T>([scale, to_wide](const T& value, BatchColumn& into, std::size_t row) {
              into.reals[row] = *parse_number(fmt::format("{}e-{}", wide_text(to_wide(value)), scale));
            })};
  };
  const auto plain = [](const auto& value) { return static_cast<Wide>(value); };
  switch (duckdb_decimal_internal_type(type)) {
    case DUCKDB_TYPE_SMALLINT:
      return make(std::int16_t{}, plain);
    case DUCKDB_TYPE_INTEGER:
      return make(std::int32_t{}, plain);
    case DUCKDB_TYPE_BIGINT:
      return make(std::int64_t{}, plain);
    default:
      return make(duckdb_hugeint{}, wide_of);
  }
}

Conversion enumeration(duckdb_logical_type type) {
  auto names = std::make_shared<std::vector<std::string>>();
  for (std::uint32_t i = 0; i < duckdb_enum_dictionary_size(type); ++i) {
    char* name = duckdb_enum_dictionary_value(type, i);
    names->emplace_back(name);
    duckdb_free(name);
  }
  const auto make = [&]<class T>(T) -> Conversion {
    return {ValueType::kText,
            each<T>([names](T value, BatchColumn& into, std::size_t row) { into.texts[row] = names->at(value); })};
  };
  switch (duckdb_enum_internal_type(type)) {
    case DUCKDB_TYPE_UTINYINT:
      return make(std::uint8_t{});
    case DUCKDB_TYPE_USMALLINT:
      return make(std::uint16_t{});
    default:
      return make(std::uint32_t{});
  }
}

void copy_texts(const QueryResult& result, std::size_t column, BatchColumn& into) {
  for (std::size_t row = 0; row < result.rows(); ++row) {
    if (result.valid(column, row))
      into.texts[row] = result.text(column, row);
    else
      into.missing[row] = 1;
  }
}

std::optional<Conversion> number_conversion(duckdb_type id, const std::string& name) {
  switch (id) {
    case DUCKDB_TYPE_TINYINT:
      return whole<std::int8_t>();
    case DUCKDB_TYPE_SMALLINT:
      return whole<std::int16_t>();
    case DUCKDB_TYPE_INTEGER:
      return whole<std::int32_t>();
    case DUCKDB_TYPE_BIGINT:
      return whole<std::int64_t>();
    case DUCKDB_TYPE_UTINYINT:
      return whole<std::uint8_t>();
    case DUCKDB_TYPE_USMALLINT:
      return whole<std::uint16_t>();
    case DUCKDB_TYPE_UINTEGER:
      return whole<std::uint32_t>();
    case DUCKDB_TYPE_UBIGINT:
      return wide_whole<std::uint64_t>(name, [](std::uint64_t value) { return static_cast<Wide>(value); });
    case DUCKDB_TYPE_HUGEINT:
      return wide_whole<duckdb_hugeint>(name, wide_of);
    case DUCKDB_TYPE_FLOAT:
      return Conversion{ValueType::kReal, each<float>([](float value, BatchColumn& into, std::size_t row) {
                          into.reals[row] = widened(value);
                        })};
    case DUCKDB_TYPE_DOUBLE:
      return Conversion{ValueType::kReal, each<double>([](double value, BatchColumn& into, std::size_t row) {
                          into.reals[row] = value;
                        })};
    default:
      return std::nullopt;
  }
}

std::optional<Conversion> conversion_of(duckdb_logical_type type, const std::string& name) {
  const duckdb_type id = duckdb_get_type_id(type);
  if (auto number = number_conversion(id, name)) return number;
  switch (id) {
    case DUCKDB_TYPE_DECIMAL:
      return decimal(name, type);
    case DUCKDB_TYPE_BOOLEAN:
      return Conversion{ValueType::kBoolean, each<bool>([](bool value, BatchColumn& into, std::size_t row) {
                          into.integers[row] = value ? 1 : 0;
                        })};
    case DUCKDB_TYPE_DATE:
      return Conversion{ValueType::kDate, each<std::int32_t>([name](auto value, BatchColumn& into, std::size_t row) {
                          constexpr auto limit = std::numeric_limits<std::int32_t>::max();
                          if (value == limit || value == -limit)
                            refuse(name, "a date is infinite", "leave such rows out, or replace the date");
                          into.integers[row] = value;
                        })};
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return instants(ValueType::kTimestamp, name, 1);
    case DUCKDB_TYPE_TIMESTAMP_S:
      return instants(ValueType::kTimestamp, name, 1'000'000);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return instants(ValueType::kTimestamp, name, 1000);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return instants(ValueType::kTimestamp, name, 1, 1000);
    case DUCKDB_TYPE_VARCHAR:
      return Conversion{ValueType::kText, copy_texts};
    case DUCKDB_TYPE_SQLNULL:
      return Conversion{ValueType::kText, [](const QueryResult&, std::size_t, BatchColumn& into) {
                          into.missing.assign(into.missing.size(), 1);
                        }};
    case DUCKDB_TYPE_UUID:
      return Conversion{ValueType::kText,
                        each<duckdb_hugeint>([](const duckdb_hugeint& value, BatchColumn& into, std::size_t row) {
                          into.texts[row] = uuid_text(value);
                        })};
    case DUCKDB_TYPE_ENUM:
      return enumeration(type);
    default:
      return std::nullopt;
  }
}

std::optional<Conversion> conversion_of(const QueryResult& result, std::size_t column) {
  const LogicalType type(duckdb_column_logical_type(const_cast<duckdb_result*>(&result.state().result), column));
  return conversion_of(type.handle, result.column_name(column));
}

class DuckDbRows : public Rows {
 public:
  explicit DuckDbRows(QueryResult result) : result_(std::move(result)) {
    for (std::size_t i = 0; i < result_.columns(); ++i) {
      const std::string name = result_.column_name(i);
      auto conversion = conversion_of(result_, i);
      if (!conversion)
        refuse(name, "the column is of a type that cannot be read", "cast it to a number, a date or a text");
      columns_.push_back({name, conversion->type, name_of(conversion->type)});
      converters_.push_back(std::move(conversion->convert));
    }
  }

  const std::vector<SourceColumn>& columns() const override { return columns_; }

  bool next(Batch& batch) override {
    batch.rows = 0;
    if (!result_.next()) return false;
    batch.rows = result_.rows();
    make_room(batch, columns_, batch.rows);
    for (std::size_t i = 0; i < columns_.size(); ++i) converters_[i](result_, i, batch.columns[i]);
    return true;
  }

 private:
  QueryResult result_;
  std::vector<SourceColumn> columns_;
  std::vector<Converter> converters_;
};

}  // namespace

std::unique_ptr<Rows> make_duckdb_rows(QueryResult result) { return std::make_unique<DuckDbRows>(std::move(result)); }

std::vector<std::optional<ValueType>> value_types(const QueryResult& result) {
  std::vector<std::optional<ValueType>> types;
  for (std::size_t i = 0; i < result.columns(); ++i) {
    const auto conversion = conversion_of(result, i);
    types.push_back(conversion ? std::optional(conversion->type) : std::nullopt);
  }
  return types;
}

}  // namespace cohortium::data
