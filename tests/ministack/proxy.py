"""Stands before a service: slows a request down, or holds it before or after it is served."""

import http.client
import threading
import time
import urllib.parse
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target, delay=0, moment=None, only=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = urllib.parse.urlsplit(target)
        self.delay, self.moment, self.only = delay, moment, only
        self.requests = 0
        # Set once a request is held, or on its way.
        self.asked = threading.Event()
        self._open = threading.Event()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def let_go(self):
        """Whatever is held is over, and what comes now is served at once."""
        self._open.set()

    def hold(self):
        self.asked.set()
        self._open.wait(30)

    def is_open(self):
        return self._open.is_set()

    def handle_error(self, *_):
        """Whoever asked was killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        proxy = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        concerned = proxy.only is None or proxy.only in self.headers.get("X-Amz-Target", "")
        held = concerned and proxy.moment is not None and not proxy.is_open()
        proxy.requests += concerned
        if held and proxy.moment == "before":
            proxy.hold()
            self.close_connection = True
            return  # it never arrives
        if concerned and proxy.delay:
            proxy.asked.set()
            time.sleep(proxy.delay)
        connection = http.client.HTTPConnection(proxy.target.hostname, proxy.target.port, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        connection.request("POST", self.path, body, headers)
        answer = connection.getresponse()
        told = answer.read()
        connection.close()
        if held:
            proxy.hold()
            self.close_connection = True
            return  # it is never heard of
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_):
        pass


@contextmanager
def _running(proxy):
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.let_go()
        proxy.shutdown()
        proxy.server_close()
        thread.join()


def slow(target, seconds):
    """Each request arrives so many seconds late, whether or not anybody waits for its answer."""
    return _running(Proxy(target, delay=seconds))


def holding(target, moment, only=None):
    """Requests are held `before` they are served, and then lost, or `after`; of an operation, if `only` names one."""
    return _running(Proxy(target, moment=moment, only=only))
