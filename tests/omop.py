"""The public OMOP tables, and how a database would hold them: types for a server, and the split of the goldens over three sites."""

import csv
import gzip
import hashlib

from need import SHARED

NUMBERS = {"value_as_number", "quantity", "range_low", "range_high"}
WHOLE = {"refills", "days_supply", "year_of_birth", "month_of_birth", "day_of_birth", "gap_days"}


def sql_type(column):
    if column in NUMBERS:
        return "double precision"
    if column.endswith("_date"):
        return "date"
    if column.endswith("_datetime"):
        return "timestamp"
    words = column.endswith(("_id", "_id_1", "_id_2", "_count")) and column not in ("domain_id", "vocabulary_id", "concept_class_id",
                                                                  "relationship_id", "production_id", "unique_device_id",
                                                                  "specimen_source_id")
    return "bigint" if words or column in WHOLE or column.endswith("_separation") else "text"


def tables_of(dataset):
    """Name to path; the vocabulary tables of one data set have a prefix."""
    return {path.name.removesuffix(".csv.gz").removeprefix("2b_"): path
            for path in sorted((SHARED / "data/omop" / dataset).glob("*.csv.gz"))}


def read_table(dataset, table):
    """Header and rows."""
    with gzip.open(tables_of(dataset)[table], "rt", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def site_of(dataset, person):
    """The rule of the public split: all rows of a person lie at one site."""
    bucket = int(hashlib.sha256(f"{dataset}:{person}".encode()).hexdigest()[:8], 16) % 10
    return 0 if bucket < 5 else 1 if bucket < 8 else 2


def write_split(dataset, folder, tables):
    """TABLE.csv for each of three sites in folder/0 to folder/2; tables without persons are the same everywhere. Headers by table."""
    headers = {}
    for table in tables:
        headers[table], rows = read_table(dataset, table)
        person = headers[table].index("person_id") if "person_id" in headers[table] else None
        parts = [[], [], []]
        for row in rows:
            for site in range(3) if person is None else [site_of(dataset, row[person])]:
                parts[site].append(row)
        for site in range(3):
            (folder / str(site)).mkdir(parents=True, exist_ok=True)
            with open(folder / str(site) / f"{table}.csv", "w", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(headers[table])
                writer.writerows(parts[site])
    return headers


def load_server(server, headers, folder):
    """The tables of one site's folder in a database server."""
    for table, header in headers.items():
        server.load_csv(table, {column: sql_type(column) for column in header}, folder / f"{table}.csv")
        for column in ("person_id", "ancestor_concept_id", "descendant_concept_id"):  # as the data model's own scripts have it
            if column in header:
                server.admin(f"CREATE INDEX ON {table} ({column})")
    server.admin("ANALYZE")
