"""The PostgreSQL source against a real server: the C++ tests of src/data run here, with the tables they expect.

COHORTIUM_DATA_SERVER_TEST names their program.
"""

import os
import re
import subprocess
import unittest

from postgresql_server import READER, READER_PASSWORD, Server, needs_postgresql

TABLES = r'''
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE DOMAIN small_number AS integer CHECK (value < 100);
CREATE TABLE everything (id bigint, small smallint, single real, double double precision, "decimal" numeric(5, 2),
  whole numeric(18), long numeric(20, 0), name text, padded char(5), day date, local timestamp, instant timestamptz,
  flag boolean, uuid uuid, mood mood, domain small_number, bytes bytea, span interval);
INSERT INTO everything VALUES (-9223372036854775808, -1, 0.1, 0.1::float8 + 0.2::float8, -12.5, 123456789012345678,
  99999999999999999999, 'Köln ''x'' "y"', 'ab', '2020-02-29', '2020-02-29 23:59:59.999999', '2020-02-29 14:00:00+02', true,
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'low', 5, '', '1 day');
INSERT INTO everything (id) VALUES (9007199254740993);
ALTER TABLE everything DROP COLUMN bytes, DROP COLUMN span;
CREATE TABLE measurement AS SELECT i AS id, i / 4.0::float8 AS value, '1 day'::interval AS unreadable
  FROM generate_series(0::bigint, 99999) AS i;
CREATE TABLE "odd ""table""" ("odd ""column""" integer, é text);
INSERT INTO "odd ""table""" VALUES (7, 'x');
CREATE SEQUENCE counter;
CREATE TABLE odd_numbers AS SELECT x FROM (VALUES (1::float8), ('NaN'), ('-Infinity')) AS v(x);
'''


def study_rows():
    """What study_csv() of src/data/source_table_test.cc makes."""
    lines = ["time,status,age,score,rx,etype"]
    for i in range(400):
        age, score = "" if i % 7 == 0 else 20 + i % 60, "-9" if i % 5 == 0 else f"{i % 40}.1"
        lines.append(f"{i % 90},{i % 3},{age},{score},{('Obs', 'Lev', 'lev', '', 'L_v', 'Ä')[i % 6]},{1 + i % 4}")
    return "\n".join(lines) + "\n"


def roles(password):
    return f"""
CREATE ROLE writer LOGIN PASSWORD '{password}';
GRANT INSERT (id) ON measurement TO writer;
CREATE ROLE superior LOGIN NOINHERIT PASSWORD '{password}';
GRANT admin TO superior;
CREATE ROLE member LOGIN PASSWORD '{password}';
GRANT pg_execute_server_program TO member;
CREATE ROLE creator LOGIN PASSWORD '{password}';
GRANT CREATE ON SCHEMA public TO creator;
CREATE TABLE private (a integer);
GRANT USAGE ON SEQUENCE counter TO {READER};
"""


@needs_postgresql
class PostgreSqlTest(unittest.TestCase):
    def test_the_source(self):
        server = Server()
        self.addCleanup(server.stop)
        server.admin(TABLES)
        rows = server.folder / "study.csv"
        rows.write_text(study_rows())
        server.load_csv("study", {"time": "smallint", "status": "integer", "age": "real", "score": "numeric(6, 2)",
                                  "rx": "varchar(20)", "etype": "numeric"}, rows)
        server.make_reader()
        server.admin(roles(READER_PASSWORD.replace("'", "''")))
        done = subprocess.run([os.environ["COHORTIUM_DATA_SERVER_TEST"]], text=True,
                              capture_output=True, timeout=200,
                              env={**os.environ, "COHORTIUM_TEST_POSTGRESQL": f"{server.port} {server.folder}"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        passed = re.search(r"\[  PASSED  \] (\d+) tests", done.stdout)
        self.assertGreaterEqual(int(passed[1]), 8, done.stdout)
        self.assertNotIn(READER_PASSWORD, (server.folder / "log").read_text())


if __name__ == "__main__":
    unittest.main()
