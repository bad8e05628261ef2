"""Real `cohortium` commands and real nodes, driven from tests. Standard library only.

COHORTIUM_BINARY names the command.
Every process gets a session of its own and is killed with it, so that no test leaves anything running.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("COHORTIUM_BINARY", str(REPOSITORY / "build/release/cohortium"))


class Done:
    """What a command left behind: exit status, both outputs, seconds."""

    def __init__(self, status, out, err, seconds):
        self.status, self.out, self.err, self.seconds = status, out, err, seconds

    @property
    def code(self):
        """The stable code that opens the error text: `data.missing_value: ...`."""
        return self.err.split(":", 1)[0].strip()

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit {self.status} after {self.seconds:.1f} s\n--- out\n{self.out}--- err\n{self.err}"


class Process:
    """A command in the background."""

    def __init__(self, *arguments, log=None):
        output = open(log, "ab") if log else subprocess.PIPE
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            [BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT if log else subprocess.PIPE, start_new_session=True)
        if log:
            output.close()

    def signal(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def wait(self, timeout=60):
        try:
            out, err = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        seconds = time.monotonic() - self._started
        return Done(self.process.returncode, (out or b"").decode(), (err or b"").decode(), seconds)

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream and not stream.closed:
                stream.close()


def cohortium(*arguments, timeout=60):
    return Process(*arguments).wait(timeout)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def wait_until(condition, timeout, what):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout} s")
        time.sleep(0.02)


class Consortium:
    """Nodes as their operators would set them up: keys, one consortium file, one node.toml each.

    `members` maps a name to its roles, any of "site" and "compute"; the first member coordinates. Sites read the folder
    `records[name]`. Every site has an approver `approver-NAME`; the analyst is `ana`. `more_people` maps further names to
    what `--person` says behind the certificate: "auditor", "approver,north". `rules` is TOML that goes into the file before
    the members sign it.
    """

    def __init__(self, folder, members, records, minimum_cell=11, exact_curves=False, more_people=None, approvals=1,
                 rules=""):
        self.folder, self.members, self.records = Path(folder), members, records
        self.ports = dict(zip(members, free_ports(len(members))))
        self.file = self.folder / "consortium.toml"
        self.nodes = {}
        self.sites = [name for name, roles in members.items() if "site" in roles]
        self.people = {"ana": "analyst", **{f"approver-{site}": f"approver,{site}" for site in self.sites},
                       **(more_people or {})}
        for name in [*members, *self.people]:
            self.create_key(name)
        options = ["--exact-curves"] if exact_curves else []
        for name, roles in members.items():
            asks = [f"approvals={approvals}"] if name in self.sites and approvals != 1 else []
            options += ["--member",
                        ",".join([f"{name}=127.0.0.1:{self.ports[name]}", self.certificate(name), *roles, *asks])]
        for name, role in self.people.items():
            options += ["--person", f"{name}={self.certificate(name)},{role}"]
        must(cohortium("consortium", "create", "--name", "test", "--minimum-cell", minimum_cell, "--out", self.file,
                       *options))
        self.file.write_text(self.file.read_text().replace("[[member]]", rules + "\n[[member]]", 1))
        self.sign(*members)
        for name in members:
            self.configure(name)

    def create_key(self, name, folder=None):
        folder = Path(folder or self.folder)
        folder.mkdir(exist_ok=True)
        must(cohortium("keys", "create", name, "--out", folder, "--new-credential", folder / f"{name}.credential"))

    def sign(self, *members, file=None):
        """Members sign the consortium file with their nodes' keys."""
        for name in members:
            must(cohortium("consortium", "sign", file or self.file, "--as", self.folder / name, "--credential",
                           self.folder / f"{name}.credential"))

    def certificate(self, name):
        return str(self.folder / f"{name}.crt")

    def configure(self, name, key=None):
        """Writes NAME.toml; `key` is the identity the node shows, its own unless told otherwise."""
        key = key or name
        lines = {"name": name, "consortium": "consortium.toml", "certificate": f"{key}.crt", "key": f"{key}.key",
                 "credential": f"{key}.credential",
                 "listen": f"127.0.0.1:{self.ports[name]}", "state": f"state-{name}"}
        if name in self.records:
            lines["data"] = str(self.records[name])
        text = "".join(f"{setting} = {json.dumps(value)}\n" for setting, value in lines.items())
        (self.folder / f"{name}.toml").write_text(text)

    def start(self, *names):
        before = {name: len(self.log(name)) for name in names or self.members}
        for name in before:
            self.nodes[name] = Process("node", "--config", self.folder / f"{name}.toml", log=self.log_path(name))
        for name, heard in before.items():
            node = self.nodes[name].process
            wait_until(lambda: "listens on port" in self.log(name)[heard:] or node.poll() is not None, 20,
                       f"{name} starts")
            if node.poll() is not None:
                raise AssertionError(f"{name} did not start:\n{self.log(name)}")

    def stop(self, name):
        """As an operator stops it; returns its exit status."""
        self.nodes[name].signal(signal.SIGTERM)
        return self.nodes.pop(name).wait(20).status

    def kill(self, name):
        self.nodes.pop(name).kill()

    def close(self):
        for node in self.nodes.values():
            node.signal(signal.SIGCONT)
            node.kill()

    def log_path(self, name):
        return self.folder / f"{name}.log"

    def log(self, name):
        return self.log_path(name).read_text() if self.log_path(name).exists() else ""

    def audit_path(self, name):
        """The folder of the node's audit log."""
        return self.folder / f"state-{name}" / "audit"

    def audit(self, name):
        return [json.loads(line) for line in (self.audit_path(name) / "entries.jsonl").read_text().splitlines()]

    def verify_audit(self, *names, heads=()):
        """`cohortium audit verify` of these nodes' logs, by default of all."""
        folders = [self.audit_path(name) for name in names or self.members]
        options = [part for path in heads for part in ("--heads", path)]
        return cohortium("audit", "verify", *folders, "--consortium", self.file, *options)

    def study_command(self, action, *arguments, as_whom="ana", timeout=90):
        return self.start_study_command(action, *arguments, as_whom=as_whom).wait(timeout)

    def start_study_command(self, action, *arguments, as_whom="ana"):
        return Process("study", action, *arguments, "--consortium", self.file, "--as", self.folder / as_whom,
                       "--credential", self.folder / f"{as_whom}.credential")

    def submit(self, study):
        path = self.folder / "study.json"
        path.write_text(json.dumps(study))
        return must(self.study_command("submit", path)).out.strip()

    def approve(self, study_hash, *sites):
        for site in sites or self.sites:
            must(self.study_command("approve", study_hash, "--node", site, as_whom=f"approver-{site}"))

    def result(self, study_hash):
        out = self.folder / "out"
        must(self.study_command("result", study_hash, "--out", out))
        return json.loads((out / "result.json").read_text())


def must(done):
    if done.status != 0:
        raise AssertionError(str(done))
    return done


class FolderTest(unittest.TestCase):
    """A test with a folder of its own, `self.folder`, gone afterwards."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="cohortium-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def consortium(self, *arguments, **options):
        consortium = Consortium(self.folder, *arguments, **options)
        self.addCleanup(consortium.close)
        return consortium

    def assertFails(self, done, code, *mentions):
        self.assertEqual(done.status, 1, done)
        self.assertEqual(done.code, code, done)
        for mention in mentions:
            self.assertIn(mention, done.err)
