"""Cohort definitions in a real PostgreSQL give the persons and days of SQL written by hand, on three public data sets.

COHORTIUM_COHORT_SERVER_TEST names the program of the C++ test.
"""

import gzip
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from need import needs_data
from omop import load_server, tables_of
from postgresql_server import Server, needs_postgresql

TABLES = ("person", "observation_period", "condition_occurrence", "condition_era", "drug_exposure", "drug_era",
          "procedure_occurrence", "measurement", "observation", "visit_occurrence", "death", "concept_ancestor",
          "concept_relationship", "concept", "provider", "care_site")


@needs_postgresql
@needs_data("omop/gibleed")
class CohortsPostgreSqlTest(unittest.TestCase):
    def check(self, dataset):
        server = Server()
        self.addCleanup(server.stop)
        with tempfile.TemporaryDirectory() as folder:
            headers = {}
            for table, packed in tables_of(dataset).items():
                if table not in TABLES:
                    continue
                text = gzip.decompress(packed.read_bytes())
                (Path(folder) / f"{table}.csv").write_bytes(text)
                headers[table] = text.split(b"\n", 1)[0].decode().strip().split(",")
            load_server(server, headers, Path(folder))
        server.make_reader()
        done = subprocess.run([os.environ["COHORTIUM_COHORT_SERVER_TEST"]], text=True, capture_output=True, timeout=280,
                              env={**os.environ, "COHORTIUM_TEST_POSTGRESQL": f"{server.port} {server.folder}",
                                   "COHORTIUM_TEST_SET": dataset})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("[  PASSED  ] 1 test", done.stdout)

    def test_gibleed(self):
        self.check("gibleed")

    def test_mimic_demo(self):
        self.check("mimic_demo")

    def test_synthea27nj(self):
        self.check("synthea27nj")


if __name__ == "__main__":
    unittest.main()
