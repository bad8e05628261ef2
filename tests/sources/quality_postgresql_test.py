"""The checks of the quality gate in a real PostgreSQL: the counts are those of the embedded database.

COHORTIUM_QUALITY_SERVER_TEST names the program of the C++ test.
"""

import gzip
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from need import SHARED, needs_data
from omop import sql_type
from postgresql_server import Server, needs_postgresql


@needs_postgresql
@needs_data("omop/synthea27nj")
class QualityPostgreSqlTest(unittest.TestCase):
    def test_counts_are_those_of_the_embedded_database(self):
        records = SHARED / "data/omop/synthea27nj"
        server = Server()
        self.addCleanup(server.stop)
        with tempfile.TemporaryDirectory() as folder:
            for packed in sorted(records.glob("*.csv.gz")):
                path = Path(folder) / packed.name.removesuffix(".gz")
                path.write_bytes(gzip.decompress(packed.read_bytes()))
                header = path.read_text().split("\n", 1)[0].strip().split(",")
                server.load_csv(path.stem, {column: sql_type(column) for column in header}, path)
        server.make_reader()
        done = subprocess.run([os.environ["COHORTIUM_QUALITY_SERVER_TEST"]], text=True,
                              capture_output=True, timeout=200,
                              env={**os.environ, "COHORTIUM_TEST_POSTGRESQL": f"{server.port} {server.folder}",
                                   "COHORTIUM_TEST_RECORDS": str(records)})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("[  PASSED  ] 1 test", done.stdout)


if __name__ == "__main__":
    unittest.main()
