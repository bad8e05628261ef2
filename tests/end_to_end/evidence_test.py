"""Compliance evidence from the files of a real run: it says what happened, asks the rest, and refuses what was altered."""

import html.parser
import json
import subprocess
import unittest

from harness import FolderTest, cohortium, must
from need import needs_command
from studies import synthesise, trial

THREE = {name: ["site", "compute"] for name in ("north", "south", "west")}
SITES = list(THREE)


class Page(html.parser.HTMLParser):
    """Notes what a page would load or run, and whether its elements close in order."""

    VOID = {"meta"}
    LOADS = {"src", "href", "srcset", "data", "action", "poster", "background"}

    def __init__(self, text):
        super().__init__()
        self.open, self.loads, self.scripts, self.words, self.balanced = [], [], 0, [], True
        self.feed(text)
        self.balanced = self.balanced and not self.open

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script" or any(name.startswith("on") for name, _ in attributes)
        self.loads += [value for name, value in attributes if name in self.LOADS]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        self.balanced = self.balanced and bool(self.open) and self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def numbers_in(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for each in value for number in numbers_in(each)]
    return [value] if isinstance(value, float) else []


class EvidenceTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(THREE, synthesise(self.folder / "records", 60, SITES))
        self.nodes.start()
        self.study_hash = self.nodes.submit(trial(sites=SITES))
        self.nodes.approve(self.study_hash)
        must(self.nodes.study_command("run", self.study_hash))
        self.result = self.nodes.result(self.study_hash)
        self.result_file = self.folder / "out" / "result.json"
        for name in THREE:
            self.nodes.stop(name)
        self.out = self.folder / "evidence"

    def logs(self):
        return [part for name in THREE for part in ("--log", self.nodes.audit_path(name))]

    def make(self, *arguments):
        return cohortium("evidence", *arguments, "--out", self.out)

    def made(self, *arguments):
        """evidence.json and the page."""
        must(self.make(*arguments))
        return json.loads((self.out / "evidence.json").read_text()), (self.out / "evidence.html").read_text()

    def of_study(self, *arguments):
        return self.made("study", self.result_file, "--consortium", self.nodes.file, *self.logs(), *arguments)

    def statements(self, document, part=None):
        return [statement for each in document["parts"] if part in (None, each["id"])
                for entry in each["entries"] for statement in entry["statements"]]

    def open(self, document):
        return {question["id"] for question in document["open_questions"]}

    def test_of_a_study(self):
        document, page = self.of_study()
        self.assertEqual(document["kind"], "study")
        self.assertEqual(document["subject"]["study"], self.study_hash)
        self.check_against_the_run(document)
        self.check_against_the_logs(document)
        self.check_safeguards(document)
        self.check_nothing_is_shown_that_must_not(json.dumps(document) + page)
        self.check_page(document, page)
        again, same_page = self.of_study()
        self.assertEqual((document, page), (again, same_page), "the same files give the same evidence")

    def check_against_the_run(self, document):
        run = next(s for s in self.statements(document) if s["source"]["field"].endswith("/proof/statements"))["value"]
        self.assertEqual(run["run"], self.result["run"]["id"])
        self.assertEqual(run["protocol"], "replicated3")
        self.assertEqual(run["compute_parties"], self.result["run"]["compute_parties"])
        self.assertEqual(run["sites"], SITES)
        approvals = [s["value"] for s in self.statements(document, "records_of_processing")
                     if s["source"]["field"].startswith("decision")]
        self.assertEqual(approvals, self.result["run"]["approvals"])
        columns = {s["value"]["column"]: s["value"] for s in self.statements(document, "data_minimisation")
                   if "/data/columns/" in s["source"]["field"]}
        self.assertEqual(set(columns), {"time", "event", "arm", "age"})
        self.assertEqual(columns["age"]["range"], [18, 95])
        learned = [s["value"] for s in self.statements(document, "data_minimisation")
                   if s["source"]["field"].endswith("/leakage/compute_party")]
        self.assertEqual(learned, self.result["leakage"]["compute_party"])

    def check_against_the_logs(self, document):
        found = {(s["source"]["head"]["node"], s["source"]["entry"]): s for s in self.statements(document)
                 if "entry" in s["source"]}
        for node in THREE:
            entries = self.nodes.audit(node)
            for entry in entries:
                if entry["study"] != self.study_hash:
                    self.assertNotIn((node, entry["entry"]), found, "it is of no study")
                    continue
                statement = found[node, entry["entry"]]
                self.assertEqual(statement["source"]["field"], entry["event"])
                self.assertEqual(statement["value"]["time"], entry["time"])
                self.assertEqual(statement["source"]["head"]["size"], len(entries))
        logs = [each for each in document["inputs"] if each["what"] == "audit log"]
        verified = must(cohortium("audit", "verify", *self.logs()[1::2], "--consortium", self.nodes.file,
                                  "--json")).json()["logs"]
        self.assertEqual([(each["node"], each["root"]) for each in logs],
                         sorted((each["node"], each["root"]) for each in verified))

    def check_safeguards(self, document):
        entries = next(each for each in document["parts"] if each["id"] == "safeguards")["entries"]
        coverage = {entry["rule"].split()[2]: entry for entry in entries}
        self.assertEqual(coverage["164.312(b)"]["coverage"], "done")
        self.assertEqual(coverage["164.310(c)"]["coverage"], "not covered")
        self.assertEqual(coverage["164.312(e)(2)(ii)"]["coverage"], "supported")
        for entry in entries:
            if entry["coverage"] == "done":
                self.assertIn("verified", [s["basis"] for s in entry["statements"]], entry["rule"])
            else:
                self.assertTrue(entry["open"], entry["rule"])

    def check_nothing_is_shown_that_must_not(self, text):
        for node in (*THREE, "ana"):
            shown = must(cohortium("keys", "show", self.folder / node, "--json")).json()
            self.assertNotIn(shown["fingerprint"], text)
        self.assertNotIn(str(self.folder), text)
        released = {repr(number) for number in numbers_in(self.result["analyses"]) if len(repr(number)) > 8}
        self.assertGreater(len(released), 50, "there are values to look for")
        self.assertEqual([number for number in released if number in text], [])

    def check_page(self, document, text):
        page = Page(text)
        self.assertEqual((page.loads, page.scripts, page.balanced), ([], 0, True))
        self.assertIn("default-src 'none'", text)
        words = " ".join(page.words)
        for sentence in [*document["not_covered"], *(q["question"] for q in document["open_questions"])]:
            self.assertIn(sentence, words)
        self.assertLess(words.index("What the software does not cover"), words.index("Sources"))

    @needs_command("chromium", "chromium")
    def test_a_browser_shows_the_page_without_complaint(self):
        document, _ = self.of_study()
        shown = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                                "--disable-background-networking", "--enable-logging=stderr",
                                f"--user-data-dir={self.folder / 'browser'}", "--dump-dom",
                                (self.out / "evidence.html").as_uri()], capture_output=True, text=True, timeout=60,
                               check=True)
        self.assertIn(document["title"], shown.stdout)
        self.assertNotIn("CONSOLE", shown.stderr)

    def test_questions_are_open_until_the_site_answers_them(self):
        before, _ = self.of_study()
        self.assertIn("controller.name", self.open(before))
        facts = self.folder / "evidence.toml"
        facts.write_text('[controller]\nname = "North Hospital"\n[processing]\nlegal_basis = "Art. 6(1)(e)"\n')
        after, page = self.of_study("--facts", facts)
        self.assertEqual(self.open(before) - self.open(after), {"controller.name", "processing.legal_basis"})
        own = [s for s in self.statements(after) if s["basis"] == "own statement"]
        self.assertEqual([s["text"] for s in own], ["North Hospital", "Art. 6(1)(e)"])
        self.assertIn("<q>North Hospital</q>", page)
        facts.write_text('[controller]\nnmae = "North Hospital"\n')
        self.assertFails(self.make("study", self.result_file, "--consortium", self.nodes.file, "--facts", facts),
                         "evidence.bad_facts", "evidence.toml:2:1")

    def test_of_a_consortium_from_a_nodes_configuration(self):
        document, page = self.made("consortium", "--config", self.folder / "north.toml")
        self.assertEqual(document["subject"]["consortium"], "test")
        self.assertIn("Made for north", document["about"])
        self.assertIn(self.study_hash, json.dumps(document), "its state folder has the study")
        self.assertNotIn("file.configuration", self.open(document))
        configured = {s["source"]["field"]: s["value"] for s in self.statements(document)
                      if s["basis"] == "configuration" and "value" in s}
        self.assertEqual(configured["key"], True)
        self.assertEqual(configured["privacy_budget"], 1)
        self.assertEqual(Page(page).loads, [])
        self.assertNotIn(str(self.folder), json.dumps(document) + page)

    def test_before_a_run_from_the_signed_study_alone(self):
        path = self.folder / "next.json"
        path.write_text(json.dumps(trial(sites=SITES[:2], title="The next one")))
        signed = self.folder / "next.signed"
        must(self.nodes.study_command("sign", path, "--out", signed))
        document, _ = self.made("study", signed, "--consortium", self.nodes.file)
        texts = [s["text"] for s in self.statements(document, "impact_assessment")]
        self.assertTrue(any("Of two sites each can subtract" in text for text in texts))
        self.assertEqual([s for s in self.statements(document) if "entry" in s["source"]], [])
        self.assertIn("file.evidence.164.312(b)", self.open(document), "no log was given")
        self.assertFails(self.make("study", path, "--consortium", self.nodes.file), "envelope.malformed")

    def test_what_was_altered_is_refused(self):
        def refused(code, *mentions):
            self.assertFails(self.make("study", self.result_file, "--consortium", self.nodes.file, *self.logs()), code,
                             *mentions)
            self.assertFalse(self.out.exists(), "nothing is written")

        entries = self.nodes.audit_path("south") / "entries.jsonl"
        good = entries.read_text()
        entries.write_text(good.replace("approver-south", "approver-north"))
        refused("audit.tampered", "entries.jsonl")
        entries.write_text(good)
        result = json.loads(self.result_file.read_text())
        result["analyses"]["arms"]["cells"][0]["n"] += 1
        self.result_file.write_text(json.dumps(result))
        refused("result.other_statement")
        del result["proof"]
        self.result_file.write_text(json.dumps(result))
        refused("result.no_proof")
        self.nodes.file.write_text(self.nodes.file.read_text() + "\n")
        refused("consortium.changed_after_signing")


if __name__ == "__main__":
    unittest.main()
