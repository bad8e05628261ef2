"""Whoever is not in the consortium file is nobody, and nothing that reaches a port stops a node."""

import os
import socket
import ssl
import threading
import unittest

from harness import FolderTest, Process, must
from studies import MEMBERS, synthesise, trial


class NetworkTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.nodes = self.consortium(MEMBERS, synthesise(self.folder / "records", 60))

    def check_a_study_runs(self, title):
        study_hash = self.nodes.submit(trial(title=title))
        self.nodes.approve(study_hash)
        must(self.nodes.study_command("run", study_hash))

    def test_an_analyst_with_an_unknown_key(self):
        self.nodes.start()
        strangers = self.folder / "strangers"
        self.nodes.create_key("ana", strangers)  # the right name, another key
        refused = self.nodes.study_command("status", as_whom="strangers/ana")
        self.assertFails(refused, "net.wrong_certificate", "hub")
        self.assertEqual(len(self.nodes.audit("hub")), 1)

    def test_a_node_whose_key_is_not_the_pinned_one(self):
        self.nodes.start("hub", "north", "south", "east")
        study_hash = self.nodes.submit(trial())
        self.nodes.approve(study_hash)
        stop = self.answer_as("west")
        self.assertFails(self.nodes.study_command("run", study_hash), "net.wrong_certificate", "west")
        stop()
        self.nodes.start("west")
        must(self.nodes.study_command("run", study_hash))

    def test_a_coordinator_whose_key_is_not_the_pinned_one(self):
        stop = self.answer_as("hub")
        self.assertFails(self.nodes.study_command("status"), "net.wrong_certificate", "hub")
        stop()

    def test_a_node_refuses_a_key_that_is_not_its_own(self):
        self.nodes.create_key("impostor")
        self.nodes.configure("west", key="impostor")
        node = Process("node", "--config", self.folder / "west.toml")
        self.addCleanup(node.kill)
        self.assertFails(node.wait(20), "node.other_key", "west")

    def answer_as(self, name):
        """Somebody with a key of her own on a node's port; returns a function that ends it."""
        self.nodes.create_key("impostor")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "impostor.crt", self.folder / "impostor.key",
                                (self.folder / "impostor.credential").read_text().strip())
        context.set_alpn_protocols(["http/1.1", "cohortium-channel/1"])
        listener = socket.create_server(("127.0.0.1", self.nodes.ports[name]))

        def shake_hands():
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return  # stopped
                try:
                    context.wrap_socket(plain, server_side=True).close()
                except OSError:
                    plain.close()  # the caller has seen the key and hung up

        thread = threading.Thread(target=shake_hands, daemon=True)
        thread.start()

        def stop():
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(5)

        self.addCleanup(listener.close)
        return stop

    def test_garbage_on_the_port(self):
        self.nodes.start()
        for name, port in self.nodes.ports.items():
            for garbage in (b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00" * 70000, os.urandom(5000),
                            b"\x16\x03\x01\x40\x00\x01" + os.urandom(500)):
                with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                    try:
                        connection.sendall(garbage)
                    except ConnectionError:
                        pass  # the node has had enough
            self.assertIsNone(self.nodes.nodes[name].process.poll(), f"{name} is gone")
        self.check_a_study_runs("After garbage")

    def test_silent_connections_do_not_lock_others_out(self):
        self.nodes.start()
        silent = [socket.create_connection(("127.0.0.1", self.nodes.ports["hub"]), timeout=5) for _ in range(40)]
        try:
            self.check_a_study_runs("Beside silence")
        finally:
            for connection in silent:
                connection.close()

    def test_tls_without_a_certificate(self):
        self.nodes.start()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for protocols in (["http/1.1"], ["cohortium-channel/1"], []):
            if protocols:
                context.set_alpn_protocols(protocols)
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                with socket.create_connection(("127.0.0.1", self.nodes.ports["hub"]), timeout=5) as plain:
                    with context.wrap_socket(plain) as stream:
                        stream.sendall(b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
                        if stream.recv(100) == b"":
                            raise ConnectionError("closed without an answer")
        self.check_a_study_runs("After strangers")

    def test_garbage_from_a_member(self):
        """Requests over a member's own TLS connection that no honest program sends."""
        self.nodes.start()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(self.folder / "ana.crt", self.folder / "ana.key",
                                (self.folder / "ana.credential").read_text().strip())
        context.set_alpn_protocols(["http/1.1"])
        post = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
        for request in (b"\x00" * 500 + b"\r\n\r\n", b"GET /v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
                        b"GET /v1/studies/%2e%2e/file HTTP/1.1\r\nHost: x\r\n\r\n", post % (b"/v1/runs", 2, b"{}"),
                        post % (b"/v1/studies", 5, b"[[[[["), post % (b"/v1/studies", 300 << 20, b"short"),
                        b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.nodes.ports["hub"]), timeout=5) as plain:
                try:
                    with context.wrap_socket(plain) as stream:
                        stream.sendall(request)
                        stream.settimeout(1)
                        self.assertNotIn(b"200 OK", stream.recv(1000))
                except (ssl.SSLError, ConnectionError, TimeoutError):
                    pass
        self.check_a_study_runs("After a hostile member")


if __name__ == "__main__":
    unittest.main()
