"""A site's policy against analysts who hide what they read, and against approvals by policy that no policy gave."""

import json
import unittest

from attacker import Attacker, change
from harness import FolderTest, Process, cohortium, must
from policies import COLUMNS, install, policy
from studies import MEMBERS, SITES, synthesise, trial

ANY = {"analyses": ["any"], "columns": ["outcome", "other", "quasi_identifier"], "opened_steps": True,
       "exact_curves": True, "minimum_cell": 1}
CATEGORY = {"type": "category", "levels": ["0", "1"]}
NUMBER = {"type": "number", "range": [0, 1]}


class HiddenColumnsTest(FolderTest):
    """`hiv` is sensitive, `name` an identifier, `secret` has no role; no rule allows any of them, however they are reached."""

    COLUMNS = {**COLUMNS, "hiv": "sensitive", "name": "identifier"}

    def assertDenied(self, study, *mentions, text=None):
        (self.folder / "study.json").write_text(json.dumps(study))
        (self.folder / "policy.toml").write_text(text or policy("north", ANY, columns=self.COLUMNS))
        done = cohortium("policy", "test", self.folder / "policy.toml", "--study", self.folder / "study.json",
                         "--analyst", "ana", "--json")
        self.assertEqual(done.status, 1, done)
        verdict = done.json()["studies"][0]
        self.assertFalse(verdict["allowed"])
        said = " ".join(each["message"] for each in verdict["findings"])
        for mention in mentions:
            self.assertIn(mention, said)

    def with_column(self, name, column, *analyses, **data):
        study = trial()
        study["data"]["columns"][name] = column
        study["data"].update(data)
        study["analyses"] += analyses
        return study

    def test_the_same_study_without_it_is_allowed(self):
        (self.folder / "study.json").write_text(json.dumps(trial(data__where="age > 50")))
        (self.folder / "policy.toml").write_text(policy("north", ANY, columns=self.COLUMNS))
        must(cohortium("policy", "test", self.folder / "policy.toml", "--study", self.folder / "study.json",
                       "--analyst", "ana"))

    def test_in_a_filter(self):
        for where in ("hiv > 0", "age > 50 OR NOT (hiv = 0)", "CASE WHEN age + hiv > 50 THEN TRUE ELSE FALSE END",
                      'abs("hiv") BETWEEN 1 AND 2', "coalesce(hiv, age) > 40"):
            with self.subTest(where):
                self.assertDenied(self.with_column("hiv", NUMBER, where=where), "column trial.hiv is sensitive")

    def test_in_analyses(self):
        for analysis in ({"kind": "linear", "formula": "age ~ I(hiv^2) + arm", "strength": "opened"},
                         {"kind": "linear", "formula": "log(hiv + 1) ~ age", "strength": "opened"},
                         {"kind": "glm", "family": "gaussian", "formula": "age ~ arm", "weight": "hiv"},
                         {"kind": "cox", "time": "time", "event": "event", "formula": "~ age:hiv"},
                         {"kind": "correlation", "columns": ["age", "hiv"]}):
            with self.subTest(**analysis):
                self.assertDenied(self.with_column("hiv", NUMBER, {"id": "x", **analysis}), "column trial.hiv is sensitive")
        for analysis in ({"kind": "count", "by": ["arm", "hiv"]},
                         {"kind": "log_rank", "time": "time", "event": "event", "by": "arm", "strata": "hiv"}):
            with self.subTest(**analysis):
                self.assertDenied(self.with_column("hiv", CATEGORY, {"id": "x", **analysis}), "column trial.hiv is sensitive")

    def test_beside_other_columns(self):
        derived = {"type": "number", "unit": "d", "range": [0, 99], "days": {"from": "secret", "until": "hiv"}}
        self.assertDenied(self.with_column("stay", derived), "column trial.secret has no role", "trial.hiv is sensitive")
        units = {"type": "number", "unit": "g/L", "range": [0, 99], "unit_column": "secret"}
        self.assertDenied(self.with_column("age", units), "column trial.secret has no role")
        self.assertDenied(trial(data__same_row={"by": ["name"], "latest": "secret"}), "column trial.name is identifier",
                          "column trial.secret has no role")

    def test_under_another_spelling_or_table(self):
        self.assertDenied(self.with_column("HIV", NUMBER), "column trial.hiv is sensitive")
        rest = policy("north", ANY, columns={**self.COLUMNS, "*": "other"})
        self.assertDenied(self.with_column("Hiv", NUMBER, where="\"Hiv\" = 1"), "column trial.hiv is sensitive", text=rest)
        self.assertDenied(trial(data__table="trial2"), "column trial2.arm has no role", text=rest)

    def test_in_a_cohort(self):
        person = policy("north", ANY, columns=self.COLUMNS) + (
            '[columns.person]\nperson_id = "other"\nyear_of_birth = "other"\nhiv = "sensitive"\n"*" = "other"\n'
            '[columns.observation_period]\n"*" = "other"\n')

        def cohort(sql):
            study = trial()
            study["data"] = {"cohort": {"sql": sql}, "features": {"age": {"is": "age"}},
                             "columns": {"age": {"type": "number", "range": [0, 120]}}}
            study["analyses"] = [{"id": "age", "kind": "describe", "column": "age"}]
            return study

        dates = ", DATE '2020-01-01' AS cohort_start_date, DATE '2020-02-01' AS cohort_end_date FROM "
        (self.folder / "study.json").write_text(json.dumps(cohort(
            f"SELECT p.person_id AS subject_id{dates}person p WHERE p.year_of_birth < 1990")))
        (self.folder / "policy.toml").write_text(person)
        must(cohortium("policy", "test", self.folder / "policy.toml", "--study", self.folder / "study.json",
                       "--analyst", "ana"))
        for sql in (f"SELECT person_id AS subject_id{dates}person WHERE HIV = 1",
                    f"SELECT x.a AS subject_id{dates}(SELECT person_id AS a, hiv AS b FROM person) x WHERE x.b = 1",
                    f"SELECT x.person_id AS subject_id{dates}(SELECT * FROM person) x",
                    f"SELECT p.a AS subject_id{dates}person AS p(a, b, c) WHERE p.c = 1",
                    f"SELECT p.person_id AS subject_id{dates}person p WHERE CAST(p AS VARCHAR) LIKE '%1%'"):
            with self.subTest(sql):
                self.assertDenied(cohort(sql), "is sensitive, which it does not allow", text=person)
        self.assertDenied(cohort(f"SELECT person_id AS subject_id{dates}death"), "column death.person_id has no role",
                          text=person)


class ForgedApprovalsTest(FolderTest):
    """All sites approve by policy alone, but north, whose policy denies the study."""

    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60), approvals=0)
        for site in SITES:
            install(self.nodes, site, policy(site, {"approvals": 0, **({"analysts": ["nobody"]} if site == "north" else {})}))
        self.nodes.start()
        self.attacker = Attacker(self.nodes)

    def by_policy(self, envelope, site, by=None, key=None, **grounds):
        """An approval by the policy of `site`, as the product makes it, signed with any key."""
        statement = {**self.attacker.decision(envelope, site)["statement"],
                     "policy": {"hash": "00" * 32, "rule": "outcomes research", "version": 1, **grounds}}
        return {"statement": statement,
                "signature": self.attacker.signature(by or site, "decision", statement, key or by or site)}

    def submitted(self, study):
        envelope = self.attacker.envelope(study)
        return envelope, self.attacker.request("ana", "hub", "POST", "/v1/studies", envelope)["hash"]

    def assertRefused(self, code, *request, mentions=""):
        got, text = self.attacker.code(*request)
        self.assertEqual(got, code, text)
        self.assertIn(mentions, text)

    def test_an_approval_that_north_did_not_give(self):
        envelope, _ = self.submitted(trial())
        good = {site: [self.by_policy(envelope, site)] for site in SITES}
        for code, forged in (("signature.other_key", self.by_policy(envelope, "north", key="south")),
                             ("decision.not_by_policy", self.by_policy(envelope, "north", by="south")),
                             ("decision.not_by_policy", self.by_policy(envelope, "north", by="approver-north")),
                             ("decision.not_an_approver", self.attacker.decision(envelope, "north", by="north")),
                             ("decision.malformed", self.by_policy(envelope, "north", version="1")),
                             ("decision.malformed", self.by_policy(envelope, "north", more=1)),
                             ("signature.bad", change(good["north"][0], "statement", "policy", "rule", to="another"))):
            with self.subTest(code):
                order = self.attacker.order(envelope, {**good, "north": [forged]})
                self.assertRefused(code, "hub", "west", "POST", "/v1/runs", order)
        self.assertEqual([each for each in self.nodes.audit("west") if each["event"] == "run.joined"], [])
        # Even north's own signature, from elsewhere, is nothing to north's own node.
        self.assertRefused("node.not_approved", "hub", "north", "POST", "/v1/runs", self.attacker.order(envelope, good))

    def test_an_approval_of_another_study(self):
        envelope, study_hash = self.submitted(trial())
        south = self.attacker.request("hub", "south", "GET", f"/v1/studies/{study_hash}/approval")["decisions"]
        self.assertEqual(south[0]["statement"]["policy"]["rule"], "outcomes research")
        other, _ = self.submitted(trial(data__where="age > 90"))
        decisions = {site: [self.by_policy(other, site)] for site in SITES}
        self.assertRefused("decision.other_study", "hub", "west", "POST", "/v1/runs",
                           self.attacker.order(other, {**decisions, "south": south}))
        longer = self.attacker.envelope(trial(), expires="2998-01-01T00:00:00.000Z")
        self.assertRefused("decision.other_study", "hub", "west", "POST", "/v1/runs",
                           self.attacker.order(longer, {**decisions, "south": south}))

    def test_people_do_not_get_round_a_denial(self):
        envelope, study_hash = self.submitted(trial())
        decide = f"/v1/studies/{study_hash}/decide"
        approval = self.attacker.decision(envelope, "north")
        self.assertRefused("policy.denied", "approver-north", "north", "POST", decide, approval, mentions="outcomes research")
        self.assertRefused("decision.not_by_policy", "approver-north", "north", "POST", decide,
                           self.by_policy(envelope, "north", by="approver-north"))
        decisions = {site: [self.by_policy(envelope, site)] for site in SITES}
        order = self.attacker.order(envelope, {**decisions, "north": [approval]})
        self.assertRefused("node.not_approved", "hub", "north", "POST", "/v1/runs", order)


class StewardTest(FolderTest):
    """North has data stewards: an operator who writes another policy, or an approver who signs one, is not obeyed."""

    PEOPLE = {"dora": "data steward,north", "dan": "data steward,south", "otto": "operator,north"}

    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60), more_people=self.PEOPLE)
        self.file = self.folder / "north.policy.toml"
        self.signature = self.folder / "north.policy.toml.signature"
        install(self.nodes, "north", policy("north", {}))

    def sign(self, whom, file=None):
        return cohortium("policy", "sign", file or self.file, "--as", self.folder / whom, "--credential",
                         self.folder / f"{whom}.credential")

    def assertDoesNotStart(self, code, *mentions):
        self.assertFails(Process("node", "--config", self.folder / "north.toml").wait(20), code, *mentions)

    def test_a_policy_holds_once_a_steward_has_signed_it(self):
        self.assertDoesNotStart("policy.bad_signature")
        must(self.sign("dora"))
        self.nodes.start()
        started = [entry for entry in self.nodes.audit("north") if entry["event"] == "node.started"][-1]
        self.assertEqual(started["detail"]["policy_signed_by"], "dora")
        study_hash = self.nodes.submit(trial())
        self.nodes.approve(study_hash)
        must(self.nodes.study_command("run", study_hash))

    def test_nobody_else_sets_it(self):
        for whom in ("approver-north", "otto", "ana", "dan", "north"):
            with self.subTest(whom):
                must(self.sign(whom))
                self.assertDoesNotStart("policy.bad_signature", f'"{whom}"')
        must(self.sign("dora"))
        forged = json.loads(self.signature.read_text())
        kept, last = forged["signature"]["signature"][:-1], forged["signature"]["signature"][-1]
        forged["signature"]["signature"] = kept + ("1" if last == "0" else "0")
        self.signature.write_text(json.dumps(forged))
        self.assertDoesNotStart("signature.bad")
        # The operator's own key under the steward's name.
        must(self.sign("otto"))
        claimed = json.loads(self.signature.read_text())
        claimed["signature"]["by"] = "dora"
        self.signature.write_text(json.dumps(claimed))
        self.assertDoesNotStart("signature.other_key")

    def test_a_signature_is_of_one_text(self):
        must(self.sign("dora"))
        self.file.write_text(policy("north", {"analysts": ["any"]}))
        self.assertDoesNotStart("policy.bad_signature", "another policy")
        # Of another site's policy, signed by its own steward.
        other = self.folder / "south.policy.toml"
        other.write_text(policy("south", {}))
        must(self.sign("dan", other))
        self.signature.write_text((self.folder / "south.policy.toml.signature").read_text())
        self.assertDoesNotStart("policy.bad_signature")
        for text in ("", "[]", "{}", '{"statement": 1, "signature": 2}', "\0"):
            self.signature.write_text(text)
            self.assertDoesNotStart("policy.bad_signature")


class WithApproversTest(FolderTest):
    def test_no_policy_approves_where_people_must(self):
        nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60))
        for site in SITES:
            install(nodes, site, policy(site, {"approvals": 0}))
        nodes.start()
        study_hash = nodes.submit(trial())
        self.assertFails(nodes.study_command("run", study_hash), "node.not_approved")
        attacker = Attacker(nodes)
        envelope = json.loads(attacker.request("hub", "hub", "GET", f"/v1/studies/{study_hash}/file")["envelope"])
        statement = {**attacker.decision(envelope, "north")["statement"],
                     "policy": {"hash": "00" * 32, "rule": "outcomes research", "version": 1}}
        forged = {"statement": statement, "signature": attacker.signature("north", "decision", statement)}
        order = attacker.order(envelope, {**attacker.approvals(envelope), "north": [forged]})
        self.assertEqual(attacker.code("hub", "west", "POST", "/v1/runs", order)[0], "decision.not_by_policy")
        nodes.approve(study_hash)
        must(nodes.study_command("run", study_hash))


if __name__ == "__main__":
    unittest.main()
