// One connection to a PostgreSQL server, for reading: TLS with the server's name checked, read-only transactions, and
// no wait without an end. The password is in no message and in no log.
//
// Every failure is data.source_failed, with the server's own words, which may quote records.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/source_config.h"

namespace cohortium::data {

class PostgreSqlConnection {
 public:
  // Connects and sets the session up.
  explicit PostgreSqlConnection(const SourceConfig& config);

  // Runs a statement and returns the rows, as texts; NULL is the empty text.
  std::vector<std::vector<std::string>> rows(const std::string& sql);
  void execute(const std::string& sql) { rows(sql); }

  struct Field {
    std::string name;
    std::uint32_t type;
    std::int32_t modifier;
  };
  // The columns that a statement would return; none when it is no query. The server parses it, and it must be one.
  std::vector<Field> describe(const std::string& sql);

  // COPY (sql) TO STDOUT in binary. The next message of it; an empty view after the last one.
  void start_copy(const std::string& sql);
  std::string_view next_message();
  // Ends a COPY whose messages nobody wants.
  void abandon_copy() noexcept;

  // From any thread, which never waits: the thread that reads notices it and tells the server.
  void cancel() noexcept { cancelled_ = true; }
  std::string server_version() const;

 private:
  struct CloseConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct FreeCancel {
    void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
  };
  struct FreeResult {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  struct FreeMemory {
    void operator()(char* memory) const { PQfreemem(memory); }
  };
  using ResultPointer = std::unique_ptr<PGresult, FreeResult>;

  void restart_clock();
  void tell_server_to_cancel() noexcept;
  void wait_for_input();
  ResultPointer next_result();
  // Of the statement just sent: the last result, once there are no more.
  ResultPointer finish();
  void send(int sent);
  void check(const PGresult* result, const char* what) const;
  [[noreturn]] void fail(const std::string& message, const std::string& remedy) const;

  std::string where_;
  std::chrono::seconds patience_;
  std::chrono::steady_clock::time_point deadline_;
  std::unique_ptr<PGconn, CloseConnection> connection_;
  std::unique_ptr<PGcancel, FreeCancel> cancel_;
  std::atomic<bool> cancelled_{false};
  std::unique_ptr<char, FreeMemory> message_;
};

}  // namespace cohortium::data
