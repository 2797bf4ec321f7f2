"""Journeys over many processes: limits, texts and challenges that they share through DynamoDB, and what becomes of people when one
of them is slow, is killed, or finds a service gone.

ministack starts a process of the function for each call that overlaps another, so whoever calls in parallel here calls as many
processes. It lets parallel answers on one Session all through to the function, which Cognito does not: the limits hold all the same.
"""

import base64
import json
import os
import signal
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import proxy
from botocore.exceptions import ClientError
from stack import COGNITO, ENDPOINT, KEYS, LAMBDA, LOGS, PARAMETERS, SECRETS, Pool, refused, wait, wrong

# How long a create takes, whether it sends or not. Short here, so that the journeys are.
QUICK = {"send_window": 0.1}
# The shortest gap there is: ten seconds more than the trigger's deadline, on one machine's clock.
SHORT_GAP = {"trigger_deadline": 1.5, "send_window": 0.9, "resend_gap": 11.5, "clock_skew": 0}


def at_once(acts):
    """What these acts came to, all begun together."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


def invoke(pool, kind, number, request):
    """One trigger of the pool's function, called as Cognito would. What its response is, or the error's words."""
    event = {
        "version": "1",
        "region": "us-east-1",
        "userPoolId": pool.id,
        "userName": number,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": pool.client},
        "triggerSource": f"{kind}_Authentication",
        "request": {
            "userAttributes": {"phone_number": number, "phone_number_verified": "true"},
            "userNotFound": False,
            **request,
        },
        "response": {},
    }
    answer = LAMBDA.invoke(FunctionName=pool.name, Payload=json.dumps(event).encode())
    payload = json.load(answer["Payload"])
    return payload["errorMessage"] if answer.get("FunctionError") else payload["response"]


def create(pool, number):
    return invoke(pool, "CreateAuthChallenge", number, {"challengeName": "CUSTOM_CHALLENGE", "session": []})


def verify(pool, number, challenge, answer):
    private = challenge["privateChallengeParameters"]
    request = {"privateChallengeParameters": private, "challengeAnswer": answer}
    return invoke(pool, "VerifyAuthChallengeResponse", number, request)["answerCorrect"]


def same_code(challenges):
    """Whether these are one challenge, whatever flow each is for: their records, behind what a round says of itself."""
    return len({tuple(challenge["challengeMetadata"].split(".")[7:]) for challenge in challenges}) == 1


def processes(owner):
    """The process ids of the owner's function."""
    wanted = f"AWS_LAMBDA_FUNCTION_NAME={owner.name}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue  # it has ended
    return found


def happened(owner):
    """What the function's log tells of, and how often."""
    told = Counter()
    pages = LOGS.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{owner.name}")
    for line in (event["message"] for page in pages for event in page["events"]):
        if line.startswith("{"):
            told[json.loads(line).get("what")] += 1
    return told


def several_processes_do_answer(pool):
    """What the others rest on: calls at once are calls to several processes."""
    people = [pool.new_person() for _ in range(4)]
    at_once([lambda person=person: pool.sign_in(person) for person in people])
    assert len(processes(pool)) > 1, processes(pool)
    assert all(len(pool.codes(person)) == 1 for person in people)


def tries_are_shared_by_sessions_in_several_processes(pool):
    person = pool.new_person()
    sign_ins = at_once([lambda: pool.sign_in(person)] * 4)
    [code] = pool.codes(person)
    answers = at_once([lambda sign_in=sign_in: sign_in.gets_in_with(wrong(code)) for sign_in in sign_ins])
    assert not any(answers)
    assert not pool.sign_in(person).gets_in_with(code), "the fifth answer, and a right one: it is not compared"


def eight_answers_at_once_on_one_session_are_no_more_than_its_tries(_pool):
    pool = Pool("eight", QUICK)
    person = pool.new_person()
    sign_in = pool.sign_in(person)
    [code] = pool.codes(person)

    def answer(number):
        typed = str((int(code) + number) % 10 ** len(code)).zfill(len(code))
        try:
            answer = COGNITO.respond_to_auth_challenge(
                ClientId=pool.client,
                ChallengeName="CUSTOM_CHALLENGE",
                Session=sign_in.session,
                ChallengeResponses={"USERNAME": person, "ANSWER": typed},
            )
        except ClientError:
            return False
        return bool(answer.get("AuthenticationResult"))

    assert not any(at_once([lambda number=number: answer(number) for number in range(1, 9)])), "somebody got in"
    told = happened(pool)
    assert told["AnswerWrong"] == 3 and told["AnswerAccepted"] == 0, told
    assert not pool.sign_in(person).gets_in_with(code), "the ninth, and a right one: it is not compared"


def forty_sessions_at_once_guess_no_more_than_the_account_allows(_pool):
    """Four guesses a day are all, though each challenge has five tries, and the next takes its place."""
    pool = Pool("forty", QUICK | {"guesses_per_day": 4, "tries_per_challenge": 5})
    person = pool.new_person()
    sign_ins = []
    for _ in range(5):
        sign_ins += at_once([lambda: pool.sign_in(person)] * 8)
    assert len(pool.codes(person)) == 1, "forty sign-ins, one text"
    [code] = pool.codes(person)

    def guess(place, sign_in):
        return sign_in.gets_in_with(str((int(code) + place + 1) % 10 ** len(code)).zfill(len(code)))

    for start in range(0, 40, 10):
        some = enumerate(sign_ins[start : start + 10], start)
        assert not any(at_once([lambda place=place, one=one: guess(place, one) for place, one in some]))
    told = happened(pool)
    assert told["AnswerWrong"] == 4 and told["AnswerAccepted"] == 0, told
    newest = pool.codes(person)[-1]
    assert not pool.sign_in(person).gets_in_with(newest), "no guess is left, so a right answer is none"


def a_create_that_is_called_three_times_at_once_sends_one_text(pool):
    person = pool.new_person()
    challenges = at_once([lambda: create(pool, person)] * 3)
    [code] = pool.codes(person)
    assert same_code(challenges), challenges
    assert verify(pool, person, challenges[2], code), "whichever Cognito kept"


def a_sender_of_six_seconds_is_asked_once_by_three_calls_in_a_row(_pool):
    """As Cognito does with a trigger that takes longer than five seconds; ours answers before, and the later calls join."""
    with proxy.slow(ENDPOINT, 6) as slow:
        pool = Pool("slow", environment={"AWS_ENDPOINT_URL_SNS": slow.endpoint})
        person = pool.new_person()
        began = time.monotonic()
        challenges = [create(pool, person) for _ in range(3)]
        assert time.monotonic() - began < 15, "each within Cognito's patience"
        assert pool.codes(person) == [], "nothing has arrived yet"
        slow.asked.wait(10)
        while time.monotonic() - began < 12 and not pool.codes(person):
            time.sleep(0.2)
        wait(1)
        [code] = pool.codes(person)
    assert slow.requests == 1
    assert same_code(challenges), challenges
    assert verify(pool, person, challenges[0], code)


def killed_before_its_text_left_it_sends_none_in_that_tap_and_the_next_tap_gets_in(_pool):
    with proxy.holding(ENDPOINT, "before") as held:
        pool = Pool("killed-before", SHORT_GAP, environment={"AWS_ENDPOINT_URL_SNS": held.endpoint})
        person = pool.new_person()
        _killed_while_held(pool, person, held)
        again = [create(pool, person) for _ in range(2)]
        assert held.requests == 1 and pool.codes(person) == [], "what Cognito calls again sends nothing"
        assert again[0]["publicChallengeParameters"]["status"] == "open"
    wait(11.7)
    sign_in = _without_proxy(pool).sign_in(person)
    [code] = pool.codes(person)
    assert sign_in.answer(code).signed_in


def killed_after_its_text_left_it_sends_no_other_and_the_next_tap_gets_in_with_that_one(_pool):
    with proxy.holding(ENDPOINT, "after") as held:
        pool = Pool("killed-after", SHORT_GAP, environment={"AWS_ENDPOINT_URL_SNS": held.endpoint})
        person = pool.new_person()
        _killed_while_held(pool, person, held)
        [code] = pool.codes(person)
        sign_in = pool.sign_in(person)
        assert held.requests == 1 and pool.codes(person) == [code]
    assert sign_in.answer(code).signed_in


def killed_while_it_pays_it_loses_no_account_and_the_next_tap_gets_in(_pool):
    """Held on its way to the store, first before the payment lands, then after."""
    for moment in ("before", "after"):
        with proxy.holding(ENDPOINT, moment, only="TransactWriteItems") as held:
            environment = {"AWS_ENDPOINT_URL_DYNAMODB": held.endpoint}
            pool = Pool(f"paying-{moment}", SHORT_GAP, environment=environment)
            person = pool.new_person()
            _killed_while_held(pool, person, held)
            assert pool.codes(person) == [], moment
        wait(11.7)
        sign_in = _without_proxy(pool).sign_in(person)
        [code] = pool.codes(person)
        assert sign_in.answer(code).signed_in, moment


def _killed_while_held(pool, person, held):
    """Somebody taps; while the call is held, its process is killed."""
    with ThreadPoolExecutor(1) as tap:
        tapped = tap.submit(lambda: refused(lambda: pool.sign_in(person), None))
        assert held.asked.wait(20), "the call did not come so far"
        found = processes(pool)
        assert found, "no process to kill"
        for process in found:
            os.kill(process, signal.SIGKILL)
        tapped.result(30)
    held.let_go()


def _without_proxy(owner):
    """The same owner, its function with the services themselves."""
    values = {name: value for name, value in owner.environment.items() if not name.startswith("AWS_ENDPOINT_URL_")}
    LAMBDA.update_function_configuration(FunctionName=owner.name, Environment={"Variables": values})
    return owner


def without_its_table_it_sends_and_compares_nothing_and_looks_as_ever(pool):
    person = pool.new_person()
    genuine = pool.sign_in(person).parameters
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        down = Pool("down", QUICK, environment={"AWS_ENDPOINT_URL_DYNAMODB": endpoint})
        somebody = down.new_person()
        sign_in = down.sign_in(somebody)
        assert down.codes(somebody) == []
        assert set(sign_in.parameters) == set(genuine), (sign_in.parameters, genuine)
        same = {name for name in genuine if sign_in.parameters[name] == genuine[name]}
        assert same >= {"challenge", "codeLength", "status", "attemptsLeft"}, (sign_in.parameters, genuine)
        assert not sign_in.gets_in_with("123456")


def a_key_that_is_moved_first_in_mid_flow_fails_nobody(_pool):
    """Who was texted under the old key answers a process that has the new one first; who is texted under the new one answers one
    that came up before there was any."""
    pool = Pool("rotated", QUICK)
    born = time.monotonic()
    early, late = pool.new_person(), pool.new_person()
    sign_in = pool.sign_in(early)
    [code] = pool.codes(early)
    rotated = f"k2:{base64.b64encode(os.urandom(32)).decode()},{KEYS}"
    SECRETS.put_secret_value(SecretId=pool.name, SecretString=rotated)
    fresh = Pool("rotated-fresh", QUICK, environment={"CUSTOM_AUTH_LEDGER": f"dynamodb:{pool.name}"})
    SECRETS.put_secret_value(SecretId=fresh.name, SecretString=rotated)
    _without_proxy(fresh)
    under_new = _create_elsewhere(fresh, pool, late)
    assert sign_in.answer(code).signed_in
    [code] = pool.codes(late)
    wait(max(0, born + 61 - time.monotonic()))
    assert verify(pool, late, under_new, code), "the key was not read anew"


def _create_elsewhere(function, pool, person):
    """A challenge of `pool`, made by the processes of another function over the same table."""

    class Elsewhere:
        name, id, client = function.name, pool.id, pool.client

    return create(Elsewhere, person)


def keys_may_be_a_parameter(_pool):
    pool = Pool("parameter", QUICK)
    PARAMETERS.put_parameter(Name=f"/{pool.name}", Value=KEYS, Type="SecureString")
    pool.environment["CUSTOM_AUTH_KEYS"] = f"ssm:/{pool.name}"
    _without_proxy(pool)
    person = pool.new_person()
    sign_in = pool.sign_in(person)
    [code] = pool.codes(person)
    assert sign_in.answer(code).signed_in


def where_one_sender_is_gone_the_next_sends(_pool):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        gone = {"AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2": f"http://127.0.0.1:{nobody.getsockname()[1]}"}
        pool = Pool("failover", environment=gone | {"CUSTOM_AUTH_SMS": "end-user-messaging,sns"})
        person = pool.new_person()
        sign_in = pool.sign_in(person)
        [code] = pool.codes(person)
        assert sign_in.answer(code).signed_in


JOURNEYS = [
    several_processes_do_answer,
    tries_are_shared_by_sessions_in_several_processes,
    eight_answers_at_once_on_one_session_are_no_more_than_its_tries,
    forty_sessions_at_once_guess_no_more_than_the_account_allows,
    a_create_that_is_called_three_times_at_once_sends_one_text,
    a_sender_of_six_seconds_is_asked_once_by_three_calls_in_a_row,
    killed_before_its_text_left_it_sends_none_in_that_tap_and_the_next_tap_gets_in,
    killed_after_its_text_left_it_sends_no_other_and_the_next_tap_gets_in_with_that_one,
    killed_while_it_pays_it_loses_no_account_and_the_next_tap_gets_in,
    without_its_table_it_sends_and_compares_nothing_and_looks_as_ever,
    a_key_that_is_moved_first_in_mid_flow_fails_nobody,
    keys_may_be_a_parameter,
    where_one_sender_is_gone_the_next_sends,
]
