// A table is the same from a server as from the CSV file that the server was filled from, and so are its faults.
#include "data/testing/server.h"
#include "data/testing/study_table.h"

namespace cohortium::data {
namespace {

class PostgreSqlTableTest : public ServerTest {};

TEST_F(PostgreSqlTableTest, AServerGivesWhatItsFileGives) { expect_like_the_file(*open_source(config)); }

TEST_F(PostgreSqlTableTest, InfinitiesAreFaultsLikeAnyOther) {
  TableDeclaration table{.table = "odd_numbers", .columns = {}, .where = ""};
  table.columns.push_back({.name = "x", .low = 0, .high = 10});
  EXPECT_EQ(error_of([&] { load_table(config, table); }).where, "odd_numbers:row 2 (x)");
  table.where = "x < 5";
  const Error error = error_of([&] { load_table(config, table); });
  EXPECT_EQ(error.code, "data.not_a_number");
  EXPECT_NE(error.message.find("the filter reads it on every row"), std::string::npos) << error.text();
}

}  // namespace
}  // namespace cohortium::data
