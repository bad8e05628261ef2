"""What an attacker has who took some of a consortium's keys: the wire, and signatures of her own making.

Nothing here comes from the product: canonical JSON and TLS are Python's, signatures are made by the `openssl` command.
"""

import copy
import hashlib
import json
import os
import socket
import ssl
import subprocess
import tempfile
import threading

from harness import must


def canonical(value):
    """RFC 8785, for values whose numbers are whole and whose names are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value):
    return hashlib.sha256(canonical(value).encode()).hexdigest()


class Attacker:
    def __init__(self, nodes):
        self.nodes, self.folder = nodes, nodes.folder

    def openssl(self, *arguments):
        return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True).stdout

    def signature(self, by, domain, statement, key=None):
        """Made with the key of `by`, or with another one that claims to be."""
        key = self.folder / (key or by)
        opens = ["-passin", f"file:{key}.credential"]
        with tempfile.NamedTemporaryFile() as message:
            message.write(f"cohortium signature 1\n{domain}\n{canonical(statement)}".encode())
            message.flush()
            made = self.openssl("pkeyutl", "-sign", "-rawin", "-inkey", f"{key}.key", *opens, "-in", message.name)
        public = self.openssl("pkey", "-in", f"{key}.key", *opens, "-pubout", "-outform", "DER")
        return {"by": by, "key": public.hex(), "signature": made.hex()}

    def envelope(self, study, analyst="ana", expires="2999-01-01T00:00:00.000Z", key=None):
        founding = json.loads((self.folder / "consortium.toml.signatures").read_text())["versions"][0]["text"]
        statement = {"analyst": analyst, "consortium": hashlib.sha256(founding.encode()).hexdigest(),
                     "expires": expires, "signed": "2026-01-01T00:00:00.000Z", "study": digest(study)}
        return {"cohortium_envelope": 1, "study": study, "statement": statement,
                "signature": self.signature(analyst, "study", statement, key)}

    def decision(self, envelope, site, by=None, key=None, decision="approve", time="2026-01-01T00:00:00.000Z"):
        by = by or f"approver-{site}"
        statement = {"consortium": hashlib.sha256((self.folder / "consortium.toml").read_bytes()).hexdigest(),
                     "decision": decision, "envelope": digest(envelope["statement"]), "site": site,
                     "study": envelope["statement"]["study"], "time": time}
        return {"statement": statement, "signature": self.signature(by, "decision", statement, key)}

    def approvals(self, envelope):
        return {site: [self.decision(envelope, site)] for site in envelope["study"]["sites"]}

    def order(self, envelope, decisions):
        text = (self.folder / "consortium.toml").read_bytes()
        return {"run": os.urandom(16).hex(), "consortium": hashlib.sha256(text).hexdigest(), "consortium_version": 1,
                "envelope": envelope, "decisions": decisions}

    def context(self, whom, side=ssl.PROTOCOL_TLS_CLIENT):
        context = ssl.SSLContext(side)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(self.folder / f"{whom}.crt", self.folder / f"{whom}.key",
                                (self.folder / f"{whom}.credential").read_text().strip())
        context.set_alpn_protocols(["http/1.1"])
        return context

    def request(self, whom, node, method, path, body=None):
        """The answer of a node to a request under somebody's key."""
        text = b"" if body is None else body.encode() if isinstance(body, str) else canonical(body).encode()
        key = f"Idempotency-Key: {os.urandom(16).hex()}\r\n" if method == "POST" else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {node}\r\n{key}Content-Length: {len(text)}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.nodes.ports[node]), timeout=20) as plain:
            with self.context(whom).wrap_socket(plain) as stream:
                stream.sendall(head + text)
                answer = b""
                while block := stream.recv(65536):
                    answer += block
        return json.loads(answer.split(b"\r\n\r\n", 1)[1])

    def code(self, *request):
        """The code of the error that a request ends with, and whom its text names."""
        error = self.request(*request).get("error", {})
        return error.get("code"), " ".join(map(str, error.values()))

    def serve(self, whom, answer):
        """In the place of a node that is down: every request gets this answer. Returns a function that ends it."""
        listener = socket.create_server(("127.0.0.1", self.nodes.ports[whom]))
        context = self.context(whom, ssl.PROTOCOL_TLS_SERVER)
        text = canonical(answer).encode()

        def loop():
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(plain, server_side=True) as stream:
                        asked = b""
                        while b"\r\n\r\n" not in asked:
                            asked += stream.recv(65536)
                        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                                       b"Content-Length: %d\r\n\r\n" % len(text) + text)
                        stream.unwrap()
                except OSError:
                    pass  # a caller that hung up

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()

        def stop():
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(5)

        return stop


def change(value, *path, to):
    """A deep copy with one place changed."""
    changed = copy.deepcopy(value)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return changed


def put_in_place(nodes, file, *names):
    """Installs another consortium file with its signatures and restarts nodes, all unless named."""
    for suffix in ("", ".signatures"):
        (nodes.folder / f"consortium.toml{suffix}").write_bytes((nodes.folder / f"{file}{suffix}").read_bytes())
    for name in names or nodes.members:
        if name in nodes.nodes:
            must_stop(nodes, name)
    nodes.start(*(names or nodes.members))


def must_stop(nodes, name):
    if nodes.stop(name) != 0:
        raise AssertionError(f"{name} did not stop in order:\n{nodes.log(name)}")


def must_run(nodes, study_hash):
    must(nodes.study_command("run", study_hash))
