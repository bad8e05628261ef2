// ODBC's handles, owned, and its answers checked: what fails is data.source_failed with the driver's own words.
#pragma once

#include <sql.h>
#include <sqlext.h>

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "data/source_config.h"

namespace cohortium::data {

class OdbcConnection {
 public:
  // The connection string with the password behind it; asks the driver to read only, and never commits.
  explicit OdbcConnection(const SourceConfig& config);
  ~OdbcConnection();
  OdbcConnection(const OdbcConnection&) = delete;
  OdbcConnection& operator=(const OdbcConnection&) = delete;

  SQLHDBC handle() const { return connection_; }
  std::chrono::seconds statement_timeout() const { return statement_timeout_; }
  // SQL_DBMS_NAME and its like, as text.
  std::string information(SQLUSMALLINT what) const;
  // Tables and views, by name; of one schema unless that is empty.
  std::vector<std::string> table_names(const std::string& schema);
  // From any thread.
  void cancel() noexcept;
  void set_running(SQLHSTMT statement);

 private:
  void close();
  SQLHENV environment_ = SQL_NULL_HENV;
  SQLHDBC connection_ = SQL_NULL_HDBC;
  std::chrono::seconds statement_timeout_;
  std::mutex running_mutex_;
  SQLHSTMT running_ = SQL_NULL_HSTMT;
};

class OdbcStatement {
 public:
  // Runs the statement, or asks for the names of tables where `sql` is empty.
  OdbcStatement(OdbcConnection& connection, const std::string& sql);
  ~OdbcStatement();
  OdbcStatement(const OdbcStatement&) = delete;
  OdbcStatement& operator=(const OdbcStatement&) = delete;

  SQLUSMALLINT columns() const { return columns_; }
  struct Description {
    std::string name;
    SQLSMALLINT type = 0, scale = 0;
    SQLULEN size = 0;
  };
  Description describe(SQLUSMALLINT column);  // from 1
  bool fetch();
  // The field of the current row as UTF-8; false when it is missing. Fails when it has more than `limit` bytes.
  bool read(SQLUSMALLINT column, bool wide, std::size_t limit, std::string& into);

 private:
  OdbcConnection& connection_;
  SQLHSTMT statement_ = SQL_NULL_HSTMT;
  SQLUSMALLINT columns_ = 0;
};

}  // namespace cohortium::data
