#include "data/postgresql_connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "data/duckdb.h"
#include "data/password.h"

namespace cohortium::data {
namespace {

constexpr const char* kConnectSeconds = "10";
constexpr std::chrono::milliseconds kCancelWait{200};  // until cancel() is noticed
constexpr std::chrono::seconds kGrace{15};             // beyond the statement timeout, for the network

std::string trimmed(const char* text) {
  std::string result = text != nullptr ? text : "";
  std::replace(result.begin(), result.end(), '\n', ' ');
  result.erase(result.find_last_not_of(' ') + 1);
  return result;
}

}  // namespace

PostgreSqlConnection::PostgreSqlConnection(const SourceConfig& config)
    : where_(fmt::format("{}:{}/{}", config.host, config.port, config.database)),
      patience_(config.statement_timeout + kGrace) {
  const Password password(config.password_file);
  const std::string port = std::to_string(config.port), root = config.root_certificate.string();
  // Everything that the environment or files of the account could set otherwise is set here.
  const std::vector<std::pair<const char*, const char*>> settings = {{"host", config.host.c_str()},
                                                                     {"port", port.c_str()},
                                                                     {"dbname", config.database.c_str()},
                                                                     {"user", config.user.c_str()},
                                                                     {"password", password.text().c_str()},
                                                                     {"passfile", "/dev/null"},
                                                                     {"sslmode", config.tls.c_str()},
                                                                     {"sslrootcert", root.c_str()},
                                                                     {"ssl_min_protocol_version", "TLSv1.2"},
                                                                     {"gssencmode", "disable"},
                                                                     {"client_encoding", "UTF8"},
                                                                     {"application_name", "cohortium"},
                                                                     {"connect_timeout", kConnectSeconds},
                                                                     {"keepalives_idle", "30"},
                                                                     {"tcp_user_timeout", "60000"}};
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : settings) {
    if (*value == '\0') continue;
    keys.push_back(key);
    values.push_back(value);
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(PQconnectdbParams(keys.data(), values.data(), 0));
  if (PQstatus(connection_.get()) != CONNECTION_OK)
    fail(fmt::format("no connection to the database: {}", trimmed(PQerrorMessage(connection_.get()))),
         "check host, port, dbname, user, password_file and sslrootcert, and pg_hba.conf of the server");
  cancel_.reset(PQgetCancel(connection_.get()));
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);  // they may quote records
  // A cohort is a chain of materialised expressions, which PostgreSQL takes for a row or two each; nested loops over two of
  // them, which it then chooses, make minutes of seconds. Without, it sorts and hashes.
  execute(
      "SET enable_nestloop = off; "
      "SET default_transaction_read_only = on; SET standard_conforming_strings = on; SET TimeZone = 'UTC'; "
      "SET DateStyle = 'ISO'; SET lock_timeout = '10s'; SET search_path = " +
      sql_name(config.schema) +
      "; SET statement_timeout = " + std::to_string(std::chrono::milliseconds(config.statement_timeout).count()));
}

void PostgreSqlConnection::fail(const std::string& message, const std::string& remedy) const {
  throw Failure({.code = "data.source_failed", .message = message, .where = where_, .remedy = remedy});
}

void PostgreSqlConnection::restart_clock() { deadline_ = std::chrono::steady_clock::now() + patience_; }

void PostgreSqlConnection::wait_for_input() {
  pollfd waiting{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
  int ready = 0;
  while (ready == 0 && waiting.fd >= 0 && std::chrono::steady_clock::now() < deadline_) {
    if (cancelled_.exchange(false)) tell_server_to_cancel();
    ready = ::poll(&waiting, 1, static_cast<int>(kCancelWait.count()));
  }
  if (ready <= 0 || PQconsumeInput(connection_.get()) == 0) {
    const std::string words = trimmed(PQerrorMessage(connection_.get()));
    fail("the database does not answer any more" + (words.empty() ? "" : ": " + words),
         "look at the server's log, then run again");
  }
}

PostgreSqlConnection::ResultPointer PostgreSqlConnection::next_result() {
  while (PQisBusy(connection_.get()) != 0) wait_for_input();
  return ResultPointer(PQgetResult(connection_.get()));
}

PostgreSqlConnection::ResultPointer PostgreSqlConnection::finish() {
  ResultPointer last;
  while (ResultPointer result = next_result()) {
    const bool failed = last && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
    if (!failed) last = std::move(result);
  }
  return last;
}

void PostgreSqlConnection::send(int sent) {
  if (sent == 0)
    fail("the database does not answer any more: " + trimmed(PQerrorMessage(connection_.get())),
         "look at the server's log, then run again");
}

void PostgreSqlConnection::check(const PGresult* result, const char* what) const {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_OUT) return;
  const char* state = result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  const char* words = result != nullptr ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
  const std::string_view code = state != nullptr ? state : "";
  fail(fmt::format("the database refuses {}: {}{}", what,
                   trimmed(words != nullptr ? words : PQerrorMessage(connection_.get())),
                   code.empty() ? "" : fmt::format(" (SQLSTATE {})", code)),
       code == "57014"   ? "raise statement_timeout, or ask why the query takes so long"
       : code == "42501" ? "grant the role SELECT on the table and USAGE on its schema"
                         : "correct the query, or see the server's log");
}

std::vector<std::vector<std::string>> PostgreSqlConnection::rows(const std::string& sql) {
  restart_clock();
  send(PQsendQuery(connection_.get(), sql.c_str()));
  const ResultPointer result = finish();
  check(result.get(), "a statement");
  std::vector<std::vector<std::string>> rows(static_cast<std::size_t>(PQntuples(result.get())));
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (int j = 0; j < PQnfields(result.get()); ++j)
      rows[i].emplace_back(PQgetvalue(result.get(), static_cast<int>(i), j));
  return rows;
}

std::vector<PostgreSqlConnection::Field> PostgreSqlConnection::describe(const std::string& sql) {
  restart_clock();
  send(PQsendPrepare(connection_.get(), "", sql.c_str(), 0, nullptr));
  check(finish().get(), "the query");
  send(PQsendDescribePrepared(connection_.get(), ""));
  const ResultPointer result = finish();
  check(result.get(), "the query");
  std::vector<Field> fields;
  for (int i = 0; i < PQnfields(result.get()); ++i)
    fields.push_back({PQfname(result.get(), i), PQftype(result.get(), i), PQfmod(result.get(), i)});
  return fields;
}

void PostgreSqlConnection::start_copy(const std::string& sql) {
  restart_clock();
  // The line feed keeps a comment at the end from swallowing the bracket.
  send(PQsendQuery(connection_.get(), ("COPY (" + sql + "\n) TO STDOUT (FORMAT binary)").c_str()));
  const ResultPointer result = next_result();
  if (PQresultStatus(result.get()) != PGRES_COPY_OUT) finish();
  check(result.get(), "the query");
  if (PQresultStatus(result.get()) != PGRES_COPY_OUT || PQbinaryTuples(result.get()) == 0)
    fail("the database does not start to copy", "check that this is a PostgreSQL server");
}

std::string_view PostgreSqlConnection::next_message() {
  for (;;) {
    if (cancelled_.exchange(false)) tell_server_to_cancel();
    char* buffer = nullptr;
    const int size = PQgetCopyData(connection_.get(), &buffer, 1);
    message_.reset(buffer);
    if (size > 0) return {buffer, static_cast<std::size_t>(size)};
    if (size == 0) {
      wait_for_input();
      continue;
    }
    check(finish().get(), "the query");
    return {};
  }
}

void PostgreSqlConnection::abandon_copy() noexcept {
  tell_server_to_cancel();
  deadline_ = std::chrono::steady_clock::now() + kGrace;
  try {
    while (!next_message().empty()) {
    }
  } catch (const Failure&) {
    // The cancelled statement's own error, or a connection that is gone; the next statement meets the latter.
  }
}

void PostgreSqlConnection::tell_server_to_cancel() noexcept {
  std::array<char, 256> ignored;
  PQcancel(cancel_.get(), ignored.data(), ignored.size());
}

std::string PostgreSqlConnection::server_version() const {
  const char* version = PQparameterStatus(connection_.get(), "server_version");
  return version != nullptr ? version : "of unknown version";
}

}  // namespace cohortium::data
