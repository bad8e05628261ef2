"""`cohortium harmonise` on public data: counts are those that a plain reading of the files gives."""

import collections
import csv
import gzip
import unittest

from harness import FolderTest, cohortium, must
from need import SHARED, needs_data

OMOP = SHARED / "data" / "omop"


def rows(source, table):
    with gzip.open(OMOP / source / f"{table}.csv.gz", "rt", newline="") as file:
        yield from csv.DictReader(file)


class HarmoniseTest(FolderTest):
    def report(self, source, *options):
        return must(cohortium("harmonise", OMOP / source, "--json", *options, timeout=120)).json()

    @needs_data("omop/mimic_demo")
    def test_codes_without_a_concept_and_what_a_map_makes_of_them(self):
        unmapped = collections.Counter(row["drug_source_value"] for row in rows("mimic_demo", "drug_exposure")
                                       if row["drug_concept_id"] in ("", "0"))
        total = sum(1 for _ in rows("mimic_demo", "drug_exposure"))
        self.assertGreater(len(unmapped), 0)
        report = self.report("mimic_demo")
        table = next(table for table in report["tables"] if table["table"] == "drug_exposure")
        self.assertEqual((table["rows"], table["mapped"], table["by_site_map"]), (total, total - sum(unmapped.values()), 0))
        found = collections.Counter()
        for code in report["codes"]:
            if code["table"] == "drug_exposure":
                found[code["code"]] += code["rows"]
        self.assertEqual(found, unmapped)
        # The site maps its most frequent code.
        code, count = unmapped.most_common(1)[0]
        path = self.folder / "map.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([["source_code", "source_vocabulary_id", "target_concept_id"], [code, "LOCAL", 201826]])
        report = self.report("mimic_demo", "--map", path)
        table = next(table for table in report["tables"] if table["table"] == "drug_exposure")
        self.assertEqual(table["by_site_map"], count)

    @needs_data("omop/synthea27nj")
    def test_units_of_measurements(self):
        codes = {row["concept_id"]: row["concept_code"] for row in rows("synthea27nj", "concept")}
        units = collections.Counter(
            (int(row["measurement_concept_id"]), codes.get(row["unit_concept_id"]) or row["unit_source_value"])
            if row["unit_concept_id"] not in ("", "0") else (int(row["measurement_concept_id"]), row["unit_source_value"])
            for row in rows("synthea27nj", "measurement") if row["value_as_number"])
        report = self.report("synthea27nj")
        found = {(unit["concept"], unit["unit"]): unit["rows"] for unit in report["units"]}
        self.assertEqual(found, dict(units))
        faults = {(unit["concept"], unit["unit"]): unit["fault"] for unit in report["units"]}
        self.assertEqual(faults[3004249, "mm[Hg]"], "")
        self.assertEqual(faults[43055141, "{score}"], "")
        done = must(cohortium("harmonise", OMOP / "synthea27nj"))
        self.assertRegex(done.out, r"measurement +10040 ")

    def test_a_map_that_is_none(self):
        path = self.folder / "map.csv"
        path.write_text("source_code,source_vocabulary_id,target_concept_id\na,LOCAL,b\n")
        done = cohortium("harmonise", self.folder, "--map", path)
        self.assertFails(done, "harmonise.bad_map", "map.csv:2")


if __name__ == "__main__":
    unittest.main()
