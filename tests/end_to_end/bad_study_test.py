"""A study that is wrong is refused before anything runs: with a code, the place, and no trace in the output folder."""

import json
import unittest

from harness import FolderTest, cohortium, must
from studies import SITES, site_options, synthesise, trial


class BadStudyTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.records = synthesise(self.folder / "records", 60)
        self.out = self.folder / "out"
        self.out.mkdir()
        (self.out / "result.json").write_text("an older result")

    def refuse(self, text, code, where):
        """As people and as machines see it, from `study check` and from `run`."""
        path = self.folder / "study.json"
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        for command in (["study", "check", path], ["run", path, *site_options(self.records), "--out", self.out]):
            self.assertFails(cohortium(*command), code, where)
            done = cohortium(*command, "--json")
            self.assertEqual(done.status, 1, done)
            error = done.json()["error"]
            self.assertEqual(error["code"], code)
            self.assertIn(where, error["where"])
            self.assertTrue(error["remedy"], "an error says what to do")
        self.assertEqual([path.name for path in self.out.iterdir()], ["result.json"])
        self.assertEqual((self.out / "result.json").read_text(), "an older result")

    def test_malformed_json(self):
        self.refuse('{\n  "cohortium": 1,\n  "title": }', "study.bad_json", "study.json:3:12")
        self.refuse("", "study.bad_json", "study.json:1:1")
        self.refuse(json.dumps(trial()) + "x", "study.bad_json", f"study.json:1:{len(json.dumps(trial())) + 1}")
        self.refuse("[" * 100000, "study.bad_json", "study.json")

    def test_duplicate_key(self):
        text = json.dumps(trial()).replace('"title":', '"title": "Another", "title":', 1)
        self.refuse(text, "study.bad_json", "study.json")

    def test_schema(self):
        for study, where in (
                (trial(title=7), "/title"),
                (trial(colour="blue"), "/"),
                (trial(cohortium=2), "/cohortium"),
                (trial(sites=["north"]), "/sites"),
                (trial(sites=["north", "South"]), "/sites/1"),
                (trial(data__table="../secrets"), "/data/table"),
                (trial(data__columns__age={"type": "number"}), "/data/columns/age"),
                (trial(data__columns__age={"type": "integer"}), "/data/columns/age/type"),
                (trial(release={"minimum_cell": 0}), "/release/minimum_cell"),
                (trial(release={"curve": "smooth"}), "/release/curve"),
                (trial(analyses=[{"id": "a", "kind": "palmistry"}]), "/analyses/0/kind"),
                (trial(analyses=[{"id": "a", "kind": "count"}, {"id": "b", "kind": "describe"}]), "/analyses/1")):
            with self.subTest(where):
                self.refuse(study, "study.not_as_declared", where)

    def test_what_the_schema_cannot_say(self):
        def km(**changes):
            return trial(analyses=[{"id": "a", "kind": "count"},
                                   {"id": "k", "kind": "kaplan_meier", "time": "time", "event": "event", **changes}])

        for study, code, where in (
                (km(time="days"), "study.unknown_column", "/analyses/1/time"),
                (km(by="region"), "study.unknown_column", "/analyses/1/by"),
                (km(time="age"), "study.wrong_column_type", "/analyses/1/time"),
                (km(event="arm"), "study.wrong_column_type", "/analyses/1/event"),
                (km(by="age"), "study.wrong_column_type", "/analyses/1/by"),
                (km(by=["arm", "arm"]), "study.duplicate_column", "/analyses/1/by/1"),
                (trial(sites=["north", "south", "north"]), "study.duplicate_site", "/sites/2"),
                (trial(analyses=[{"id": "a", "kind": "count"}] * 2), "study.duplicate_analysis", "/analyses/1"),
                (trial(adjust={"method": "holm", "analyses": ["test", "tset"]}), "study.nothing_to_adjust",
                 "/adjust/analyses/1"),
                (trial(adjust={"method": "holm", "analyses": ["age"]}), "study.nothing_to_adjust", "/adjust/analyses/0"),
                (trial(adjust={"method": "holm", "analyses": ["test"] * 2}), "study.duplicate_analysis",
                 "/adjust/analyses/1"),
                (trial(data__columns__age__range=[95, 18]), "study.bad_range", "/data/columns/age/range"),
                (trial(data__columns__event__censored=[0, 1]), "study.duplicate_code", "/data/columns/event/censored")):
            with self.subTest(where):
                self.refuse(study, code, where)

    def test_sql_cohorts_that_would_write_or_leave_are_refused(self):
        good = ("SELECT person_id AS subject_id, birth_datetime AS cohort_start_date, birth_datetime AS cohort_end_date FROM person")
        columns = {"age": {"type": "number", "range": [0, 120]}}

        def cohort(sql):
            study = trial(data={"cohort": {"sql": sql}, "features": {"age": {"is": "age"}}, "columns": columns})
            return {**study, "analyses": [{"id": "n", "kind": "describe", "column": "age"}]}

        path = self.folder / "good.json"
        path.write_text(json.dumps(cohort(good)))
        must(cohortium("study", "check", path))
        for sql in ("COPY person TO '/tmp/x'", "DROP TABLE person", f"{good}; DROP TABLE person", "ATTACH '/tmp/x.duckdb'",
                    good.replace("person_id AS", "(SELECT max(x) FROM read_csv('/etc/passwd')) AS"),
                    good.replace("FROM person", "FROM '/etc/passwd'"), good.replace("FROM person", "FROM pg_catalog.pg_shadow"),
                    good.replace("person_id AS", "pg_read_file('/etc/passwd') AS"), "SELECT set_config('a', 'b', false)",
                    good.replace("person_id AS", "nextval('s') AS"), f"WITH d AS (DELETE FROM person RETURNING *) {good}",
                    f"{good} -- ", good.replace("person_id AS", "getenv('HOME') AS"), "SELECT $1",
                    good.replace("person_id AS", "abs(" * 600 + "person_id" + ")" * 600 + " AS")):
            with self.subTest(sql[:60]):
                self.refuse(cohort(sql), "cohort.bad_sql", "")

    def test_filters_reach_nothing_but_the_columns(self):
        for where in ("age > (SELECT max(age) FROM trial)", "age IN (SELECT 1)", "EXISTS (SELECT 1)",
                      "age > (SELECT count(*) FROM read_csv('/etc/passwd'))", "read_text('/etc/passwd') = 'x'",
                      "age > 50; DROP TABLE trial", "age > 50 -- and all", "getenv('HOME') = 'x'", "other > 1",
                      "age > (SELECT", "current_setting('threads') = '1'", "age > 50) OR (1 = 1", "1 = 1",
                      "age > 'old'"):
            with self.subTest(where):
                self.refuse(trial(data__where=where), "data.bad_filter", "")

    def test_sites_on_the_command_line(self):
        path = self.folder / "study.json"
        path.write_text(json.dumps(trial()))
        north, south, east = site_options(self.records)
        for options in ([north, south], [north, south, east, east], [north, south, "--site=west=/tmp"],
                        [north, south, "--site=east"], [north, south, "--site=east=/nowhere"]):
            with self.subTest(options):
                self.assertFails(cohortium("run", path, *options, "--out", self.out), "cli.bad_site", "--site")
        nothing = cohortium("run", self.folder / "none.json", north, south, east, "--out", self.out)
        self.assertFails(nothing, "file.missing", "none.json")
        self.assertEqual((self.out / "result.json").read_text(), "an older result")
        self.assertEqual(cohortium("run").status, 2)
        self.assertEqual(SITES, list(self.records))


if __name__ == "__main__":
    unittest.main()
