#include "node/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/toml.h"
#include "harmonise/date_format.h"
#include "harmonise/unit.h"

namespace cohortium::node {
namespace {

const std::set<std::string_view> node_settings = {
    "name",   "consortium", "certificate",    "key",    "credential", "listen",      "state",      "data",
    "source", "harmonise",  "privacy_budget", "policy", "limits",     "populations", "identifiers"};

constexpr const char* example = "see the example in docs/operating.md";

[[noreturn]] void refuse(const std::filesystem::path& path, const toml::source_region& region,
                         const std::string& message) {
  throw Failure(
      {.code = "node.bad_config", .message = message, .where = position_in(path.string(), region), .remedy = example});
}

toml::table parse(const std::filesystem::path& path) {
  return parse_toml(read_file(path, 1 << 20), path.string(),
                    {.code = "node.bad_config", .message = "", .remedy = example});
}

// A table of settings of which every one must be known; `path` is the file it stands in.
class Settings {
 public:
  Settings(const std::filesystem::path& path, const toml::table& table, const std::set<std::string_view>& known)
      : path_(path), table_(table) {
    for (const auto& [key, value] : table)
      if (!known.contains(key.str()))
        refuse(path, value.source(), "there is no setting \"" + std::string(key.str()) + "\" here");
  }

  [[noreturn]] void refuse_setting(const char* key, const std::string& message) const {
    const toml::node* node = table_.get(key);
    refuse(path_, node != nullptr ? node->source() : table_.source(), "\"" + std::string(key) + "\" " + message);
  }
  bool has(const char* key) const { return table_.contains(key); }
  std::string text(const char* key) const {
    if (!has(key)) refuse_setting(key, "is missing");
    if (const auto value = table_[key].value_exact<std::string>()) return *value;
    refuse_setting(key, "is not a text");
  }
  std::string text(const char* key, const std::string& otherwise) const { return has(key) ? text(key) : otherwise; }
  // Paths are relative to the file.
  std::filesystem::path file(const char* key) const { return folder() / text(key); }
  std::filesystem::path folder() const { return path_.has_parent_path() ? path_.parent_path() : "."; }
  double number(const char* key, double low, double high, double otherwise) const {
    if (!has(key)) return otherwise;
    const auto value = table_[key].value<double>();
    if (!value || !(*value >= low && *value <= high))
      refuse_setting(key, fmt::format("is not a number from {} to {}", low, high));
    return *value;
  }
  std::int64_t whole(const char* key, std::int64_t low, std::int64_t high, std::int64_t otherwise) const {
    if (!has(key)) return otherwise;
    const auto value = table_[key].value_exact<std::int64_t>();
    if (!value || *value < low || *value > high)
      refuse_setting(key, "is not a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return *value;
  }

 private:
  const std::filesystem::path& path_;
  const toml::table& table_;
};

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1" || host.starts_with('/');
}

void read_access(const Settings& settings, data::SourceConfig& source) {
  if (settings.has("password_file")) source.password_file = settings.file("password_file");
  source.statement_timeout =
      std::chrono::seconds(settings.whole("statement_timeout", 1, 86'400, source.statement_timeout.count()));
}

data::SourceConfig read_postgresql(const std::filesystem::path& path, const toml::table& table) {
  const Settings settings(path, table,
                          {"kind", "host", "port", "dbname", "user", "password_file", "sslmode", "sslrootcert",
                           "schema", "statement_timeout"});
  data::SourceConfig source{.kind = data::SourceKind::kPostgreSql};
  source.host = settings.text("host");
  source.port = static_cast<std::uint16_t>(settings.whole("port", 1, 65535, source.port));
  source.database = settings.text("dbname");
  source.user = settings.text("user");
  source.schema = settings.text("schema", "public");
  read_access(settings, source);
  source.tls = settings.text("sslmode", source.host.starts_with('/') ? "disable" : source.tls);
  if (source.tls == "disable") {
    if (!is_this_machine(source.host))
      settings.refuse_setting("sslmode", "may be \"disable\" for a server on this machine only");
    return source;
  }
  if (source.tls != "verify-full" && source.tls != "verify-ca")
    settings.refuse_setting("sslmode", "is none of \"verify-full\", \"verify-ca\" and \"disable\"");
  source.root_certificate = settings.file("sslrootcert");
  return source;
}

data::SourceConfig read_odbc(const std::filesystem::path& path, const toml::table& table) {
  const Settings settings(path, table, {"kind", "connection", "password_file", "schema", "statement_timeout"});
  data::SourceConfig source{.kind = data::SourceKind::kOdbc};
  source.connection = settings.text("connection");
  std::string upper = source.connection;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  if (upper.find("PWD") != std::string::npos || upper.find("PASSWORD") != std::string::npos)
    settings.refuse_setting("connection", "holds no password: that stands in password_file");
  source.schema = settings.text("schema", "");
  read_access(settings, source);
  return source;
}

data::SourceConfig read_source_table(const std::filesystem::path& path, const toml::table& table) {
  const auto kind = table["kind"].value_exact<std::string>();
  if (kind == "postgresql") return read_postgresql(path, table);
  if (kind == "odbc") return read_odbc(path, table);
  if (kind == "duckdb") {
    const Settings settings(path, table, {"kind", "path", "schema"});
    return {.kind = data::SourceKind::kDuckDb, .path = settings.file("path"), .schema = settings.text("schema", "")};
  }
  if (kind == "folder") return {.path = Settings(path, table, {"kind", "path"}).file("path")};
  refuse(path, table.source(), "\"kind\" of a source is \"postgresql\", \"duckdb\", \"odbc\" or \"folder\"");
}

data::SourceConfig read_source_table(const std::filesystem::path& path, const toml::node& source) {
  if (!source.is_table()) refuse(path, source.source(), "\"source\" is not a table");
  return read_source_table(path, *source.as_table());
}

// What `data` names.
data::SourceConfig read_data(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) return {.path = path};
  if (path.extension() == ".duckdb") return {.kind = data::SourceKind::kDuckDb, .path = path};
  const toml::table file = parse(path);
  const Settings settings(path, file, {"source", "harmonise"});
  if (!settings.has("source")) settings.refuse_setting("source", "is missing: the file does not say where records are");
  return read_source_table(path, *file.get("source"));
}

// `data` or the table [source] of a node.toml, if it has one of them.
std::optional<data::SourceConfig> read_node_source(const std::filesystem::path& path, const toml::table& file) {
  const toml::node* source = file.get("source");
  if (!file.contains("data")) return source == nullptr ? std::nullopt : std::optional(read_source_table(path, *source));
  const Settings settings(path, file, node_settings);
  if (source != nullptr) settings.refuse_setting("source", "and \"data\" exclude each other");
  return read_data(settings.file("data"));
}

harmonise::SiteColumn read_site_column(const std::filesystem::path& path, const toml::node& node) {
  if (!node.is_table()) refuse(path, node.source(), "\"column\" is not a list of tables");
  const Settings settings(path, *node.as_table(), {"table", "column", "unit", "date"});
  harmonise::SiteColumn column{.table = settings.text("table"),
                               .column = settings.text("column"),
                               .unit = settings.text("unit", ""),
                               .date_format = settings.text("date", "")};
  if (!column.unit.empty()) static_cast<void>(harmonise::parse_unit(column.unit));
  if (!column.date_format.empty()) static_cast<void>(harmonise::DateFormat(column.date_format));
  return column;
}

harmonise::SiteRules read_harmonise(const std::filesystem::path& path, const toml::table& file) {
  const toml::node* node = file.get("harmonise");
  if (node == nullptr) return {};
  if (!node->is_table()) refuse(path, node->source(), "\"harmonise\" is not a table");
  const toml::table& table = *node->as_table();
  const Settings settings(path, table, {"map", "vocabulary", "column"});
  harmonise::SiteRules rules;
  if (settings.has("map")) rules.map = settings.file("map");
  if (settings.has("vocabulary")) {
    const auto vocabulary = table["vocabulary"].value_exact<bool>();
    if (!vocabulary) settings.refuse_setting("vocabulary", "is neither true nor false");
    rules.vocabulary = *vocabulary;
  }
  if (!settings.has("column")) return rules;
  const toml::array* columns = table["column"].as_array();
  if (columns == nullptr) settings.refuse_setting("column", "is not a list of tables: write [[harmonise.column]]");
  for (const toml::node& each : *columns) {
    harmonise::SiteColumn column = read_site_column(path, each);
    if (rules.find(column.table, column.column) != nullptr)
      refuse(path, each.source(), "the column " + column.column + " of " + column.table + " stands here twice");
    rules.columns.push_back(std::move(column));
  }
  return rules;
}

Limits read_limits(const std::filesystem::path& path, const toml::table& file) {
  Limits limits;
  const toml::node* node = file.get("limits");
  if (node == nullptr) return limits;
  if (!node->is_table()) refuse(path, node->source(), "\"limits\" is not a table");
  const Settings settings(path, *node->as_table(),
                          {"connections", "connections_per_caller", "requests_per_minute", "changes_per_minute",
                           "body_mebibytes", "request_seconds"});
  const auto read = [&](const char* key, std::int64_t low, std::int64_t high, std::size_t& value) {
    value = static_cast<std::size_t>(settings.whole(key, low, high, static_cast<std::int64_t>(value)));
  };
  read("connections", 16, 10'000, limits.connections);
  read("connections_per_caller", 4, 10'000, limits.connections_per_caller);
  read("requests_per_minute", 10, 1'000'000, limits.requests_per_minute);
  read("changes_per_minute", 5, 1'000'000, limits.changes_per_minute);
  read("body_mebibytes", 1, 16, limits.body_mebibytes);
  read("request_seconds", 1, 300, limits.request_seconds);
  return limits;
}

// By table: its population.
std::map<std::string, std::string> read_populations(const std::filesystem::path& path, const toml::table& file) {
  std::map<std::string, std::string> population_of;
  const toml::node* node = file.get("populations");
  if (node == nullptr) return population_of;
  if (!node->is_table()) refuse(path, node->source(), "\"populations\" is not a table");
  for (const auto& [name, tables] : *node->as_table()) {
    const toml::array* list = tables.as_array();
    if (list == nullptr || list->empty()) refuse(path, tables.source(), "a population is a list of tables");
    for (const toml::node& each : *list) {
      const auto table = each.value_exact<std::string>();
      if (!table) refuse(path, each.source(), "the name of a table is a text");
      if (!population_of.emplace(*table, name.str()).second)
        refuse(path, each.source(),
               "the table \"" + *table + "\" stands here twice: its people would have two budgets");
    }
  }
  return population_of;
}

std::map<std::string, std::string> read_identifiers(const std::filesystem::path& path, const toml::table& file) {
  std::map<std::string, std::string> identifiers;
  const toml::node* node = file.get("identifiers");
  if (node == nullptr) return identifiers;
  if (!node->is_table()) refuse(path, node->source(), "\"identifiers\" is not a table");
  for (const auto& [table, column] : *node->as_table()) {
    const auto name = column.value_exact<std::string>();
    if (!name || name->empty()) refuse(path, column.source(), "the name of a column is a text");
    identifiers.emplace(table.str(), *name);
  }
  return identifiers;
}

bool holds_settings(const std::filesystem::path& path) {
  std::error_code code;
  return std::filesystem::is_regular_file(path, code) && path.extension() != ".duckdb";
}

}  // namespace

harmonise::SiteRules read_site_rules(const std::filesystem::path& path) {
  if (!holds_settings(path)) return {};
  const toml::table file = parse(path);
  if (file.contains("harmonise") || !file["data"].is_string()) return read_harmonise(path, file);
  const std::filesystem::path named =
      (path.has_parent_path() ? path.parent_path() : ".") / file["data"].value_or(std::string());
  return holds_settings(named) ? read_harmonise(named, parse(named)) : harmonise::SiteRules();
}

data::SourceConfig read_source(const std::filesystem::path& path) {
  if (!holds_settings(path)) return read_data(path);
  const toml::table file = parse(path);
  if (auto source = read_node_source(path, file)) return *source;
  refuse(path, file.source(), "the file says with neither [source] nor \"data\" where records are");
}

Endpoint parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  Endpoint endpoint;
  if (colon != std::string::npos && colon > 0) {
    endpoint.host = text.substr(0, colon);
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
    if (error == std::errc{} && stop == end) return endpoint;
  }
  throw Failure({.code = "node.bad_endpoint",
                 .message = "\"" + text + "\" is not host:port",
                 .remedy = "write for example 0.0.0.0:7443"});
}

data::SourceConfig source_config(const NodeConfig& config) {
  if (config.source) return *config.source;
  throw Failure({.code = "node.no_data",
                 .message = "this node is asked for records, but has none",
                 .where = config.name,
                 .remedy = "set \"data\" or [source] in its node.toml"});
}

NodeConfig read_config(const std::filesystem::path& path) {
  const toml::table file = parse(path);
  const Settings settings(path, file, node_settings);
  NodeConfig config;
  config.name = settings.text("name");
  config.consortium = settings.file("consortium");
  config.certificate = settings.file("certificate");
  config.key = settings.file("key");
  if (settings.has("credential")) config.credential = settings.file("credential");
  config.state = settings.file("state");
  config.source = read_node_source(path, file);
  config.harmonise = read_site_rules(path);
  const Endpoint listen = parse_endpoint(settings.text("listen"));
  config.listen_address = listen.host;
  config.listen_port = listen.port;
  if (settings.has("policy")) config.policy = settings.file("policy");
  config.privacy.most = settings.number("privacy_budget", 0, 1e6, config.privacy.most);
  config.privacy.populations = read_populations(path, file);
  config.identifiers = read_identifiers(path, file);
  config.limits = read_limits(path, file);
  return config;
}

}  // namespace cohortium::node
