"""Survival curves equal R's when one site's records are a folder, one's a DuckDB file, and one's a PostgreSQL server."""

import csv
import unittest

import survival_golden_test as survival
from duckdb_file import make_duckdb_file
from need import SHARED, needs_data
from postgresql_server import Server, needs_postgresql


def sql_type(values):
    """The narrowest SQL type of a column's fields."""
    for convert, kind in ((int, "bigint"), (float, "double precision")):
        try:
            for value in values:
                convert(value or 0)
            return kind
        except ValueError:
            pass
    return "text"


@needs_data("golden/survival_km.json")
@needs_postgresql
class SourcesGoldenTest(survival.SurvivalGoldenTest):
    test_merged_curves_keep_the_rule_and_the_curve = None  # of these, survival_golden_test.py sees to it
    test_the_number_of_sites_does_not_matter = None

    def setUp(self):
        super().setUp()
        folder, file, served = (SHARED / "data/split" / split for split in survival.SPLITS)
        tables = sorted({dataset.table for dataset in survival.datasets()})
        make_duckdb_file(self.folder / "site.duckdb", [
            f"CREATE TABLE \"{table}\" AS SELECT * FROM read_csv('{file / table}.csv', header = true, nullstr = ['', 'NA'])"
            for table in tables])
        server = Server()
        self.addCleanup(server.stop)
        for table in tables:
            with open(served / f"{table}.csv", newline="") as rows:
                header, *rows = csv.reader(rows)
            columns = {name: sql_type(values) for name, values in zip(header, zip(*rows))}
            server.load_csv(table, columns, served / f"{table}.csv")
        server.make_reader()
        source = self.folder / "served.toml"
        source.write_text(server.source())
        self.records = {"site-1": folder, "site-2": self.folder / "site.duckdb", "site-3": source}

    def split_folders(self):
        return self.records


if __name__ == "__main__":
    unittest.main()
