#!/usr/bin/env python3
"""How fast a site's records come out of PostgreSQL: rows of a measurement table as OMOP has it, read through a source,
beside psql's COPY of the same columns to nowhere, text and binary, which is the most that the server gives a client; and a
study's cohort with six features over these measurements, beside the time that the same query takes in psql.

    source_bench.py --reader PATH [--json] [--rows 10000000] [--repeats 3]

The server is started for it, on loopback with TLS; all of it shares this machine. Medians after one warm-up; a reading with
the wrong rows or sum ends the benchmark. Without PostgreSQL it says so and measures nothing.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
from postgresql_server import PROGRAMS, READER, READER_PASSWORD, Server  # noqa: E402

COLUMNS = "measurement_id, person_id, measurement_concept_id, measurement_date, value_as_number, unit_source_value"
QUERY = f"SELECT {COLUMNS} FROM measurement"
PEOPLE = 100_000
CONCEPT = 3000007  # one of 50 that are measured


def measured(concept, **window):
    return {"events": {"Measurement": {"CodesetId": concept}}, **window}


def concept_set(concept):
    return {"id": concept, "name": str(concept), "expression": {"items": [{"concept": {"CONCEPT_ID": concept, "CONCEPT_NAME": "x"}}]}}


# People with a value above 60 of one measurement: the first such is the index event.
STUDY = {
    "cohortium": 1, "title": "Cohort and features", "purpose": "How long a site's database and the node take.", "sites": ["a", "b"],
    "data": {
        "cohort": {
            "ConceptSets": [concept_set(CONCEPT), concept_set(CONCEPT + 1)],
            "PrimaryCriteria": {
                "CriteriaList": [{"Measurement": {"CodesetId": CONCEPT, "ValueAsNumber": {"Value": 60, "Op": "gt"}}}],
                "ObservationWindow": {"PriorDays": 0, "PostDays": 0}, "PrimaryCriteriaLimit": {"Type": "First"}},
            "ExpressionLimit": {"Type": "First"}, "InclusionRules": []},
        "features": {
            "age": {"is": "age"}, "before": {"is": "count", **measured(CONCEPT, to=-1)},
            "last": {"is": "last_value", **measured(CONCEPT + 1)}, "first": {"is": "first_value", **measured(CONCEPT, **{"from": 0})},
            "ever": {"is": "present", **measured(CONCEPT + 1, **{"from": 0, "to": 365})}, "sex": {"is": "sex"}},
        "columns": {
            "age": {"type": "number", "range": [0, 120]}, "before": {"type": "number", "range": [0, 10000]},
            "last": {"type": "number", "range": [0, 125], "missing": [""]}, "first": {"type": "number", "range": [0, 125]},
            "ever": {"type": "category", "levels": ["0", "1"]}, "sex": {"type": "category", "levels": ["8507", "8532"]}}},
    "analyses": [{"id": "n", "kind": "count", "by": "sex"}]}


def fill(server, rows):
    server.admin(f"""CREATE UNLOGGED TABLE measurement AS SELECT i AS measurement_id,
        1 + (31 * i + i / 50000 * 997) % {PEOPLE} AS person_id, (3000000 + i / 1000 % 50)::integer AS measurement_concept_id, DATE '2010-01-01' + (i % 5000)::integer AS measurement_date,
        (i % 1000) / 8.0::float8 AS value_as_number, CASE i % 3 WHEN 0 THEN 'mg/dL' WHEN 1 THEN 'mmol/L' END AS unit_source_value
        FROM generate_series(9007199254740993::bigint, 9007199254740992::bigint + {rows}) AS i;
        CREATE TABLE person AS SELECT i AS person_id, 1920 + (i % 80)::integer AS year_of_birth,
          CASE i % 2 WHEN 0 THEN 8507 ELSE 8532 END AS gender_concept_id FROM generate_series(1::bigint, {PEOPLE}) i;
        CREATE TABLE observation_period AS SELECT person_id AS observation_period_id, person_id, DATE '2010-01-01' AS
          observation_period_start_date, DATE '2024-12-31' AS observation_period_end_date FROM person;
        ALTER TABLE measurement ADD COLUMN visit_occurrence_id bigint, ADD COLUMN unit_concept_id integer;
        CREATE TABLE concept (concept_id integer, concept_code text);
        CREATE INDEX ON measurement (measurement_concept_id); CREATE INDEX ON measurement (person_id);
        CREATE UNIQUE INDEX ON measurement (measurement_id);
        VACUUM ANALYZE measurement; VACUUM ANALYZE person; VACUUM ANALYZE observation_period""")
    server.make_reader()


def psql(server, command):
    environment = {**os.environ, "PGPASSWORD": READER_PASSWORD, "PGSSLMODE": "verify-full",
                   "PGSSLROOTCERT": str(server.folder / "root.crt")}
    start = time.monotonic()
    subprocess.run([PROGRAMS / "psql", "-Xq", "-h", "localhost", "-p", str(server.port), "-U", READER, "-d", "postgres"],
                   input=command, text=True, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.monotonic() - start


def psql_copy(server, form):
    return psql(server, f"COPY ({QUERY}) TO STDOUT (FORMAT {form});")


def cohort_by_hand(server):
    """How many people are in the cohort, and the sum of their ages then."""
    return [int(x) for x in server.admin(f"""SELECT count(*), sum(extract(year FROM f.day) - p.year_of_birth) FROM (
        SELECT person_id, min(measurement_date) AS day FROM measurement WHERE measurement_concept_id = {CONCEPT} AND
        value_as_number > 60 GROUP BY 1) f JOIN person p USING (person_id)""").split("|")]


def read_study(reader, source, study, expected):
    result = json.loads(subprocess.run([reader, source, study], stdout=subprocess.PIPE, check=True).stdout)
    if [result["rows"], result["sum"]] != expected:
        sys.exit(f"the cohort has {result['rows']} rows with the sum {result['sum']}, not {expected}: no time is reported")
    return result


def measure_study(options, server, source):
    # psql with the planner's setting that a source makes; docs/performance.md says why.
    study = server.folder / "study.json"
    study.write_text(json.dumps(STUDY))
    expected = cohort_by_hand(server)
    first = read_study(options.reader, source, study, expected)
    runs = [read_study(options.reader, source, study, expected) for _ in range(options.repeats)]
    seconds = statistics.median(run["seconds"] for run in runs)
    alone = statistics.median(psql(server, f"SET enable_nestloop = off; {first['sql']};") for _ in range(options.repeats))
    return {"rows": first["rows"], "columns": len(STUDY["data"]["columns"]), "seconds": seconds, "psql_seconds": alone,
            "ratio": seconds / alone, "peak_memory_bytes": max(run["peak_memory_bytes"] for run in runs)}


def read(reader, source, rows):
    done = subprocess.run([reader, source, QUERY], stdout=subprocess.PIPE, check=True)
    result = json.loads(done.stdout)
    first = 9007199254740993
    expected = sum(range(first, first + rows)) if rows < 10**6 else rows * first + rows * (rows - 1) // 2
    if (result["rows"], result["sum"]) != (rows, expected % 2**64):
        sys.exit(f"read {result['rows']} rows with the sum {result['sum']}, not {rows} and {expected % 2**64}: no time is reported")
    return result


def measure(options):
    server = Server({"shared_buffers": "1GB", "max_wal_size": "8GB"})
    try:
        fill(server, options.rows)
        source = server.folder / "source.toml"
        source.write_text(server.source())
        read(options.reader, source, options.rows)
        runs = [read(options.reader, source, options.rows) for _ in range(options.repeats)]
        copies = {form: statistics.median(psql_copy(server, form) for _ in range(options.repeats)) for form in ("text", "binary")}
        study = measure_study(options, server, source)
    finally:
        server.stop()
    seconds = statistics.median(run["seconds"] for run in runs)
    return {"rows": options.rows, "repeats": options.repeats, "cores": os.cpu_count(), "seconds": seconds,
            "rows_per_second": options.rows / seconds, "study": study,
            "psql_text_seconds": copies["text"], "psql_binary_seconds": copies["binary"],
            "largest_batch": max(run["largest_batch"] for run in runs),
            "peak_memory_bytes": max(run["peak_memory_bytes"] for run in runs)}


def as_table(figures):
    rate = figures["rows"] / 1e6
    rows = [("through a source", f"{figures['seconds']:.2f} s, {rate / figures['seconds']:.2f} million rows/s"),
            ("psql, binary COPY to nowhere", f"{figures['psql_binary_seconds']:.2f} s, "
                                             f"{rate / figures['psql_binary_seconds']:.2f} million rows/s"),
            ("psql, text COPY to nowhere", f"{figures['psql_text_seconds']:.2f} s, "
                                           f"{rate / figures['psql_text_seconds']:.2f} million rows/s"),
            ("of psql's binary rate", f"{figures['psql_binary_seconds'] / figures['seconds']:.2f}"),
            ("largest batch", f"{figures['largest_batch']:,} rows"),
            ("peak memory of the reader", f"{figures['peak_memory_bytes'] / 1e6:.0f} MB")]
    study = figures["study"]
    rows += [("cohort and features", f"{study['seconds']:.2f} s for {study['rows']:,} people, {study['columns']} columns"),
             ("the same query in psql", f"{study['psql_seconds']:.2f} s"),
             ("of psql's time", f"{study['ratio']:.2f}"),
             ("peak memory of the node's part", f"{study['peak_memory_bytes'] / 1e6:.0f} MB")]
    heading = (f"{figures['rows']:,} rows of six columns from PostgreSQL over TLS on loopback\n"
               f"median of {figures['repeats']} runs, {figures['cores']} cores\n")
    return heading + "".join(f"  {name:<30} {value}\n" for name, value in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--reader", help="the program source_bench")
    parser.add_argument("--table", type=pathlib.Path, help="print an earlier report, made with --json, as a table")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if options.table:
        figures = json.loads(options.table.read_text(encoding="utf-8"))
    elif not PROGRAMS:
        figures = {"missing": "PostgreSQL; the Debian package postgresql has it"}
    elif not options.reader or options.rows < 1 or options.repeats < 1:
        parser.error("--reader is needed; rows and repeats are at least 1")
    else:
        figures = measure(options)
    if options.json:
        print(json.dumps(figures, indent=2))
    elif "missing" in figures:
        print(f"not measured: reading from PostgreSQL, for lack of {figures['missing']}")
    else:
        print(as_table(figures), end="")


if __name__ == "__main__":
    main()
