"""Hostile and unlucky callers of the control plane: requests repeated across kill -9, floods, slow and malformed requests.

Seeded and bounded; COHORTIUM_CRASH_SEED and COHORTIUM_CRASH_ROUNDS change both for longer hunts.
"""

import os
import random
import signal
import socket
import ssl
import threading
import time
import unittest

from attacker import Attacker
from harness import FolderTest, must, wait_until
from http_caller import EventStream, HttpCaller, new_key
from studies import MEMBERS, SITES, synthesise, trial

SEED = int(os.environ.get("COHORTIUM_CRASH_SEED", "1"))
ROUNDS = int(os.environ.get("COHORTIUM_CRASH_ROUNDS", "4"))


class ApiAdversaryTest(FolderTest):
    limits = ""

    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 30))
        for name in MEMBERS:
            config = self.folder / f"{name}.toml"
            config.write_text(config.read_text() + self.limits)
        self.nodes.start()
        self.caller = HttpCaller(self.nodes)

    def check_a_study_runs(self, title="Still at work"):
        study = self.nodes.submit(trial(title=title))
        self.nodes.approve(study)
        must(self.nodes.study_command("run", study))

    def refused(self, count_of="hub"):
        return [entry["detail"] for entry in self.nodes.audit(count_of) if entry["event"] == "request.refused"]


class RepetitionTest(ApiAdversaryTest):
    """The answer may be lost, the node may be killed: the same key does it once, and says the same ever after."""

    def setUp(self):
        super().setUp()
        self.attacker, self.random = Attacker(self.nodes), random.Random(SEED)

    def insist(self, whom, node, path, body=None):
        """Asks, kills the node somewhere in the middle, and asks again until there is an answer."""
        key, answers = new_key(), []
        for killed in (True, True, False):
            thread = threading.Thread(target=lambda: answers.append(self.try_once(whom, node, path, body, key)))
            thread.start()
            if killed:
                time.sleep(self.random.uniform(0, 0.06))
                self.nodes.kill(node)
            thread.join(30)
            if killed:
                self.nodes.start(node)
        answers.append(self.try_once(whom, node, path, body, key))
        given = [answer for answer in answers if answer is not None]
        self.assertGreaterEqual(len(given), 2)
        for answer in given:
            self.assertEqual(answer.status, 200, answer.text)
            # A version counts what has been told of a run since; a run has one name.
            self.assertEqual(answer.json.get("run"), given[0].json.get("run"))
            self.assertEqual(answer.json["hash"] if "hash" in answer.json else "", given[0].json.get("hash", ""))
        self.assertEqual(given[-1].text, given[-2].text)
        if body:
            other = self.caller.request(whom, node, "POST", path, {"another": "request"}, key)
            self.assertEqual((other.status, other.code), (409, "node.key_reused"))
        return given[-1].json

    def try_once(self, whom, node, path, body, key):
        try:
            return self.caller.request(whom, node, "POST", path, body, key)
        except OSError:
            return None

    def events(self, node, study):
        return [entry["event"] for entry in self.nodes.audit(node) if entry["study"] == study]

    def test_every_step_across_kills(self):
        for number in range(ROUNDS):
            envelope = self.attacker.envelope(trial(title=f"Study {number}"))
            study = self.insist("ana", "hub", "/v1/studies", envelope)["hash"]
            for site in SITES:
                decision = self.attacker.decision(envelope, site)
                answer = self.insist(f"approver-{site}", site, f"/v1/studies/{study}/decide", decision)
                self.assertEqual((answer["given"], answer["needed"]), (1, 1))
                kept = self.attacker.request("hub", site, "GET", f"/v1/studies/{study}/approval")
                self.assertEqual(len(kept["decisions"]), 1, "one approval, however often it was sent")
            self.run_across_kills(study)
        must(self.nodes.verify_audit())
        listed = self.nodes.study_command("status", "--json").json()["studies"]
        self.assertEqual(len(listed), ROUNDS)

    def run_across_kills(self, study):
        run = self.insist("ana", "hub", f"/v1/studies/{study}/run")["run"]
        status = lambda: self.nodes.study_command("status", study, "--json").json()  # noqa: E731
        wait_until(lambda: status()["state"] != "running", 30, "the run ends")
        started = [entry["detail"]["run"] for entry in self.nodes.audit("hub")
                   if entry["study"] == study and entry["event"] == "run.started"]
        self.assertIn(started, ([run], []), "one run, or none where the node was killed before it had begun")
        joined = [entry["detail"]["run"] for entry in self.nodes.audit("west")
                  if entry["study"] == study and entry["event"] == "run.joined"]
        self.assertEqual(sorted(joined), sorted(set(joined)), "no node takes part in a run twice")
        if status()["state"] == "failed":
            self.assertFails(self.nodes.study_command("result", study, "--out", self.folder / "none"),
                             "node.no_result")
            must(self.nodes.study_command("run", study))

    def test_the_command_repeats_by_itself(self):
        """A coordinator that is killed while it asks for approvals, and comes back: the command does not notice."""
        study = self.nodes.submit(trial())
        self.nodes.approve(study)
        east = self.nodes.nodes["east"]
        east.signal(signal.SIGSTOP)
        command = self.nodes.start_study_command("run", study)
        self.addCleanup(command.kill)
        time.sleep(1.5)
        self.assertIsNone(command.process.poll())
        self.nodes.kill("hub")
        self.nodes.start("hub")
        east.signal(signal.SIGCONT)
        must(command.wait(40))
        self.assertEqual(self.events("hub", study), ["study.submitted", "run.started", "run.finished"])


class MalformedTest(ApiAdversaryTest):
    def send(self, message, whom="ana", node="hub"):
        return self.caller.raw(whom, node, message)

    def test_requests_that_no_program_sends(self):
        post = b"POST /v1/studies HTTP/1.1\r\nIdempotency-Key: 0123456789\r\n"
        for what, message, status in (
                ("chunks with a broken trailer",
                 post + b"Transfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\x00\r\n\r\n", 400),
                ("chunks and a length", post + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
                ("two lengths", post + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
                ("a length below zero", post + b"Content-Length: -2\r\n\r\n{}", 400),
                ("a large head", b"GET /v1/status HTTP/1.1\r\nX: " + b"a" * 20000 + b"\r\n\r\n", 400),
                ("a large path", b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n", 400),
                ("many fields", b"GET /v1/status HTTP/1.1\r\n" + b"a: b\r\n" * 500 + b"\r\n", 400),
                ("zero bytes", b"\0" * 100 + b"\r\n\r\n", 400),
                ("HTTP/1.0", b"GET /v1/status HTTP/1.0\r\n\r\n", 400),
                ("an upgrade", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
                ("a large body", post + b"Content-Length: 314572800\r\n\r\nshort", 413),
                ("a body where there is none", b"GET /v1/status HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", 413),
                ("a deep body", post + b"Content-Length: 2000000\r\n\r\n" + b"[" * 2_000_000, 400),
                ("no key", b"POST /v1/studies HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 400),
                ("a key that is a path", self.caller.message("POST", "/v1/studies", {}, idempotency_key="../../../x"), 400),
                ("a path with dots", b"GET /v1/../v1/status HTTP/1.1\r\n\r\n", 404),
                ("a study with dots", b"GET /v1/studies/%2e%2e/file HTTP/1.1\r\n\r\n", 404),
                ("two at once", b"GET /v1/status HTTP/1.1\r\n\r\n" * 2, 200)):
            with self.subTest(what):
                answer = self.send(message)
                self.assertEqual(answer.status, status, answer.text)
                self.assertEqual(answer.text.count(b'"name"'), status == 200, "one answer")
        self.half_a_request()
        deep = self.caller.request("hub", "west", "POST", "/v1/runs",
                                   b'{"run":"' + b"0" * 32 + b'","envelope":' + b"[" * 1_000_000)
        self.assertEqual((deep.status, deep.code), (400, "node.bad_body"))
        for name in MEMBERS:
            self.assertIsNone(self.nodes.nodes[name].process.poll(), f"{name} is gone")
        self.check_a_study_runs()

    def half_a_request(self):
        """A caller that stops in the middle and shuts her side: no answer, and no thread is left with her."""
        with self.caller.connect("ana", "hub") as stream:
            stream.sendall(b"GET /v1/statu")
            stream.shutdown(socket.SHUT_WR)
            try:
                while stream.recv(100):
                    pass
            except ConnectionError:
                pass

    def test_forged_event_ids(self):
        for forged in ("-1", "1000000", "18446744073709551616", "0x1", "1 2", "one", "1.5", "%31"):
            with self.subTest(forged):
                answer = self.caller.request("ana", "hub", "GET", "/v1/events", last_event_id=forged)
                self.assertEqual((answer.status, answer.code), (400, "node.bad_event_id"))
        everything = EventStream(self.caller, "ana", "hub", last_event_id="0", timeout=2)
        self.addCleanup(everything.close)
        with self.assertRaises(TimeoutError):  # the log has "node.started", which is nobody's business
            everything.next()

    def test_whoever_reads_nothing_stops_nobody(self):
        streams = [EventStream(self.caller, "ana", "hub", last_event_id="0") for _ in range(10)]
        for stream in streams:
            self.addCleanup(stream.close)
        self.check_a_study_runs()
        self.nodes.stop("hub")  # in order, with their threads


class LimitsTest(ApiAdversaryTest):
    limits = ("[limits]\nconnections = 40\nconnections_per_caller = 8\nrequests_per_minute = 60\n"
              "changes_per_minute = 30\nbody_mebibytes = 1\nrequest_seconds = 3\n")

    def test_floods(self):
        answers = [self.caller.request("ana", "hub", "GET", "/v1/status") for _ in range(100)]
        limited = [answer for answer in answers if answer.status == 429]
        self.assertGreaterEqual(len(limited), 30)
        self.assertEqual(answers[0].status, 200)
        for answer in limited:
            self.assertEqual(answer.code, "node.too_many_requests")
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
        self.assertEqual(self.caller.request("approver-north", "hub", "GET", "/v1/status").status, 200)
        wrong = [self.caller.request("approver-north", "north", "POST", f"/v1/studies/{'0' * 64}/decide", {})
                 for _ in range(50)]
        self.assertGreaterEqual(sum(answer.status == 429 for answer in wrong), 15)
        self.assertEqual(len(self.refused("hub")), 1, "one line at once, the others are counted")
        self.assertEqual(len(self.refused("north")), 2)
        self.nodes.stop("hub")
        times = [detail.get("times", 1) for detail in self.refused("hub")]
        self.assertEqual(sum(times), len(limited), "every refusal is counted")

    def test_the_command_waits_when_it_is_told_to(self):
        def drained():
            return self.caller.request("ana", "hub", "GET", "/v1/status").status == 429

        wait_until(drained, 20, "nothing is left of the minute")
        done = must(self.nodes.study_command("status"))
        self.assertRegex(done.err, r"ana asks too often of hub \(limits.*\); trying again in \d+ s")

    def test_limits_of_size_and_time_are_the_operators(self):
        self.assertEqual(self.caller.request("ana", "hub", "POST", "/v1/studies", {"much": "x" * (1 << 20)}).code,
                         "node.too_large")
        begun = time.monotonic()
        with self.caller.connect("ana", "hub") as stream:
            stream.send(b"G")
            stream.settimeout(20)
            try:
                self.assertIn(stream.recv(1), (b"",))
            except (ConnectionError, ssl.SSLError):
                pass
        self.assertTrue(2 < time.monotonic() - begun < 9, "three seconds, not ten")

    def test_slow_and_many(self):
        """A byte now and then holds a place for three seconds, and others' places not at all."""
        slow = [self.caller.connect("ana", "hub") for _ in range(8)]
        stop = threading.Event()

        def drip():
            while not stop.wait(0.5):
                for stream in slow:
                    try:
                        stream.send(b"G")
                    except (OSError, ssl.SSLError):
                        pass

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            time.sleep(0.3)
            answer = self.caller.request("ana", "hub", "GET", "/v1/status")
            self.assertEqual((answer.status, answer.code), (429, "node.too_many_connections"))
            self.assertEqual(self.caller.request("approver-north", "hub", "GET", "/v1/status").status, 200)
            wait_until(lambda: self.caller.request("ana", "hub", "GET", "/v1/status").status == 200, 15,
                       "the slow ones are given up")
        finally:
            stop.set()
            dripping.join()
            for stream in slow:
                stream.close()

    def test_strangers_take_no_places(self):
        silent = []
        try:
            for _ in range(120):
                silent.append(socket.create_connection(("127.0.0.1", self.nodes.ports["hub"]), timeout=5))
            self.check_a_study_runs()
        finally:
            for connection in silent:
                connection.close()


if __name__ == "__main__":
    unittest.main()
