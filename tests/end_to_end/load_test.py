"""Hospital data into an OMOP database by the command: summaries, hostile files, bounded memory."""

import gzip
import json
import resource
import subprocess
import unittest

from harness import BINARY, FolderTest, cohortium, must
from need import SHARED, needs_data

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "1950-01-02"}


def observation(number):
    return {"resourceType": "Observation", "id": f"o{number}", "status": "final", "subject": {"reference": "Patient/p1"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]}, "effectiveDateTime": "2020-02-03",
            "valueQuantity": {"value": number, "unit": "cm", "code": "cm"}}


def lines(*resources):
    return "".join(json.dumps(resource) + "\n" for resource in resources)


class LoadTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.export = self.folder / "export"
        self.export.mkdir()
        self.database = self.folder / "omop.duckdb"

    def load(self, *options, what="fhir", folder=None):
        return cohortium("load", what, folder or self.export, "--into", self.database, *options)

    def summary(self, *options):
        return must(self.load("--json", *options)).json()

    @needs_data("fhir/pathling")
    def test_every_record_of_the_public_exports_is_accounted_for(self):
        golden = json.loads((SHARED / "data/golden/formats.json").read_text())["fhir"]
        for name, types in golden.items():
            found = must(self.load("--json", folder=SHARED / "data/fhir" / name)).json()
            self.assertEqual(found["in"], found["mapped"] + found["rejected"] + found["not_mapped"])
            for kind, facts in types.items():
                counted = sum(found["kinds"].get(kind, {}).values()) + found["kinds_not_mapped"].get(kind, 0)
                self.assertEqual(counted, facts["resources"], f"{name} {kind}")

    def test_loading_twice_and_then_a_change(self):
        (self.export / "Patient.ndjson").write_text(lines(PATIENT))
        (self.export / "Observation.000.ndjson.gz").write_bytes(gzip.compress(lines(*map(observation, range(50))).encode()))
        first = self.summary()
        self.assertEqual((first["new"], first["rows"]["measurement"], first["rows"]["person"]), (51, 50, 1))
        again = self.summary()
        self.assertEqual((again["unchanged"], again["rows"]), (51, first["rows"]))
        changed = {**observation(7), "valueQuantity": {"value": 1}}
        (self.export / "Observation.000.ndjson.gz").write_bytes(gzip.compress(lines(changed).encode()))
        third = self.summary()
        self.assertEqual((third["unchanged"], third["replaced"], third["rows"]), (1, 1, first["rows"]))

    @needs_data("hl7v2")
    def test_public_messages_are_accounted_for_and_change_nothing_the_second_time(self):
        golden = json.loads((SHARED / "data/golden/formats.json").read_text())["hl7v2"]
        first, second = (must(self.load("--json", what="hl7", folder=SHARED / "data/hl7v2")).json() for _ in range(2))
        self.assertEqual(sum(first["messages"].values()), len(golden))
        self.assertEqual(first["in"], first["mapped"] + first["rejected"] + first["not_mapped"])
        mapped = [facts for facts in golden.values() if facts["type"][:7] not in first["kinds_not_mapped"]]
        self.assertEqual(len(mapped), first["messages"]["mapped"])
        self.assertEqual(sum(first["kinds"]["OBX"].values()), sum(len(facts["obx"]) for facts in mapped))
        self.assertEqual((second["rows"], second["reasons"]), (first["rows"], first["reasons"]))

    def test_text_for_people(self):
        (self.export / "all.ndjson").write_text(lines(PATIENT, {"resourceType": "Claim"}, {"resourceType": "Patient"}))
        done = must(self.load())
        self.assertIn("3 records: 1 mapped (1 new, 0 replaced, 0 unchanged, 0 outdated), 1 rejected, 1 of kinds", done.out)
        self.assertIn("bad_id", done.out)

    def test_a_cut_file_says_where(self):
        text = lines(PATIENT, *map(observation, range(3000)))
        packed = gzip.compress(text.encode())
        (self.export / "all.ndjson.gz").write_bytes(packed[: len(packed) // 2])
        self.assertFails(self.load(), "data.unreadable_file", "all.ndjson.gz:", "ends too early")

    def test_wrong_folders_and_files(self):
        self.assertFails(self.load(), "omop.nothing_to_load", "export")
        self.assertFails(self.load(what="vocabulary"), "omop.nothing_to_load", "export")
        (self.export / "concept.csv").write_text("concept_id,concept_name\nseventeen,x\n")
        self.assertFails(self.load(what="vocabulary"), "omop.bad_vocabulary", "concept.csv")
        self.database.write_text("this is no database")
        (self.export / "a.ndjson").write_text(lines(PATIENT))
        self.assertFails(self.load(), "omop.cannot_open", "omop.duckdb")

    def peak_megabytes(self):
        """Of one load, by the kernel's own count."""
        process = subprocess.Popen([BINARY, "load", "fhir", self.export, "--into", self.database, "--json"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=self.limit)
        out, err = process.communicate(timeout=240)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        return out.decode(), err.decode(), peak

    @staticmethod
    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def test_one_line_of_a_gigabyte_and_a_bomb_take_no_memory(self):
        with open(self.export / "all.ndjson", "wb") as file:
            file.write(lines(PATIENT).encode() + b'{"resourceType":"Patient","id":"')
            block = b"x" * (1 << 24)
            for _ in range(64):
                file.write(block)
            file.write(b'"}\n' + lines(observation(1)).encode())
        out, err, peak = self.peak_megabytes()
        found = json.loads(out or "{}")
        self.assertEqual((found.get("mapped"), found.get("reasons")), (2, {"line_too_long": 1}), err)
        self.assertLess(peak, 700)
        (self.export / "all.ndjson").unlink()
        with gzip.open(self.export / "bomb.ndjson.gz", "wb", compresslevel=9) as file:
            for _ in range(16):
                file.write(b"\n" * (1 << 24))
        out, err, peak = self.peak_megabytes()
        self.assertTrue(err.startswith("omop.too_large") or "omop.too_large" in out, err + out)
        self.assertLess(peak, 700)


if __name__ == "__main__":
    unittest.main()
