"""Three sites that hold one public OMOP data set: a folder of files, a DuckDB file and a PostgreSQL server; studies over them."""

import shutil
import tempfile
from pathlib import Path

from duckdb_file import make_duckdb_file
from golden import GoldenTest, category, golden, number
from harness import cohortium, must
from omop import load_server, tables_of, write_split
from postgresql_server import Server

EVERYBODY = {"sql": "SELECT p.person_id AS subject_id, DATE '2000-01-01' AS cohort_start_date, DATE '2000-01-01' AS "
                    "cohort_end_date FROM person p"}
MANY, DAYS = 1_000_000, 100_000
YES = category("0", "1")


def concepts(number_of_set, *codes, descendants=False):
    items = [{"concept": {"CONCEPT_ID": code}, "includeDescendants": descendants} for code in codes]
    return {"id": number_of_set, "name": "", "expression": {"items": items}}


def of(domain, number_of_set, **more):
    return {domain: {"CodesetId": number_of_set, **more}}


class OmopSites(GoldenTest):
    """Three sites that hold one public data set."""

    dataset, tables = "", ()

    @classmethod
    def setUpClass(cls):
        cls.place = Path(tempfile.mkdtemp(prefix="cohortium-omop-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        headers = write_split(cls.dataset, cls.place, cls.tables or tables_of(cls.dataset))
        make_duckdb_file(cls.place / "site.duckdb", [
            f"CREATE TABLE {table} AS SELECT * FROM read_csv('{cls.place}/1/{table}.csv', header = true, sample_size = -1)"
            for table in headers])
        server = Server()
        cls.addClassCleanup(server.stop)
        load_server(server, headers, cls.place / "2")
        server.make_reader()
        (cls.place / "served.toml").write_text(server.source())
        cls.records = {"folder": cls.place / "0", "file": cls.place / "site.duckdb", "server": cls.place / "served.toml"}
        cls.golden = golden("omop")[cls.dataset]

    def rows(self, entry):
        return self.golden[entry]["rows"]

    def run_cohort(self, name, cohort, features, columns, analyses, sets=(), minimum=1, **more):
        data = {"cohort": cohort, "features": features, "columns": columns, **more}
        if sets:
            data["concept_sets"] = list(sets)
        return self.run_study(name, columns, analyses, minimum=minimum, records=self.records, extra={"data": data},
                              apart=minimum > 1)  # small cells are withheld in each by itself, as the goldens have them

    def count(self, name, cohort, sets=(), **more):
        result = self.run_cohort(name, cohort, {"age": {"is": "age"}}, {"age": number(-MANY, MANY, [""])},
                                 {"n": {"kind": "count"}}, sets, **more)
        return result["n"]["cells"][0]["n"]

    def people(self, wanted, sets, cohort=EVERYBODY):
        """Of every kind of event (name to criteria): the persons who have it, and how many there are. And people by sex and age."""
        features, columns, analyses = {}, {}, {}
        for name, events in wanted.items():
            features[name] = {"is": "count", "events": events}
            columns[name] = number(0, MANY)
            analyses[f"p{name}"] = {"kind": "histogram", "column": name, "breaks": [0, 1, MANY]}
            analyses[f"r{name}"] = {"kind": "describe", "column": name}
        features.update(sex={"is": "sex"}, age={"is": "age"})
        columns.update(sex=category("8507", "8532"), age=number(0, 200))
        analyses.update(sex={"kind": "table", "by": ["sex"]},
                        age={"kind": "histogram", "column": "age", "breaks": list(range(11, 112, 10))})
        result = self.run_cohort("people", cohort, features, columns, analyses, sets)
        found = {}
        for name in wanted:
            group = result[f"r{name}"]["groups"][0]
            found[name] = [result[f"p{name}"]["groups"][0]["counts"][1] or 0, self.whole(group["mean"] * group["n"])]
        return result, found

    def whole(self, value):
        """A sum of whole numbers, of which the mean was released."""
        self.assertAlmostEqual(value, round(value), delta=1e-6)
        return round(value)

    def check_top(self, found, entry, prefix):
        self.assertEqual([found[f"{prefix}{row[0]}"] for row in self.rows(entry)], [row[-2:] for row in self.rows(entry)])

    def cells(self, result):
        """Of a table: code or codes to count."""
        return {tuple(cell["levels"]): cell["n"] for cell in result["cells"]}

    def check_table_rows(self):
        found = {}
        with_persons = set()
        for records in self.records.values():
            for table in must(cohortium("source", "check", records, "--json")).json()["tables"]:
                found.setdefault(table["name"], []).append(table["rows"])
                if any(column["name"] == "person_id" for column in table["columns"]):
                    with_persons.add(table["name"])
        self.assertEqual({name: sum(rows) if name in with_persons else rows[0] for name, rows in found.items()},
                         {name: rows for name, rows in self.golden["table_rows"].items() if name in found})
        self.assertGreaterEqual(len(found), len(self.golden["table_rows"]) if not self.tables else len(self.tables))
