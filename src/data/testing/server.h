// For tests against a PostgreSQL server that somebody else has started, which are programs of their own (…_server_test.cc):
// tests/sources/ starts the server, fills it, and runs them. Without a server they fail.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "data/source.h"

namespace cohortium::data {

// COHORTIUM_TEST_POSTGRESQL says where the server is: its port, a blank, the folder with its certificates and the password.
class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* server = std::getenv("COHORTIUM_TEST_POSTGRESQL");
    ASSERT_NE(server, nullptr) << "COHORTIUM_TEST_POSTGRESQL names no server; the tests in tests/sources start one";
    std::istringstream words(server);
    std::filesystem::path folder;
    words >> config.port >> folder;
    config.kind = SourceKind::kPostgreSql;
    config.host = "localhost";
    config.database = "postgres";
    config.user = "cohortium_reader";
    config.password_file = folder / "password";
    config.root_certificate = folder / "root.crt";
    config.statement_timeout = std::chrono::seconds(5);
  }
  SourceConfig config;
};

}  // namespace cohortium::data
