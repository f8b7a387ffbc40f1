"""Small HTTP interfaces: so many connections and no more, and questions over a local socket."""

import http.server
import socketserver
import threading

import pytest

from xinlian.engines.connections import BoundedConnections, LocalConnection

PLACES = 2


class Handler(http.server.BaseHTTPRequestHandler):
    server: "Server"

    def do_GET(self):
        self.server.asked.release()
        if self.path == "/break":
            raise ValueError("a handler's fault")
        if self.path == "/wait":
            self.server.go_on.wait(30)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class Server(BoundedConnections, socketserver.UnixStreamServer):
    connections_max = PLACES

    def __init__(self, path):
        self.path = path
        self.go_on = threading.Event()
        self.asked = threading.Semaphore(0)
        super().__init__(str(path), Handler)

    def wait_for_every_place(self):
        for _ in range(PLACES):
            assert self._places.acquire(timeout=30)
        for _ in range(PLACES):
            self._places.release()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "s")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


def ask(server, path):
    connection = LocalConnection(server.path)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def test_who_finds_no_place_is_closed_and_who_comes_later_is_served(server):
    waiting = [threading.Thread(target=ask, args=(server, "/wait")) for _ in range(PLACES)]
    for each in waiting:
        each.start()
    for _ in waiting:
        assert server.asked.acquire(timeout=30)
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(server, "/")
    server.go_on.set()
    for each in waiting:
        each.join()
    server.wait_for_every_place()
    assert ask(server, "/") == b"ok"


def test_a_fault_of_a_handler_ends_its_connection_and_gives_its_place_back(server, capfd):
    for _ in range(3 * PLACES):
        server.wait_for_every_place()
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(server, "/break")
        assert server.asked.acquire(timeout=30)
    assert "Traceback" not in capfd.readouterr().err
