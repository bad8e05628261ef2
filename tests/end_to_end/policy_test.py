"""A site's own policy, with real nodes: what it allows runs, what it does not is refused by its own node, before an approval
counts and before anything is read; by its rule alone a study is approved, and its limits outlive crashes."""

import json
import unittest

from harness import REPOSITORY, FolderTest, Process, cohortium, must
from policies import COLUMNS, install, policy
from studies import MEMBERS, SITES, synthesise, trial


class PolicyTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.records = synthesise(self.folder / "records", 100)

    def start(self, policies, **options):
        """A consortium in which these sites have policies: {"north": text}."""
        self.nodes = self.consortium(MEMBERS, self.records, more_people={"nils": "approver,north"}, **options)
        for site, text in policies.items():
            install(self.nodes, site, text)
        self.nodes.start()

    def change(self, site, text):
        self.assertEqual(self.nodes.stop(site), 0)
        install(self.nodes, site, text)
        self.nodes.start(site)

    def entries(self, event, site="north"):
        return [entry for entry in self.nodes.audit(site) if entry["event"] == event]

    def approve(self, study, site="north", whom=None):
        return self.nodes.study_command("approve", study, "--node", site, as_whom=whom or f"approver-{site}")

    def run_study(self, study):
        return self.nodes.study_command("run", study)

    def test_what_is_denied_cannot_be_approved(self):
        sensitive = policy("north", {}, version=4, columns={**COLUMNS, "age": "sensitive"})
        self.start({"north": sensitive})
        study = self.nodes.submit(trial())
        self.nodes.approve(study, "south", "east")  # who have no policy
        denied = self.approve(study)
        self.assertFails(denied, "policy.denied", "column trial.age is sensitive", "leave the column out",
                         'rule "outcomes research" of north\'s policy, version 4')
        self.assertFails(self.run_study(study), "policy.denied", "trial.age")
        self.assertIn("policy.denied", must(self.nodes.study_command("status", study, "--json")).out)
        denials = self.entries("policy.denied")
        self.assertEqual({(each["detail"]["rule"], each["detail"]["policy_version"]) for each in denials},
                         {("outcomes research", 4)})
        self.assertEqual(denials[0]["study"], study)
        without_age = trial(analyses=[each for each in trial()["analyses"] if each["id"] != "age"])
        del without_age["data"]["columns"]["age"]
        allowed = self.nodes.submit(without_age)
        self.nodes.approve(allowed)
        must(self.run_study(allowed))
        self.assertEqual(self.entries("run.completed")[-1]["study"], allowed)

    def test_a_policy_that_changes_holds_from_then_on(self):
        self.start({"north": policy("north", {})})
        study = self.nodes.submit(trial())
        self.nodes.approve(study)
        self.change("north", policy("north", version=2, deny=[{"name": "no curves", "analyses": ["kaplan_meier"]}]))
        self.assertFails(self.run_study(study), "policy.denied", 'rule "no curves" of north\'s policy, version 2')
        changed = self.entries("policy.changed")
        self.assertEqual(len(changed), 1)
        self.assertNotEqual(changed[0]["detail"]["from"], changed[0]["detail"]["to"])
        self.assertEqual(self.entries("node.started")[-1]["detail"]["policy"], changed[0]["detail"]["to"])
        self.assertEqual(self.entries("run.joined"), [])
        self.change("north", policy("north", {}, version=3))
        must(self.run_study(study))
        must(self.nodes.verify_audit())
        self.nodes.stop("north")
        install(self.nodes, "north", policy("north", {"approvals": 0}, version=3))
        self.assertFails(Process("node", "--config", self.nodes.folder / "north.toml").wait(20), "policy.same_version",
                         "write version = 4")

    def test_a_policy_alone_approves(self):
        self.start({site: policy(site, {"approvals": 0}) for site in SITES}, approvals=0)
        study = self.nodes.submit(trial())
        must(self.run_study(study))
        approved = self.entries("study.approved")
        self.assertEqual([(each["detail"]["by"], each["detail"]["rule"]) for each in approved],
                         [("north", "outcomes research")])
        result = self.nodes.result(study)
        self.assertEqual({(each["site"], each["by"]) for each in result["run"]["approvals"]},
                         {(site, 'policy version 1, rule "outcomes research"') for site in SITES})
        out = self.folder / "out" / "result.json"
        must(cohortium("result", "verify", out, "--consortium", self.nodes.file))
        withdrawn = self.nodes.submit(trial(title="Another"))
        must(self.nodes.study_command("withdraw", withdrawn, "--node", "north", as_whom="approver-north"))
        self.assertFails(self.run_study(withdrawn), "decision.withdrawn", "north")
        must(self.approve(withdrawn))
        must(self.run_study(withdrawn))
        denied = self.nodes.submit(trial(title="Third", release={"minimum_cell": 11, "curve": "merged"},
                                         purpose="marketing"))
        self.change("north", policy("north", {"approvals": 0, "purposes": ["care"]}, version=2))
        self.assertFails(self.run_study(denied), "policy.denied", "begin the purpose")
        self.assertEqual(len(self.entries("study.approved")), 2)

    def test_without_a_policy_nobody_but_people_approves(self):
        self.start({"south": policy("south", {"approvals": 0}), "east": policy("east", {"approvals": 0})}, approvals=0)
        study = self.nodes.submit(trial())
        self.assertFails(self.run_study(study), "node.not_approved", "north")
        must(self.approve(study))
        must(self.run_study(study))

    def test_a_policy_asks_for_more_people_than_the_consortium(self):
        self.start({"north": policy("north", {"approvals": 2})})
        study = self.nodes.submit(trial())
        self.nodes.approve(study)
        self.assertFails(self.run_study(study), "node.not_approved", "north")
        self.assertIn("2 of 2", must(self.approve(study, whom="nils")).out)
        must(self.run_study(study))

    def test_a_limit_on_runs_outlives_crashes(self):
        limited = policy("north", {}, frequency={"runs": 1, "days": 30, "per": "column"})
        self.start({"north": limited})
        first, second = (self.nodes.submit(trial(title=title)) for title in ("First", "Second"))
        self.nodes.approve(first)
        self.nodes.approve(second)  # at an approval, runs are not counted
        must(self.run_study(first))
        self.nodes.kill("north")
        ledger = self.folder / "state-north" / "policy.runs"
        with ledger.open("a") as torn:
            torn.write('{"analyst":"an')
        self.nodes.start("north")
        self.assertFails(self.run_study(second), "policy.denied", "it ran 1 times within 30 days", "run it after 20")
        lines = [json.loads(line) for line in ledger.read_text().splitlines()]
        self.assertEqual([(line["study"], line["columns"]) for line in lines],
                         [(first, [f"trial.{name}" for name in sorted(COLUMNS)])])

    def test_too_few_rows(self):
        self.start({"north": policy("north", {"minimum_rows": 101})})
        study = self.nodes.submit(trial())
        self.nodes.approve(study)
        self.assertFails(self.run_study(study), "policy.too_few_rows", "fewer than 101 rows at north")
        self.assertEqual((self.folder / "state-north" / "policy.runs").read_text(), "", "nothing was shared")
        self.assertEqual(self.entries("policy.denied")[-1]["detail"]["code"], "policy.too_few_rows")
        self.change("north", policy("north", {"minimum_rows": 100}, version=2))
        must(self.run_study(study))

    def test_a_node_does_not_start_with_a_policy_that_is_none(self):
        self.nodes = self.consortium(MEMBERS, self.records)
        for text, code in ((policy("south", {}), "policy.other_site"),
                           (policy("north", {"minimum_row": 5}), "policy.bad_file"), ("[[rule]", "policy.bad_file")):
            install(self.nodes, "north", text)
            self.assertFails(Process("node", "--config", self.nodes.folder / "north.toml").wait(20), code)


class CommandTest(FolderTest):
    EXAMPLE = REPOSITORY / "examples/04_policy"

    def test_the_example_decides_as_its_cases_want(self):
        done = must(cohortium("policy", "test", self.EXAMPLE / "policy.toml", self.EXAMPLE / "cases.toml"))
        self.assertNotIn("DIFFERS", done.out)
        shown = must(cohortium("policy", "show", self.EXAMPLE / "policy.toml"))
        self.assertIn("denies all else", shown.out)
        self.assertEqual(must(cohortium("policy", "show", self.EXAMPLE / "policy.toml", "--json")).json()["site"], "north")

    def test_a_case_that_differs_says_how(self):
        (self.folder / "study.json").write_text(json.dumps(trial()))
        (self.folder / "policy.toml").write_text(policy("north", {}))
        case = '[[case]]\nname = "a wish"\nstudy = "study.json"\nanalyst = "eve"\nexpect = "allow"\n'
        (self.folder / "cases.toml").write_text(case)
        done = cohortium("policy", "test", self.folder / "policy.toml", self.folder / "cases.toml")
        self.assertEqual(done.status, 1, done)
        self.assertIn("DIFFERS    a wish", done.out)
        self.assertIn('"eve" is none of its analysts', done.out)
        self.assertIn("0 of 1 cases are as wanted", done.out)
        (self.folder / "cases.toml").write_text(case.replace("eve", "ana") + "earlier_run = 1\n")
        self.assertFails(cohortium("policy", "test", self.folder / "policy.toml", self.folder / "cases.toml"),
                         "policy.bad_file", "cases.toml:6:15")

    def test_a_study_by_itself(self):
        (self.folder / "study.json").write_text(json.dumps(trial(data__where="age > 50")))
        (self.folder / "policy.toml").write_text(policy("north", {"columns": {"outcome": ["any"], "other": ["any"],
                                                                              "quasi_identifier": ["value"]}}))
        ask = ["policy", "test", self.folder / "policy.toml", "--study", self.folder / "study.json", "--analyst", "ana"]
        done = cohortium(*ask)
        self.assertEqual(done.status, 1, done)
        self.assertIn('column trial.age is quasi_identifier, and used as "filter" (at /data/where)', done.out)
        told = cohortium(*ask, "--json").json()["studies"][0]
        self.assertEqual([each["where"] for each in told["findings"]], ["/data/where"])
        self.assertEqual(cohortium("policy", "test", self.folder / "policy.toml").status, 2)


if __name__ == "__main__":
    unittest.main()
