"""A site's records that do not fit the study: its operator is told the line, everybody else the column and no more."""

import json
import shutil
import tempfile
import unittest
from pathlib import Path

from harness import FolderTest, cohortium, must
from studies import MEMBERS, SITES, site_options, synthesise, trial

HEADER = "patient_id,arm,time,event,age,sex,stage"
SECRET = "7317"  # stands in every faulty record, and nowhere else; within keys, hashes and signatures by chance
OUTSIDE_HEXADECIMAL = rf"(?<![0-9a-f]){SECRET}(?![0-9a-f])"

# What is wrong at `south`: rows, code, the column, the place in the file.
FAULTS = {
    "a value out of range": (["p1,control,7317,1,50,F,I"], "data.value_out_of_range", "time", "trial.csv:4:3"),
    "an age out of range": (["p1,control,10,1,0.7317,F,I"], "data.value_out_of_range", "age", "trial.csv:4:5"),
    "an undeclared level": (["p1,arm7317,10,1,50,F,I"], "data.unknown_level", "arm", "trial.csv:4:2"),
    "a time off the grid": (["p1,control,10.7317,1,50,F,I"], "data.off_the_grid", "time", "trial.csv:4:3"),
    "a missing value": (["p7317,control,,1,50,F,I"], "data.missing_value", "time", "trial.csv:4:3"),
    "no number": (["p1,control,10,1,x7317,F,I"], "data.not_a_number", "age", "trial.csv:4:5"),
    "an unknown event code": (["p1,control,10,7317,50,F,I"], "data.unknown_event", "event", "trial.csv:4:4"),
}
GOOD_ROWS = ["g1,control,10,1,50,F,I", "g2,treatment,20,0,60,M,II"]


def write(folder, rows, header=HEADER):
    (folder / "trial.csv").write_text("\n".join([header, *GOOD_ROWS, *rows]) + "\n")


class BadRecordsTest(FolderTest):
    @classmethod
    def setUpClass(cls):
        cls.shared_folder = Path(tempfile.mkdtemp(prefix="cohortium-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared_folder, ignore_errors=True)
        cls.good_records = synthesise(cls.shared_folder, 60)

    def setUp(self):
        super().setUp()
        self.records = {site: Path(shutil.copytree(folder, self.folder / "records" / site))
                        for site, folder in self.good_records.items()}

    def run_locally(self, *options):
        path = self.folder / "study.json"
        path.write_text(json.dumps(trial()))
        return cohortium("run", path, *site_options(self.records), "--out", self.folder / "out", *options)

    def refuse(self, code, *mentions):
        done = self.run_locally()
        self.assertFails(done, code, "south", *mentions)
        as_json = self.run_locally("--json")
        self.assertEqual(as_json.status, 1, as_json)
        error = as_json.json()["error"]
        self.assertEqual(error["code"], code)
        self.assertTrue(error["where"].startswith("south"), error)
        self.assertFalse((self.folder / "out").exists())

    def test_the_one_who_runs_it_all_is_shown_the_line(self):
        for name, (rows, code, column, place) in FAULTS.items():
            with self.subTest(name):
                write(self.records["south"], rows)
                self.refuse(code, f"{place} ({column})")

    def test_files_that_are_not_as_declared(self):
        table = self.records["south"] / "trial.csv"
        good = table.read_text()
        table.write_text(good.replace("time", "days", 1))
        self.refuse("data.unknown_column", "trial.csv (time)")
        table.write_text(good.replace("sex", "time", 1))
        self.refuse("data.ambiguous_column", "trial.csv (time)")
        table.write_text(good + "p1,control,10\n")
        self.refuse("data.unreadable_file", "trial.csv:62")
        table.write_bytes(b"\x00\xff\xfe not a table")
        self.refuse("data.unreadable_file", "trial.csv")
        table.rename(table.with_name("trial.parquet"))
        self.refuse("data.unreadable_file", "trial.parquet")
        table.write_text(good)
        self.refuse("data.ambiguous_file")
        table.unlink()
        table.with_name("trial.parquet").unlink()
        self.refuse("data.missing_file")

    def test_nobody_else_learns_a_value_or_a_line(self):
        nodes = self.consortium(MEMBERS, self.records)
        nodes.start()
        for number, (name, (rows, code, column, place)) in enumerate(FAULTS.items()):
            with self.subTest(name):
                write(self.records["south"], rows)
                study_hash = nodes.submit(trial(title=f"Study {number}"))
                nodes.approve(study_hash)
                done = nodes.study_command("run", study_hash)
                self.assertFails(done, code, f"south: {column}")
                status = nodes.study_command("status", study_hash, "--json")
                self.assertEqual(status.json()["state"], "failed")
                self.assertEqual(status.json()["error"]["where"], f"south: {column}")
                for text in (done.err, done.out, status.out, nodes.study_command("status", study_hash).out):
                    self.assertNotIn("trial.csv", text)
                    self.assertNotRegex(text, OUTSIDE_HEXADECIMAL)
                self.assertIn(place, nodes.log("south"))  # where its operator finds it
        for other in set(MEMBERS) - {"south"}:
            self.assertNotIn("trial.csv", nodes.log(other))
            self.assertNotRegex(nodes.log(other), OUTSIDE_HEXADECIMAL)
        for name in MEMBERS:
            self.assertNotIn("trial.csv", json.dumps(nodes.audit(name)))
        must(nodes.verify_audit())

        shutil.copy(self.good_records["south"] / "trial.csv", self.records["south"])
        must(nodes.study_command("run", study_hash))  # mended, the same study runs
        self.assertEqual(sum(cell["n"] for cell in nodes.result(study_hash)["analyses"]["arms"]["cells"]), 180)
        self.assertEqual(SITES, list(self.records))


if __name__ == "__main__":
    unittest.main()
