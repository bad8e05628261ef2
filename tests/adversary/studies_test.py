"""Only what every site approved runs: against analysts, approvers and a coordinator who try something else."""

import json
import unittest

from attacker import Attacker, canonical, change, digest, must_run
from harness import FolderTest, must
from studies import MEMBERS, SITES, synthesise, trial

MORE_PEOPLE = {"nils": "approver,north", "ada": "auditor", "dora": "data steward,north", "otto": "operator,north"}


class StudiesTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60), more_people=MORE_PEOPLE)
        self.nodes.start()
        self.attacker = Attacker(self.nodes)

    def assertRefused(self, code, *request, mentions=""):
        got, text = self.attacker.code(*request)
        self.assertEqual(got, code, text)
        self.assertIn(mentions, text)

    def assertNobodyRuns(self, order, code, at_north=None):
        """A coordinator's order is refused by every node, and no run begins; north goes by its own record."""
        for name in ("north", "south", "west", "east"):
            with self.subTest(node=name):
                expected = at_north if at_north and name == "north" else code
                self.assertRefused(expected, "hub", name, "POST", "/v1/runs", order)
                last = self.nodes.audit(name)[-1]
                self.assertEqual((last["event"], last["detail"]["code"]), ("run.refused", expected))
                self.assertNotIn("run.joined", [entry["event"] for entry in self.nodes.audit(name)])

    def test_the_attacker_signs_as_the_product_does(self):
        """Otherwise the refusals below would mean nothing."""
        envelope = self.attacker.envelope(trial())
        study_hash = self.attacker.request("ana", "hub", "POST", "/v1/studies", envelope)["hash"]
        self.assertEqual(study_hash, digest(trial()))
        for site in SITES:
            self.attacker.request(f"approver-{site}", site, "POST", f"/v1/studies/{study_hash}/decide",
                                  self.attacker.decision(envelope, site))
        must_run(self.nodes, study_hash)

    def test_unapproved(self):
        study_hash = self.nodes.submit(trial())
        self.nodes.approve(study_hash, "north", "south")
        self.assertFails(self.nodes.study_command("run", study_hash), "node.not_approved", "east")
        other = trial(title="Never approved")
        self.assertNobodyRuns(self.attacker.order(self.attacker.envelope(other), {}), "node.not_approved")

    def test_altered_after_approval(self):
        study_hash = self.nodes.submit(trial())
        self.nodes.approve(study_hash)
        envelope = json.loads(self.attacker.request("hub", "hub", "GET", f"/v1/studies/{study_hash}/file")["envelope"])
        decisions = {site: self.attacker.request("hub", site, "GET", f"/v1/studies/{study_hash}/approval")["decisions"]
                     for site in SITES}
        filtered = change(envelope, "study", "data", "where", to="age > 90")
        self.assertNobodyRuns(self.attacker.order(filtered, decisions), "envelope.altered_study")
        renamed = change(filtered, "statement", "study", to=digest(filtered["study"]))
        self.assertNobodyRuns(self.attacker.order(renamed, decisions), "signature.bad")
        # Even with the analyst's help: another study, or the same one for longer, has other approvals.
        again = self.attacker.envelope(filtered["study"])
        self.assertNobodyRuns(self.attacker.order(again, decisions), "decision.other_study", "node.not_approved")
        longer = self.attacker.envelope(envelope["study"])
        self.assertNobodyRuns(self.attacker.order(longer, decisions), "decision.other_study")

    def test_forged_approvals(self):
        envelope = self.attacker.envelope(trial())
        decisions = self.attacker.approvals(envelope)
        for code, forged in (
                ("signature.other_key", self.attacker.decision(envelope, "north", key="hub")),
                ("decision.not_an_approver", self.attacker.decision(envelope, "north", by="hub")),
                ("decision.not_an_approver", self.attacker.decision(envelope, "north", by="approver-south")),
                ("decision.not_an_approver", self.attacker.decision(envelope, "north", by="otto")),
                ("signature.bad", change(decisions["north"][0], "signature", "signature", to="00" * 64)),
                ("decision.malformed", {"statement": {}, "signature": {}}),
                ("decision.other_study", self.attacker.decision(self.attacker.envelope(trial(title="x")), "north"))):
            with self.subTest(code):
                order = self.attacker.order(envelope, {**decisions, "north": [forged]})
                self.assertRefused(code, "hub", "west", "POST", "/v1/runs", order)
        # Approvals that are good, but that the site's own node never got: the site does not take part.
        order = self.attacker.order(envelope, decisions)
        self.assertRefused("node.not_approved", "hub", "north", "POST", "/v1/runs", order)
        for caller in ("north", "ana", "approver-north"):
            self.assertRefused("node.not_allowed", caller, "west", "POST", "/v1/runs", order)

    def test_withdrawn_and_replayed(self):
        study_hash = self.nodes.submit(trial())
        self.nodes.approve(study_hash)
        approval = self.attacker.request("hub", "north", "GET", f"/v1/studies/{study_hash}/approval")["decisions"][0]
        must(self.nodes.study_command("withdraw", study_hash, "--node", "north", as_whom="nils"))
        self.assertFails(self.nodes.study_command("run", study_hash), "decision.withdrawn", "north")
        decide = f"/v1/studies/{study_hash}/decide"
        self.assertRefused("decision.repeated", "approver-north", "north", "POST", decide, approval)
        self.assertRefused("node.not_allowed", "nils", "north", "POST", decide, approval)
        other_hash = self.nodes.submit(trial(title="Another study"))
        self.assertRefused("node.not_allowed", "approver-north", "north", "POST", f"/v1/studies/{other_hash}/decide",
                           approval)
        # The coordinator presents the withdrawn approval: the site goes by its own record.
        envelope = json.loads(self.attacker.request("hub", "hub", "GET", f"/v1/studies/{study_hash}/file")["envelope"])
        order = self.attacker.order(envelope, {"north": [approval]})
        self.assertRefused("decision.withdrawn", "hub", "north", "POST", "/v1/runs", order)
        self.nodes.approve(study_hash, "north")
        must_run(self.nodes, study_hash)

    def test_expired_studies(self):
        expired = self.attacker.envelope(trial(), expires="2026-01-02T00:00:00.000Z")
        self.assertRefused("envelope.expired", "ana", "hub", "POST", "/v1/studies", expired)
        self.assertNobodyRuns(self.attacker.order(expired, self.attacker.approvals(expired)), "envelope.expired")

    def test_who_signed(self):
        for code, envelope in (
                ("envelope.not_an_analyst", self.attacker.envelope(trial(), analyst="approver-north")),
                ("envelope.not_an_analyst", self.attacker.envelope(trial(), analyst="hub")),
                ("signature.other_key", self.attacker.envelope(trial(), key="hub")),
                ("consortium.unknown_key", self.attacker.envelope(trial(), analyst="mallory", key="ana")),
                ("signature.bad", change(self.attacker.envelope(trial()), "statement", "expires",
                                         to="2998-01-01T00:00:00.000Z")),
                ("envelope.malformed", trial()),
                ("study.bad_json", "[[[[")):
            with self.subTest(code):
                self.assertRefused(code, "ana", "hub", "POST", "/v1/studies", envelope)
                order = self.attacker.order(envelope, {})
                if code != "study.bad_json":
                    self.assertRefused(code, "hub", "west", "POST", "/v1/runs", order)
        self.assertEqual(self.nodes.study_command("status", "--json").json()["studies"], [])

    def test_roles(self):
        study_hash = self.nodes.submit(trial())
        paths = {"submit": ("hub", "POST", "/v1/studies"), "run": ("hub", "POST", f"/v1/studies/{study_hash}/run"),
                 "decide": ("north", "POST", f"/v1/studies/{study_hash}/decide"),
                 "result": ("hub", "GET", f"/v1/studies/{study_hash}/result"),
                 "see": ("hub", "GET", f"/v1/studies/{study_hash}")}
        may = {"ana": {"submit", "run", "result", "see"}, "approver-north": {"decide", "result", "see"},
               "ada": {"result", "see"}, "dora": {"see"}, "otto": {"see"}}
        for whom, allowed in may.items():
            for action, (node, method, path) in paths.items():
                with self.subTest(whom=whom, action=action):
                    code, _ = self.attacker.code(whom, node, method, path, "{}" if method == "POST" else None)
                    self.assertEqual(code != "node.not_allowed", action in allowed, code)

    def test_a_coordinator_that_shows_another_study(self):
        """Whoever looks before she approves sees what she will approve, or nothing."""
        study_hash = self.nodes.submit(trial())
        envelope = json.loads(self.attacker.request("hub", "hub", "GET", f"/v1/studies/{study_hash}/file")["envelope"])
        self.nodes.stop("hub")
        harmless = trial(title="Treatment against control", analyses=[{"id": "n", "kind": "count"}])
        for code, shown in (("node.altered_study", self.attacker.envelope(harmless)),
                            ("envelope.altered_study", change(envelope, "study", to=harmless)),
                            ("signature.bad", change(envelope, "statement", "expires", to="2999-01-01T00:00:00.000Z"))):
            with self.subTest(code):
                stop = self.attacker.serve("hub", {"envelope": canonical(shown)})
                try:
                    for action in (["show"], ["approve", "--node", "north"]):
                        done = self.nodes.study_command(action[0], study_hash, *action[1:], as_whom="approver-north")
                        self.assertFails(done, code)
                    # With an approval made elsewhere: the site's node looks itself.
                    decide = f"/v1/studies/{study_hash}/decide"
                    decision = self.attacker.decision(envelope, "north")
                    self.assertRefused(code, "approver-north", "north", "POST", decide, decision)
                finally:
                    stop()
        self.assertNotIn("study.approved", [entry["event"] for entry in self.nodes.audit("north")])


class SeveralApproversTest(FolderTest):
    def test_two_of_a_site(self):
        more = {f"second-{site}": f"approver,{site}" for site in SITES}
        nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60), more_people=more, approvals=2)
        nodes.start()
        study_hash = nodes.submit(trial())
        nodes.approve(study_hash)
        nodes.approve(study_hash)  # the same people once more
        self.assertFails(nodes.study_command("run", study_hash), "node.not_approved", "north", "1 of 2")
        for site in SITES:
            must(nodes.study_command("approve", study_hash, "--node", site, as_whom=f"second-{site}"))
        must_run(nodes, study_hash)
        approvals = nodes.result(study_hash)["run"]["approvals"]
        self.assertEqual({approval["by"] for approval in approvals},
                         {f"{who}-{site}" for who in ("approver", "second") for site in SITES})


if __name__ == "__main__":
    unittest.main()
