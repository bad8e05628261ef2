"""The control-plane API as docs/api/openapi.json describes it, asked of real nodes under the keys of every role."""

import json
import time
import unittest

import jsonschema
from harness import REPOSITORY, FolderTest, must, wait_until
from http_caller import EventStream, HttpCaller, new_key
from studies import MEMBERS, SITES, synthesise, trial

DOCUMENT = json.loads((REPOSITORY / "docs/api/openapi.json").read_text())
PEOPLE = {"ada": "auditor", "dora": "data steward,north", "otto": "operator,north", "audrey": "auditor,west"}
# Who calls, with the role by which the document names her, and her member.
CALLERS = {"ana": ("analyst", None), "approver-north": ("approver", "north"), "approver-south": ("approver", "south"),
           "ada": ("auditor", None), "audrey": ("auditor", "west"), "dora": ("data steward", "north"),
           "otto": ("operator", "north"), "hub": ("coordinator", None), "east": ("member", None)}
OPERATIONS = {operation["operationId"]: (method.upper(), path, operation)
              for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()}


def schema(name):
    return {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}


def validate(value, name):
    jsonschema.Draft202012Validator(schema(name)).validate(value)


class ApiTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60), more_people=PEOPLE)
        self.nodes.start()
        self.caller = HttpCaller(self.nodes)
        self.answered = {}  # operation -> statuses that were seen

    def ask(self, operation, whom, node, body=None, key=None, query="", check=True, **parts):
        """The answer, which is as the document says."""
        method, path, described = OPERATIONS[operation]
        answer = self.caller.request(whom, node, method, path.format(**parts) + query, body, key)
        self.answered.setdefault(operation, set()).add(answer.status)
        if check:
            self.assertIn(str(answer.status), described["responses"], f"{operation}: {answer.text}")
            if answer.status == 200:
                name = described["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
                validate(answer.json, name)
            else:
                validate(answer.json, "Error")
        return answer

    def test_the_document_is_one(self):
        self.assertEqual(DOCUMENT["openapi"], "3.1.0")
        for name, each in DOCUMENT["components"]["schemas"].items():
            with self.subTest(name):
                jsonschema.Draft202012Validator.check_schema(each)
        text = json.dumps(DOCUMENT)
        for reference in set(part.split('"')[0] for part in text.split('"$ref": "#/')[1:]):
            place = DOCUMENT
            for step in reference.split("/"):
                self.assertIn(step, place, reference)
                place = place[step]

    def test_a_study_by_the_document(self):
        """Every request but those of a run's nodes among each other, and what it answers."""
        path = self.folder / "study.json"
        path.write_text(json.dumps(trial()))
        must(self.nodes.study_command("sign", path, "--out", self.folder / "signed.json"))
        envelope = json.loads((self.folder / "signed.json").read_text())
        validate(envelope, "Envelope")
        self.assertEqual(self.ask("status", "otto", "east").json["name"], "east")
        key = new_key()
        submitted = self.ask("submitStudy", "ana", "hub", envelope, key)
        self.assertEqual(submitted.status, 200, submitted.text)
        study = submitted.json["hash"]
        self.assertEqual(self.ask("submitStudy", "ana", "hub", envelope, key).json, submitted.json)
        self.assertEqual(self.ask("submitStudy", "ana", "hub", envelope).code, "node.already_submitted")
        self.assertEqual(self.ask("submitStudy", "ana", "hub", trial(), key).code, "node.key_reused")
        self.assertEqual(self.ask("runStudy", "ana", "hub", study=study).code, "node.not_approved")
        self.assertEqual(self.ask("listStudies", "dora", "hub").json["studies"][0]["hash"], study)
        self.assertEqual(json.loads(self.ask("showEnvelope", "east", "hub", study=study).json["envelope"])["study"],
                         trial())
        self.assertEqual(self.ask("fetchResult", "ana", "hub", study=study).code, "node.no_result")
        self.nodes.approve(study)
        decision = self.ask("showApproval", "hub", "north", study=study).json["decisions"][0]
        self.assertEqual(self.ask("decide", "approver-north", "north", decision, study=study).code,
                         "decision.repeated")
        key = new_key()
        started = self.ask("runStudy", "ana", "hub", key=key, study=study)
        self.assertEqual(started.status, 200, started.text)
        self.assertEqual(self.ask("runStudy", "ana", "hub", key=key, study=study).json, started.json)
        wait_until(lambda: self.ask("showStudy", "ada", "hub", study=study).json["state"] == "done", 30, "it runs")
        self.assertEqual(self.ask("runStudy", "ana", "hub", study=study).code, "node.already_run")
        self.assertEqual(self.ask("runStudy", "ana", "hub", key=key, study=study).json, started.json)
        result = self.ask("fetchResult", "ada", "hub", study=study).json
        self.assertEqual(result["run"]["id"], started.json["run"])
        jsonschema.Draft7Validator(json.loads((REPOSITORY / "docs/schema/result.schema.json").read_text())).validate(result)
        self.assertEqual(self.ask("checkAgreement", "ana", "hub", study=study).code, "node.no_agreement_check")
        self.ask("showHead", "east", "hub", query="?from=1,2")
        self.ask("readLog", "ada", "hub", query="?from=1")
        self.assertEqual(self.ask("showRun", "hub", "north", run="0" * 32).json, {"phase": "not here"})
        self.assertEqual(self.ask("abortRun", "hub", "north", {"code": "a.b", "message": "m"}, run="0" * 32).json, {})
        self.assertEqual(self.ask("releaseRun", "hub", "north", {"statements": []}, run="0" * 32).code, "node.bad_body")
        self.assertEqual(self.ask("takePart", "hub", "north", {"run": "x"}).code, "node.bad_body")
        events = [entry["event"] for entry in self.nodes.audit("hub") if entry["study"] == study]
        self.assertEqual(events, ["study.submitted", "run.started", "run.finished"], "nothing was done twice")
        self.assertEqual({name for name, statuses in self.answered.items() if 200 not in statuses},
                         {"decide", "checkAgreement", "releaseRun", "takePart"}, "these answered with errors alone")

    def test_every_route_with_every_key(self):
        """Whoever the document names gets further than her role, and nobody else does."""
        study = self.nodes.submit(trial())
        for operation, (method, path, described) in OPERATIONS.items():
            for whom, (role, member) in CALLERS.items():
                for node in ("hub", "north", "west"):
                    with self.subTest(operation=operation, whom=whom, node=node):
                        roles = {role} | ({"member"} if role == "coordinator" else set())
                        allowed = bool(roles & set(described["x-callers"]))
                        if allowed and described["x-at-own-member"] and member:
                            allowed = node == member
                        answer = self.try_out(operation, method, path, whom, node, study)
                        self.assertEqual(answer.code != "node.not_allowed", allowed, answer.text)
                        self.assertEqual(answer.status == 403, not allowed)
                        if allowed and described["x-at-coordinator"] and node != "hub":
                            self.assertEqual(answer.code, "node.not_the_coordinator")

    def try_out(self, operation, method, path, whom, node, study):
        """A body that is refused once the caller has been let in, so that nothing happens."""
        path = path.format(study=study, run="0" * 32)
        if operation == "watchEvents":
            return self.caller.request(whom, node, method, path, last_event_id="none")
        body = b"[" if OPERATIONS[operation][2]["x-largest-body"] else None
        return self.caller.request(whom, node, method, path, body)

    def test_events(self):
        stream = EventStream(self.caller, "dora", "hub")
        at_north = EventStream(self.caller, "hub", "north")
        self.addCleanup(stream.close)
        self.addCleanup(at_north.close)
        self.assertIn(b"text/event-stream", stream.head)
        study = self.nodes.submit(trial())
        submitted = stream.next()
        self.assertEqual((submitted["event"], submitted["data"]["analyst"]), ("study.submitted", "ana"))
        self.nodes.approve(study)
        self.assertEqual(at_north.next()["data"]["by"], "approver-north")
        must(self.nodes.study_command("withdraw", study, "--node", "north", as_whom="approver-north"))
        self.assertEqual(at_north.next()["event"], "study.withdrawn")
        self.nodes.approve(study, "north")
        must(self.nodes.study_command("run", study))
        seen = stream.until("run.finished")
        names = [event["event"] for event in seen]
        self.assertEqual([name for name in names if name != "run.progress"], ["run.started", "run.finished"])
        while seen[-1]["event"] != "run.progress" or seen[-1]["data"]["state"] == "running":
            seen.append(stream.next())
        self.assertEqual(seen[-1]["data"]["state"], "done")
        for event in seen:
            validate(event["data"], "RunEvent" if event["event"] == "run.progress" else "StudyEvent")
        self.resume(study, submitted)
        self.assertEqual(stream.id, [event["id"] for event in seen if event["id"]][-1])

    def resume(self, study, submitted):
        """Whoever was away gets what she missed, also of a node that was killed meanwhile."""
        expected = ["run.started", "run.finished"]
        for killed in (False, True):
            if killed:
                self.nodes.kill("hub")
                self.nodes.start("hub")
            again = EventStream(self.caller, "ana", "hub", f"/v1/events?study={study}", last_event_id=submitted["id"])
            self.assertEqual([event["event"] for event in again.until("run.finished")], expected)
            state = again.until("run.progress")[-1]["data"]
            self.assertEqual((state["study"], state["state"]), (study, "done"))
            again.close()
        other = EventStream(self.caller, "ana", "hub", f"/v1/events?study={'0' * 64}", last_event_id="0", timeout=1)
        with self.assertRaises(TimeoutError):
            other.next()
        other.close()

    def test_heartbeats(self):
        stream = EventStream(self.caller, "ana", "hub", timeout=8)
        self.addCleanup(stream.close)
        begun = time.monotonic()
        self.assertEqual(stream.take_until(b"\n\n"), b": still here")
        self.assertGreater(time.monotonic() - begun, 3)


if __name__ == "__main__":
    unittest.main()
