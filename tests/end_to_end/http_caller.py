"""Calls nodes by HTTP over mutual TLS under anybody's key, as a program other than ours would. Standard library only."""

import json
import os
import socket
import ssl


class Answer:
    def __init__(self, raw):
        head, self.text = raw.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("ascii").split("\r\n")
        self.status = int(first.split(" ")[1])
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def code(self):
        """Of the error; None where it is none."""
        return None if self.status == 200 else self.json["error"]["code"]


class HttpCaller:
    def __init__(self, nodes):
        self.nodes, self.contexts = nodes, {}

    def context(self, whom):
        if whom not in self.contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            key = self.nodes.folder / whom
            context.load_cert_chain(f"{key}.crt", f"{key}.key", (key.parent / f"{whom}.credential").read_text().strip())
            context.set_alpn_protocols(["http/1.1"])
            self.contexts[whom] = context
        return self.contexts[whom]

    def connect(self, whom, node, timeout=20):
        plain = socket.create_connection(("127.0.0.1", self.nodes.ports[node]), timeout=timeout)
        try:
            return self.context(whom).wrap_socket(plain)
        except BaseException:
            plain.close()
            raise

    @staticmethod
    def message(method, path, body=None, **headers):
        text = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"host": "node", "content-length": len(text), **{k.replace("_", "-"): v for k, v in headers.items()}}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + text

    def raw(self, whom, node, message, timeout=20):
        """The answer to these bytes; None where the node closes without one."""
        with self.connect(whom, node, timeout) as stream:
            answer = b""
            try:
                stream.sendall(message)
            except (ssl.SSLError, ConnectionError):
                pass  # it may have answered before it had read everything
            try:
                while block := stream.recv(65536):
                    answer += block
            except (ssl.SSLError, ConnectionError):
                pass
        return Answer(answer) if b"\r\n\r\n" in answer else None

    def request(self, whom, node, method, path, body=None, key=None, **headers):
        """With a new Idempotency-Key where one is needed; `key` names another, "" none."""
        if method == "POST" and key != "":
            headers["idempotency_key"] = key or new_key()
        return self.raw(whom, node, self.message(method, path, body, **headers))


def new_key():
    return os.urandom(16).hex()


class EventStream:
    """Server-sent events of a node, one by one: {"id", "event", "data"}."""

    def __init__(self, caller, whom, node, path="/v1/events", timeout=20, **headers):
        self.stream = caller.connect(whom, node, timeout)
        self.stream.sendall(caller.message("GET", path, **headers))
        self.text, self.id = b"", None
        self.head = self.take_until(b"\r\n\r\n")
        if b" 200 " in self.head.split(b"\r\n")[0]:
            self.take_until(b"\n\n")  # how long to wait before one resumes, and a comment

    def take_until(self, end):
        while end not in self.text:
            block = self.stream.recv(65536)
            if not block:
                raise EOFError("the node has ended the stream")
            self.text += block
        taken, self.text = self.text.split(end, 1)
        return taken

    def next(self):
        """The next event; comments are passed over."""
        while True:
            lines = [line for line in self.take_until(b"\n\n").decode().split("\n") if not line.startswith(":")]
            fields = dict(line.split(": ", 1) for line in lines if line)
            self.id = fields.get("id", self.id)
            if "event" in fields:
                return {"id": fields.get("id"), "event": fields["event"], "data": json.loads(fields["data"])}

    def until(self, *events):
        """All events up to the first of these names."""
        seen = []
        while not seen or seen[-1]["event"] not in events:
            seen.append(self.next())
        return seen

    def close(self):
        self.stream.close()
