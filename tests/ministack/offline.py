"""The built function against a Runtime API of our own, which sees every byte (ministack prints JSON anew)."""

import json
import os
import subprocess
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stack import FOLDER, settings

BINARY = os.environ["LAMBDA_BINARY"]

# What Cognito may send and a parser that builds values would change: white space, order, doubled and unknown members,
# numbers no double holds, an escape that is half a pair, escaped letters.
EVENT = (
    b'{ "version" : "1","unknown":{"b":1,"a":2,"a":3},\t"big":123456789012345678901234567890,"huge":1e400,'
    b'"half":"\\ud800","esc":"\\u0041\\/","triggerSource":"DefineAuthChallenge_Authentication",'
    b'"region":"us-east-1","userPoolId":"us-east-1_Example","userName":"u-1",'
    b'"callerContext":{"awsSdkVersion":"3","clientId":"client-1"},'
    b'"request":{"userAttributes":{"sub":"u-1"},"session":[],"extra":[ 1 , 2 ]},'
    b'"response":{"challengeName":null,"issueTokens":null,"failAuthentication":null} ,"tail":null }\n'
)


class RuntimeApi(ThreadingHTTPServer):
    """Gives out events one after another, keeps what comes back, then lets the function wait."""

    daemon_threads = True

    def __init__(self, events):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events, self.outcomes, self.done = list(events), [], threading.Event()
        self.asked = len(self.events)

    def handle_error(self, *_):
        """The function is killed while it waits for its next event."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if not self.server.events:
            self.server.done.wait(10)
            self.close_connection = True
            return
        event = self.server.events.pop(0)
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "1")
        self.send_header("Lambda-Runtime-Deadline-Ms", "9999999999999")
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:0:function:f")
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.outcomes.append((self.path.rsplit("/", 1)[-1], body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        # Not "no event is left": the function has fetched its last one before this thread comes here.
        if len(self.server.outcomes) == self.server.asked:
            self.server.done.set()

    def log_message(self, *_):
        pass


def answer_to(event):
    """What the function answers: ("response" or "error", the bytes)."""
    [answer] = answers_to([event], BINARY)
    return answer


def answers_to(events, binary):
    """What one process of this function answers to each."""
    api = RuntimeApi(events)
    threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    function = subprocess.Popen(
        [binary],
        env=settings(FOLDER / "offline.jsonl")
        | {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert api.done.wait(10), "the function did not answer"
        return api.outcomes
    finally:
        function.kill()
        function.wait()
        api.shutdown()
        api.server_close()


def the_event_goes_back_as_it_came(_pool):
    kind, answer = answer_to(EVENT)
    assert kind == "response", answer
    before, after = EVENT.strip().split(b'"response":', 1)
    assert answer.startswith(before + b'"response":'), answer
    tail = b' ,"tail":null }'
    assert after.endswith(tail) and answer.strip().endswith(tail), answer
    written = json.loads(answer[len(before) + len(b'"response":') : -len(tail)].decode())
    assert written["challengeName"] == "CUSTOM_CHALLENGE", written
    assert not written["issueTokens"] and not written["failAuthentication"], written


def a_trigger_it_does_not_know_is_handed_back_whole(_pool):
    event = b'{"triggerSource":"TokenGeneration_HostedAuth", "userName":"+15550100997", "response":{"claims":null}}'
    assert answer_to(event) == ("response", event)


def an_error_says_nothing_of_the_person(_pool):
    """Cognito repeats the text of a function's error to the client (UserLambdaValidationException)."""
    for event in (
        EVENT.replace(b'"unknown":', b'"userName":"+15550100997","unknown":'),  # given twice: two readers would disagree
        b'"+15550100997"',
    ):
        kind, answer = answer_to(event)
        assert kind == "error", answer
        assert "15550100997" not in answer.decode() and "u-1" not in answer.decode(), answer


def all_mistakes_in_the_settings_are_told_at_once(_pool):
    secret = "bm90IGEga2V5"
    outcome = subprocess.run(
        [BINARY],
        env={
            "CUSTOM_AUTH_KEYS": f"k1:{secret}",
            "CUSTOM_AUTH_POLICY": '{"no_such_setting":1}',
            "CUSTOM_AUTH_SMS": f"pigeon:{secret}",
        },
        capture_output=True,
        text=True,
        timeout=10,
    )
    said = outcome.stdout + outcome.stderr
    assert outcome.returncode != 0, said
    for name in ("CUSTOM_AUTH_KEYS", "CUSTOM_AUTH_POLICY", "CUSTOM_AUTH_SMS", "CUSTOM_AUTH_LEDGER"):
        assert any(name in line for line in said.splitlines()), f"{name} is not named in:\n{said}"
    assert secret not in said, said


def _asks(body, path="/", method="POST", base64=False):
    http = {"method": method, "sourceIp": "2001:db8::1"}
    event = {"version": "2.0", "rawPath": path, "requestContext": {"http": http}, "isBase64Encoded": base64}
    return json.dumps(event if body is None else event | {"body": body}).encode()


def a_client_asks_before_it_signs_a_number_up(_pool):
    """`examples/before_sign_up.rs`, behind a function URL."""
    ana = json.dumps({"phone": "+919999900001"})
    questions = [
        (_asks(ana), 200, {"next": "sign_up"}),
        (_asks(ana, "/prepare"), 200, {"next": "enter_code"}),
        (_asks(ana), 200, {"next": "sign_in"}),
        (_asks(b64encode(ana.encode()).decode(), "/prepare", base64=True), 200, {"next": "enter_code"}),
        (_asks(ana, "/prepare"), 200, {"next": "enter_code"}),
        (_asks(ana, "/prepare"), 429, {"error": "too_many"}),  # five a day
        (_asks(ana), 429, {"error": "too_many"}),
        (_asks('{"phone":"15550100123"}'), 400, {"error": "phone"}),
        (_asks("not json"), 400, {"error": "phone"}),
        (_asks(None), 400, {"error": "phone"}),
        (_asks('{"userName":"u-1","code":"482913"}', "/confirm"), 400, {"error": "code"}),  # nobody signed up so
        (_asks('{"userName":"u-1"}', "/confirm"), 400, {"error": "code"}),
        (_asks(ana, "/confirm"), 400, {"error": "code"}),
        (_asks("[]", "/confirm"), 400, {"error": "code"}),
        (_asks(None, "/confirm"), 400, {"error": "code"}),
        (_asks(ana, "/confirm", method="GET"), 405, {"error": "method"}),
        (_asks(ana, "/other"), 404, {"error": "path"}),
        (_asks(ana, method="GET"), 405, {"error": "method"}),
    ]
    binary = Path(BINARY).with_name("before_sign_up")
    answers = answers_to([event for event, _, _ in questions], binary)
    assert len(answers) == len(questions), answers
    for (event, status, body), (kind, answer) in zip(questions, answers):
        answer = json.loads(answer)
        assert kind == "response", (event, answer)
        assert (answer["statusCode"], json.loads(answer["body"])) == (status, body), (event, answer)


JOURNEYS = [
    a_client_asks_before_it_signs_a_number_up,
    the_event_goes_back_as_it_came,
    a_trigger_it_does_not_know_is_handed_back_whole,
    an_error_says_nothing_of_the_person,
    all_mistakes_in_the_settings_are_told_at_once,
]
