"""A result proves what it is: offline, by the program and by another one; whoever alters it is found out."""

import copy
import json
import shutil
import unittest

import proofs
from harness import FolderTest, cohortium, must
from studies import MEMBERS, SITES, synthesise, trial


class ResultProofTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60))
        self.nodes.start()
        self.result = self.run_study(trial())

    def run_study(self, study):
        study_hash = self.nodes.submit(study)
        self.nodes.approve(study_hash)
        must(self.nodes.study_command("run", study_hash))
        return self.nodes.result(study_hash)

    def verify(self, result, *options):
        """On another machine, so to say: with the consortium file and its signatures alone."""
        away = self.folder / "away"
        away.mkdir(exist_ok=True)
        for name in ("consortium.toml", "consortium.toml.signatures"):
            shutil.copy(self.folder / name, away / name)
        (away / "result.json").write_text(json.dumps(result))
        return cohortium("result", "verify", away / "result.json", "--consortium", away / "consortium.toml", *options)

    def test_it_is_proved(self):
        for name in MEMBERS:
            self.nodes.stop(name)
        proved = must(self.verify(self.result, "--json")).json()
        self.assertEqual(proved["study"], self.result["study"]["hash"])
        self.assertEqual(proved["run"], self.result["run"]["id"])
        self.assertEqual(proved["protocol"], "replicated3")
        self.assertEqual(proved["analyst"], "ana")
        everybody = sorted({*SITES, "north", "south", "west"})
        self.assertEqual(proved["signed_by"], everybody)
        fingerprints = {name: proofs.fingerprint_of(self.folder / f"{name}.crt") for name in (*MEMBERS, "ana")}
        self.assertEqual(sorted(proofs.check_result(self.result, fingerprints)), everybody)
        logs = [part for name in everybody for part in ("--log", self.nodes.audit_path(name))]
        self.assertIn("the logs at hand agree", must(self.verify(self.result, *logs)).out)

    def test_whatever_is_altered_is_named(self):
        def altered(change):
            result = copy.deepcopy(self.result)
            change(result)
            return result

        def add_one(result):
            result["analyses"]["arms"]["cells"][0]["n"] += 1

        def approve_for_someone(result):
            result["run"]["approvals"][0]["by"] = "approver-south"

        other = self.run_study(trial(title="Another study"))
        swapped = {**self.result, "proof": other["proof"]}
        for name, result, code, place in (
                ("a number", altered(add_one), "result.other_statement", "released_sha256"),
                ("what was withheld", altered(lambda r: r.update(withheld=[])), "result.other_statement", ""),
                ("the title", altered(lambda r: r["study"].update(title="x")), "result.altered", "/study/title"),
                ("the purpose", altered(lambda r: r["study"].update(purpose="x")), "result.altered", "/study/purpose"),
                ("an approver", altered(approve_for_someone), "result.altered", "/run/approvals/0/by"),
                ("the leakage", altered(lambda r: r["leakage"].update(site=[])), "result.altered", "/leakage/site"),
                ("the cost", altered(lambda r: r["cost"]["measured"].update(rounds=1)), "result.altered",
                 "/cost/measured/rounds"),
                ("something more", altered(lambda r: r.update(note="trust me")), "result.altered", "/note"),
                ("the run", altered(lambda r: r["run"].update(id="0" * 32)), "result.other_statement", "run"),
                ("a site's signature", altered(lambda r: r["proof"]["statements"].pop()), "result.missing_statement", ""),
                ("the approvals", altered(lambda r: r["proof"]["decisions"].update(east=[])), "result.not_approved",
                 "east"),
                ("the proof", altered(lambda r: r.pop("proof")), "result.no_proof", ""),
                ("another study's proof", swapped, "result.other_statement", "")):
            with self.subTest(name):
                self.assertFails(self.verify(result), code, place)

    def test_what_the_nodes_did_not_sign_is_not_believed(self):
        def change(path, value):
            result = copy.deepcopy(self.result)
            place = result["proof"]["statements"][0]
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = value(place[path[-1]])
            return result

        flip = lambda text: text[:-1] + ("0" if text[-1] != "0" else "1")
        for path, value, code in (
                (["signature", "signature"], flip, "signature.bad"),
                (["signature", "by"], lambda _: "south", "result.other_statement"),
                (["head", "root"], flip, "signature.bad"),
                (["head", "signature", "signature"], flip, "signature.bad"),
                (["path"], lambda hashes: hashes[:-1], "result.not_in_log"),
                (["path"], lambda hashes: [*hashes, "0" * 64], "result.not_in_log"),
                (["entry"], lambda line: line.replace("run.released", "run.refused"), "result.not_in_log"),
                (["statement", "cost"], lambda cost: {**cost, "rounds": 1}, "signature.bad")):
            with self.subTest(path):
                self.assertFails(self.verify(change(path, value)), code)
        for nonsense in ([], 3, {}, {"proof": 3}, {"proof": {"statements": 3}}, {"proof": {"statements": [[]]}},
                         {**self.result, "proof": {**self.result["proof"], "statements": []}}):
            with self.subTest(nonsense=str(nonsense)[:40]):
                done = self.verify(nonsense)
                self.assertEqual(done.status, 1, done)
                self.assertRegex(done.code, r"^(result\.(no|bad)_proof|result\.missing_statement)$")


if __name__ == "__main__":
    unittest.main()
