#include "data/odbc_handle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/buffer.h"
#include "base/error.h"
#include "data/password.h"
#include "data/utf8.h"

namespace cohortium::data {
namespace {

constexpr std::size_t kWordsKept = 500;

SQLCHAR* text_of(const std::string& text) { return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.c_str())); }

// The driver's words about what it has just refused.
std::string words_of(SQLSMALLINT kind, SQLHANDLE handle) {
  std::array<SQLCHAR, 6> state{};
  std::array<SQLCHAR, 1024> message{};
  SQLINTEGER native = 0;
  SQLSMALLINT length = 0;
  if (!SQL_SUCCEEDED(SQLGetDiagRec(kind, handle, 1, state.data(), &native, message.data(),
                                   static_cast<SQLSMALLINT>(message.size()), &length)))
    return "the driver does not say why";
  std::string words = reinterpret_cast<const char*>(message.data());
  words = words.substr(0, std::min(first_bad_byte(words), kWordsKept));
  return fmt::format("{} (SQLSTATE {})", words, reinterpret_cast<const char*>(state.data()));
}

[[noreturn]] void fail(const std::string& message, const std::string& remedy) {
  throw Failure({.code = "data.source_failed", .message = message, .where = "ODBC", .remedy = remedy});
}

void check(SQLRETURN answer, SQLSMALLINT kind, SQLHANDLE handle, const char* what) {
  if (SQL_SUCCEEDED(answer)) return;
  fail(fmt::format("the database refuses {}: {}", what, words_of(kind, handle)),
       "correct the query, raise statement_timeout, or see the database's log");
}

// UTF-16 as drivers deliver it, to UTF-8; half a pair of surrogates becomes bytes that no text holds.
void append_utf8(const SQLWCHAR* units, std::size_t count, std::string& into) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t point = units[i];
    if (point >= 0xd800 && point < 0xdc00 && i + 1 < count && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000)
      point = 0x10000 + ((point - 0xd800) << 10) + (units[++i] - 0xdc00u);
    const auto add = [&](std::uint32_t byte) { into += static_cast<char>(byte); };
    if (point < 0x80) {
      add(point);
    } else if (point < 0x800) {
      add(0xc0 | point >> 6);
      add(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
      add(0xe0 | point >> 12);
      add(0x80 | (point >> 6 & 0x3f));
      add(0x80 | (point & 0x3f));
    } else {
      add(0xf0 | point >> 18);
      add(0x80 | (point >> 12 & 0x3f));
      add(0x80 | (point >> 6 & 0x3f));
      add(0x80 | (point & 0x3f));
    }
  }
}

}  // namespace

OdbcConnection::OdbcConnection(const SourceConfig& config) : statement_timeout_(config.statement_timeout) {
  SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_);
  SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
  SQLAllocHandle(SQL_HANDLE_DBC, environment_, &connection_);
  SQLSetConnectAttr(connection_, SQL_ATTR_LOGIN_TIMEOUT, reinterpret_cast<SQLPOINTER>(10), 0);
  SQLSetConnectAttr(connection_, SQL_ATTR_ACCESS_MODE, reinterpret_cast<SQLPOINTER>(SQL_MODE_READ_ONLY), 0);
  const Password password(config.password_file);
  std::string text = config.connection;
  if (!password.text().empty()) {
    text += ";PWD={";
    for (const char c : password.text()) text.append(c == '}' ? 2 : 1, c);
    text += "}";
  }
  const SQLRETURN answer =
      SQLDriverConnect(connection_, nullptr, text_of(text), SQL_NTS, nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
  wipe(text.data(), text.size());
  if (!SQL_SUCCEEDED(answer)) {
    std::string words = words_of(SQL_HANDLE_DBC, connection_);
    close();
    // A driver may quote the connection string.
    if (!password.text().empty())
      for (std::size_t at; (at = words.find(password.text())) != std::string::npos;)
        words.replace(at, password.text().size(), "…");
    fail("no connection to the database: " + words,
         "check connection and password_file, and that the driver is installed");
  }
  SQLSetConnectAttr(connection_, SQL_ATTR_AUTOCOMMIT, reinterpret_cast<SQLPOINTER>(SQL_AUTOCOMMIT_OFF), 0);
}

void OdbcConnection::close() {
  SQLFreeHandle(SQL_HANDLE_DBC, connection_);
  SQLFreeHandle(SQL_HANDLE_ENV, environment_);
}

OdbcConnection::~OdbcConnection() {
  SQLEndTran(SQL_HANDLE_DBC, connection_, SQL_ROLLBACK);
  SQLDisconnect(connection_);
  close();
}

std::string OdbcConnection::information(SQLUSMALLINT what) const {
  std::array<char, 256> text{};
  SQLSMALLINT length = 0;
  SQLGetInfo(connection_, what, text.data(), static_cast<SQLSMALLINT>(text.size()), &length);
  return text.data();
}

std::vector<std::string> OdbcConnection::table_names(const std::string& schema) {
  OdbcStatement statement(*this, "");
  std::vector<std::string> names;
  std::string schema_of, name, kind;
  while (statement.fetch()) {
    const bool has_schema = statement.read(2, true, 4096, schema_of);
    if (!statement.read(3, true, 4096, name) || !statement.read(4, true, 4096, kind)) continue;
    const bool wanted = schema.empty() || (has_schema && schema_of == schema);
    if (wanted && (kind == "TABLE" || kind == "VIEW")) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void OdbcConnection::cancel() noexcept {
  const std::lock_guard lock(running_mutex_);
  if (running_ != SQL_NULL_HSTMT) SQLCancel(running_);
}

void OdbcConnection::set_running(SQLHSTMT statement) {
  const std::lock_guard lock(running_mutex_);
  running_ = statement;
}

OdbcStatement::OdbcStatement(OdbcConnection& connection, const std::string& sql) : connection_(connection) {
  check(SQLAllocHandle(SQL_HANDLE_STMT, connection.handle(), &statement_), SQL_HANDLE_DBC, connection.handle(),
        "a statement");
  SQLSetStmtAttr(statement_, SQL_ATTR_QUERY_TIMEOUT,
                 reinterpret_cast<SQLPOINTER>(connection.statement_timeout().count()), 0);
  connection_.set_running(statement_);
  const SQLRETURN answer = sql.empty() ? SQLTables(statement_, nullptr, 0, nullptr, 0, nullptr, 0, nullptr, 0)
                                       : SQLExecDirect(statement_, text_of(sql), SQL_NTS);
  SQLSMALLINT columns = 0;
  try {
    check(answer, SQL_HANDLE_STMT, statement_, "the query");
    check(SQLNumResultCols(statement_, &columns), SQL_HANDLE_STMT, statement_, "the query");
    if (columns <= 0) fail("only one SELECT with columns is allowed here", "write one SELECT");
  } catch (...) {
    connection_.set_running(SQL_NULL_HSTMT);
    SQLFreeHandle(SQL_HANDLE_STMT, statement_);
    throw;
  }
  columns_ = static_cast<SQLUSMALLINT>(columns);
}

OdbcStatement::~OdbcStatement() {
  connection_.set_running(SQL_NULL_HSTMT);
  SQLFreeHandle(SQL_HANDLE_STMT, statement_);
}

OdbcStatement::Description OdbcStatement::describe(SQLUSMALLINT column) {
  Description description;
  std::array<SQLWCHAR, 512> name{};
  SQLSMALLINT length = 0, nullable = 0;
  check(SQLDescribeColW(statement_, column, name.data(), static_cast<SQLSMALLINT>(name.size()), &length,
                        &description.type, &description.size, &description.scale, &nullable),
        SQL_HANDLE_STMT, statement_, "the query");
  const auto units = std::min<std::size_t>(static_cast<std::size_t>(std::max<SQLSMALLINT>(length, 0)), name.size() - 1);
  append_utf8(name.data(), units, description.name);
  return description;
}

bool OdbcStatement::fetch() {
  const SQLRETURN answer = SQLFetch(statement_);
  if (answer == SQL_NO_DATA) return false;
  check(answer, SQL_HANDLE_STMT, statement_, "the query");
  return true;
}

bool OdbcStatement::read(SQLUSMALLINT column, bool wide, std::size_t limit, std::string& into) {
  into.clear();
  alignas(SQLWCHAR) std::array<char, 8192> part;
  const std::size_t unit = wide ? sizeof(SQLWCHAR) : 1;
  for (;;) {
    SQLLEN length = 0;
    const SQLRETURN answer = SQLGetData(statement_, column, static_cast<SQLSMALLINT>(wide ? SQL_C_WCHAR : SQL_C_CHAR),
                                        part.data(), static_cast<SQLLEN>(part.size()), &length);
    if (answer == SQL_NO_DATA) return true;
    check(answer, SQL_HANDLE_STMT, statement_, "a field");
    if (length == SQL_NULL_DATA) return false;
    // A part that fills the buffer ends with a zero that is not of the text.
    const std::size_t room = part.size() - unit;
    const bool more = answer == SQL_SUCCESS_WITH_INFO &&
                      (length == SQL_NO_TOTAL || length < 0 || static_cast<std::size_t>(length) > room);
    const std::size_t bytes = more ? room : std::min(static_cast<std::size_t>(std::max<SQLLEN>(length, 0)), room);
    if (wide)
      append_utf8(reinterpret_cast<const SQLWCHAR*>(part.data()), bytes / unit, into);
    else
      into.append(part.data(), bytes);
    if (into.size() > limit) fail("a text is too long", "leave the column out, or shorten the text in the query");
    if (more) continue;
    if (first_bad_byte(into) < into.size()) fail("a text is not Unicode", "correct the text, or the driver's encoding");
    return true;
  }
}

}  // namespace cohortium::data
