"""Records where hospitals have them: a folder, a DuckDB file, a PostgreSQL server; one study over all three."""

import contextlib
import csv
import json
import sqlite3
import threading
import time
import unittest
from pathlib import Path

from duckdb_file import make_duckdb_file
from harness import FolderTest, cohortium, must
from need import needs
from postgresql_server import READER_PASSWORD, Server, needs_postgresql
from studies import site_options, synthesise, trial

TRIAL_TYPES = {"time": "integer", "event": "smallint", "arm": "text", "age": "numeric(5, 2)"}


def trial_columns(path):
    """Types for a synthetic trial's columns, in the order of its file."""
    header = path.read_text().split("\n", 1)[0].split(",")
    return {name: TRIAL_TYPES.get(name, "text") for name in header}


def rounded(result):
    """The analyses of a result, without the last digits, which differ from run to run."""
    return json.loads(result.read_text(), parse_float=lambda text: round(float(text), 7))["analyses"]


class FilesTest(FolderTest):
    def test_check_says_what_a_folder_has(self):
        records = synthesise(self.folder, 50)
        answer = must(cohortium("source", "check", records["north"], "--json")).json()
        self.assertEqual([(table["name"], table["rows"]) for table in answer["tables"]], [("trial", 50)])
        types = {column["name"]: column["type"] for column in answer["tables"][0]["columns"]}
        self.assertEqual((types["time"], types["arm"]), ("integer", "text"))
        self.assertFails(cohortium("source", "check", self.folder / "none"), "data.missing_file")

    def test_run_names_what_is_not_there(self):
        records = {**synthesise(self.folder, 50), "east": self.folder / "none"}
        study = self.folder / "study.json"
        study.write_text(json.dumps(trial()))
        done = cohortium("run", study, "--out", self.folder / "out", *site_options(records))
        self.assertFails(done, "cli.bad_site", "neither a folder nor a file")


@needs(list(Path("/usr/lib").glob("*/odbc/libsqlite3odbc.so")), "the ODBC driver of SQLite",
       "/usr/lib/*/odbc/libsqlite3odbc.so; the Debian package libsqliteodbc has it")
class OdbcTest(FolderTest):
    def source_file(self, statements, **changes):
        database = self.folder / "site.sqlite"
        with contextlib.closing(sqlite3.connect(database)) as connection:
            for statement, rows in statements:
                connection.executemany(statement, rows)
            connection.commit()
        settings = {"kind": "odbc", "connection": f"DRIVER=SQLite3;Database={database}", **changes}
        path = self.folder / "source.toml"
        path.write_text("[source]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()))
        return path

    def trial_file(self, folder, **changes):
        with open(folder / "trial.csv", newline="") as file:
            header, *rows = csv.reader(file)
        types = ", ".join(f'"{name}" {TRIAL_TYPES.get(name, "text")}' for name in header)
        return self.source_file([(f"CREATE TABLE trial ({types})", [()]),
                                 (f"INSERT INTO trial VALUES ({', '.join('?' for _ in header)})", rows)], **changes)

    def test_a_study_reads_by_odbc(self):
        records = synthesise(self.folder, 300)
        study = self.folder / "study.json"
        study.write_text(json.dumps(trial(data__where="age >= 50 AND arm <> 'nothing'")))
        out = self.folder / "out"
        must(cohortium("run", study, "--out", out, *site_options(records)))
        expected = rounded(out / "result.json")
        records["north"] = self.trial_file(records["north"])
        must(cohortium("run", study, "--out", out, *site_options(records)))
        self.assertEqual(rounded(out / "result.json"), expected)

    def test_check_shows_types_and_that_the_role_is_not_known(self):
        source = self.source_file([
            ('CREATE TABLE odd ("a ""b""" bigint, real double, day date, instant timestamp, word varchar(20), raw blob)', [()]),
            ("INSERT INTO odd VALUES (?, ?, ?, ?, ?, ?)",
             [(9007199254740993, 0.1, "2020-02-29", "2020-02-29 12:34:56", "Köln", b"x"), (None,) * 6])])
        answer = must(cohortium("source", "check", source, "--json")).json()
        self.assertFalse(answer["read_only"])
        (table,) = answer["tables"]
        self.assertEqual((table["name"], table["rows"]), ("odd", 2))
        self.assertEqual([(column["name"], column["type"]) for column in table["columns"]],
                         [('a "b"', "integer"), ("real", "real"), ("day", "date"), ("instant", "timestamp"), ("word", "text")])
        self.assertIn("see to it that its role", must(cohortium("source", "check", source)).out)

    def test_a_value_that_is_not_of_its_type_is_refused(self):
        records = synthesise(self.folder, 50)
        source = self.trial_file(records["north"])
        self.source_file([("UPDATE trial SET time = 'soon' WHERE rowid = 3", [()])])
        study = self.folder / "study.json"
        study.write_text(json.dumps(trial()))
        done = cohortium("run", study, "--out", self.folder / "out", *site_options({**records, "north": source}))
        self.assertFails(done, "data.source_failed", "'soon'", "integer")

    def test_no_driver_and_no_password_in_the_connection(self):
        self.assertFails(cohortium("source", "check", self.source_file([], connection="DRIVER=None;Database=x")),
                         "data.source_failed", "driver")
        self.assertFails(cohortium("source", "check", self.source_file([], connection="DRIVER=SQLite3;PWD=x")),
                         "node.bad_config", "password_file")


@needs_postgresql
class ServerTest(FolderTest):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.server.admin("CREATE TABLE sites_before (a integer)")
        cls.server.make_reader()
        cls.server.admin("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO cohortium_reader")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def source_file(self, name="source.toml", **changes):
        path = self.folder / name
        path.write_text(self.server.source(**changes))
        return path

    def run_study(self, study, records, *options):
        path, out = self.folder / "study.json", self.folder / "out"
        path.write_text(json.dumps(study))
        return cohortium("run", path, "--out", out, *site_options(records), *options), out / "result.json"

    def test_check_says_what_a_server_has(self):
        self.server.admin("CREATE TABLE checked AS SELECT 1::bigint AS id, DATE '2020-01-01' AS day")
        answer = must(cohortium("source", "check", self.source_file(), "--json")).json()
        self.assertTrue(answer["read_only"])
        table = next(table for table in answer["tables"] if table["name"] == "checked")
        self.assertEqual(table, {"name": "checked", "rows": 1, "columns": [
            {"name": "id", "type": "integer", "database_type": "bigint"},
            {"name": "day", "type": "date", "database_type": "date"}]})
        text = must(cohortium("source", "check", self.source_file())).out
        self.assertIn("checked  1 rows", text)
        self.assertNotIn(READER_PASSWORD, text)

    def test_refusals_say_what_to_do_and_no_password(self):
        (self.folder / "wrong").write_text("wr0ng\n")
        self.server.admin("CREATE ROLE loader LOGIN PASSWORD 'x'; GRANT INSERT ON sites_before TO loader")
        (self.folder / "loader").write_text("x\n")
        cases = [({"password_file": str(self.folder / "wrong")}, "data.source_failed", "password authentication failed"),
                 ({"sslrootcert": str(self.server.folder / "other.crt")}, "data.source_failed", "certificate"),
                 ({"host": "127.0.0.1"}, "data.source_failed", "certificate"),
                 ({"port": 1}, "data.source_failed", "no connection"),
                 ({"dbname": "nowhere"}, "data.source_failed", "nowhere"),
                 ({"user": "loader", "password_file": str(self.folder / "loader")}, "data.source_not_read_only",
                  "INSERT, UPDATE, DELETE or TRUNCATE in sites_before"),
                 ({"sslmode": "prefer"}, "node.bad_config", "sslmode"),
                 ({"password": "x"}, "node.bad_config", "password")]
        for changes, code, mention in cases:
            with self.subTest(mention):
                done = cohortium("source", "check", self.source_file(**changes))
                self.assertFails(done, code, mention)
                self.assertNotIn("wr0ng", done.err)

    def load_trial(self, folder, schema):
        schema = schema.replace('"', '""')
        self.server.admin(f'CREATE SCHEMA "{schema}"; GRANT USAGE ON SCHEMA "{schema}" TO cohortium_reader;')
        path = folder / "trial.csv"
        types = ", ".join(f'"{name}" {kind}' for name, kind in trial_columns(path).items())
        self.server.admin(f'SET search_path = "{schema}"; CREATE TABLE trial ({types});\n'
                          f"GRANT SELECT ON trial TO cohortium_reader;\n"
                          f"COPY trial FROM STDIN (FORMAT csv, HEADER);\n{path.read_text()}\\.\n")

    def test_one_study_over_folder_file_and_server(self):
        records = synthesise(self.folder, 300)
        study = trial(data__where="age >= 50 AND arm <> 'nothing'")
        done, result = self.run_study(study, records)
        must(done)
        expected = rounded(result)
        self.load_trial(records["north"], "north \"s\" schema")
        server = self.source_file(schema='north "s" schema')
        file = make_duckdb_file(self.folder / "south.duckdb", [
            f"CREATE TABLE trial AS SELECT * FROM read_csv('{records['south'] / 'trial.csv'}', header = true)"])
        done, result = self.run_study(study, {**records, "north": server, "south": file}, "--compare")
        must(done)
        self.assertEqual(rounded(result), expected)

    def test_a_fault_stays_at_the_site(self):
        records = synthesise(self.folder, 300)
        with open(records["south"] / "trial.csv") as file:
            lines = file.read().splitlines()
        at = lines[0].split(",").index("age")
        fields = lines[7].split(",")
        fields[at] = "17.25"
        lines[7] = ",".join(fields)
        (records["south"] / "trial.csv").write_text("\n".join(lines) + "\n")
        self.load_trial(records["south"], "south")
        records["south"] = self.source_file(schema="south")
        done, _ = self.run_study(trial(), records)
        self.assertFails(done, "data.value_out_of_range", "trial:row 7 (age)", "17.25")

    def test_a_server_that_dies_ends_the_run(self):
        server = Server()
        self.addCleanup(server.stop)
        server.admin("CREATE TABLE numbers AS SELECT i % 100 AS age FROM generate_series(1, 3000000) i;"
                     "CREATE VIEW trial AS SELECT 1 AS time, 1 AS event, 'control' AS arm, "
                     "age + 0 * length(pg_sleep(0.00002)::text) AS age FROM numbers")
        server.make_reader()
        (self.folder / "dying.toml").write_text(server.source())
        records = {**synthesise(self.folder, 50), "north": self.folder / "dying.toml"}
        killer = threading.Timer(6, server.kill)
        killer.start()
        self.addCleanup(killer.cancel)
        started = time.monotonic()
        done, _ = self.run_study(trial(), records)
        self.assertFails(done, "data.source_failed", "north")
        self.assertGreater(time.monotonic() - started, 4)
        self.assertLess(time.monotonic() - started, 60)

    def test_a_query_ends_with_its_time(self):
        self.server.admin("CREATE SCHEMA slow; GRANT USAGE ON SCHEMA slow TO cohortium_reader;"
                          "CREATE VIEW slow.trial AS SELECT 1 AS time, 1 AS event, 'control' AS arm, 50 AS age FROM pg_sleep(60);"
                          "GRANT SELECT ON slow.trial TO cohortium_reader")
        records = {**synthesise(self.folder, 50), "north": self.source_file(schema="slow", statement_timeout=1)}
        done, _ = self.run_study(trial(), records)
        self.assertFails(done, "data.source_failed", "57014", "statement_timeout")


if __name__ == "__main__":
    unittest.main()
