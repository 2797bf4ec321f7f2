#!/usr/bin/env python3
"""The server killed in the middle of sign-ins, again and again: python tests/killed/run.py [SERVER_BINARY]

What was acknowledged is there afterwards: whoever signed in stays signed in, to the same account; a session that was answered is not
answered again; a sign-in that was revoked stays so; no number is texted beyond its limit. Needs nothing but Python 3.10 and the built server

    cargo build --release --example server --features server

KILLS says how often (default 25), SEED repeats a run. Ends with a line that counts.
"""

import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
SERVER = sys.argv[1] if len(sys.argv) > 1 else f"{TARGET}/release/examples/server"
KILLS = int(os.environ.get("KILLS", "25"))
SEED = int(os.environ.get("SEED", random.randrange(2**32)))
PEOPLE = 6
# The policy's limit of texts to one number in ten minutes.
MOST_TEXTS = 3
HAMMERED = "+15550100999"
# All numbers here begin alike, and are many.
POLICY = '{"sends_per_prefix_per_hour": 100000, "sends_per_day": 1000000, "send_window": 0.2}'
print(f"SEED={SEED}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, data):
        self.data, self.port = pathlib.Path(data), free_port()
        self.process = None

    def start(self):
        env = {**os.environ, "CUSTOM_AUTH_ADDR": f"127.0.0.1:{self.port}", "CUSTOM_AUTH_DATA": str(self.data), "CUSTOM_AUTH_POLICY": POLICY, "CUSTOM_AUTH_AUDIT": "off",
               "CUSTOM_AUTH_DOOR": '{"texts_per_hour": 100000}'}
        self.process = subprocess.Popen([SERVER], env=env, stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                self.ask("127.0.0.1", "Nothing", {})
                return
            except OSError:
                assert self.process.poll() is None, "the server did not start again"
                time.sleep(0.02)
        raise AssertionError("the server does not answer")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, source, operation, body):
        """Status and answer; OSError if there was none. Each source has a budget of requests of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10, source_address=(source, 0))
        try:
            target = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}
            connection.request("POST", "/", json.dumps(body), target)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def texts(self):
        path = self.data / "outbox.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def codes(self, phone):
        return [text["body"][:6] for text in self.texts() if text["to"] == phone]


def start(phone):
    return {"ClientId": "customauth", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": phone}, "ClientMetadata": {"action": "start"}}


def answer(session, phone, code):
    return {"ClientId": "customauth", "ChallengeName": "CUSTOM_CHALLENGE", "Session": session,
            "ChallengeResponses": {"USERNAME": phone, "ANSWER": code}}


def refresh(token):
    return {"ClientId": "customauth", "RefreshToken": token}


def user(server, source, tokens):
    status, told = server.ask(source, "GetUser", {"AccessToken": tokens["AccessToken"]})
    assert status == 200, told
    return told["Username"]


def live(server, person, round_, heard, randomness):
    """Signs in with one number after another until the server is gone, and notes what was acknowledged."""
    source, act = f"127.0.1.{person + 1}", 0
    try:
        while True:
            act += 1
            phone = f"+9199999000{person}{act % 10}" if randomness.random() < 0.3 else f"+1555010{round_:02}{person}{act % 10}"
            before = len(server.codes(phone))
            status, begun = server.ask(source, "InitiateAuth", start(phone))
            codes = server.codes(phone)
            # Too many texts for this number, or too many requests: the next one.
            if status != 200 or len(codes) == before:
                continue
            code = codes[-1]
            said = {"phone": phone, "session": begun["Session"], "code": code}
            status, told = server.ask(source, "RespondToAuthChallenge", answer(begun["Session"], phone, code))
            if "AuthenticationResult" in told:
                said["tokens"] = told["AuthenticationResult"]
                heard.append(said)
                if randomness.random() < 0.3:
                    # Until it is known to be revoked, nothing is known of it.
                    heard.remove(said)
                    status, _ = server.ask(source, "RevokeToken", {"ClientId": "customauth", "Token": said["tokens"]["RefreshToken"]})
                    if status == 200:
                        heard.append({**said, "revoked": True})
    except OSError:
        pass


def check(server, heard, accounts):
    source = "127.0.2.1"
    for place, said in enumerate(heard):
        source = f"127.0.{2 + place // 250}.{place % 250 + 1}"
        status, told = server.ask(source, "RespondToAuthChallenge", answer(said["session"], said["phone"], said["code"]))
        assert status == 400 and "only be used once" in told["message"], f"I2: answered again: {told}"
        status, told = server.ask(source, "GetTokensFromRefreshToken", refresh(said["tokens"]["RefreshToken"]))
        if said.get("revoked"):
            assert status == 400 and "revoked" in told["message"], f"revoked, and good again: {told}"
            continue
        assert status == 200, f"signed in, and out again: {told}"
        name = user(server, source, told["AuthenticationResult"])
        assert accounts.setdefault(said["phone"], name) == name, "I10: another account for one number"
    hammered = sum(text["to"] == HAMMERED for text in server.texts())
    assert hammered <= MOST_TEXTS, f"I4: {hammered} texts"


def main():
    randomness = random.Random(SEED)
    signed_in = 0
    accounts = {}
    with tempfile.TemporaryDirectory() as data:
        server = Server(data)
        server.start()
        try:
            for round_ in range(KILLS):
                heard = []
                people = [
                    threading.Thread(target=live, args=(server, person, round_, heard, random.Random(randomness.random())))
                    for person in range(PEOPLE)
                ]
                for person in people:
                    person.start()
                end = time.monotonic() + randomness.uniform(0.1, 2.0)
                while time.monotonic() < end:
                    server.ask("127.0.3.1", "InitiateAuth", start(HAMMERED))
                    time.sleep(0.05)
                server.kill()
                for person in people:
                    person.join()
                server.start()
                check(server, heard, accounts)
                signed_in += len(heard)
        finally:
            server.kill()
    assert signed_in > KILLS, f"only {signed_in} sign-ins were acknowledged"
    print(f"{KILLS} kills, {signed_in} acknowledged sign-ins, {len(accounts)} accounts")
    return KILLS


try:
    passed = main()
except AssertionError as failure:
    print(f"failed: {failure} (SEED={SEED})")
    print("0 passed, 1 failed")
    sys.exit(1)
print(f"{passed} passed, 0 failed")
