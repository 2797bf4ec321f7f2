"""Journeys of people who have no account yet: Pre Sign-up confirms it, and the code of the first sign-in is the proof.

ministack runs Pre Sign-up and Pre Token Generation, but neither Post Confirmation nor Post Authentication, so what a proof changes
about an account is shown by the tests in Rust. A refused sign-up's message is the function's whole error there; Cognito writes
"PreSignUp failed with error …." with its message alone.
"""

import base64
import json
import re

from botocore.exceptions import ClientError
from stack import COGNITO, Pool, new_number, wrong

QUICK = {"send_window": 0.1}
INDIA = {"destinations": {"+91": {"allow": {}}}}

_pools = {}


def _with(name, policy, *around):
    if name not in _pools:
        _pools[name] = Pool(name, QUICK | policy, ("PreSignUp", *around))
    return _pools[name]


def _refusal(pool, number):
    """The function's message when it refuses a sign-up; `None` if it does not."""
    try:
        pool.sign_up(number)
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] == "UserLambdaValidationException", found
        return re.search(r"'errorMessage': '([^']*)'", found["Message"]).group(1)
    return None


def _number(start):
    while not (number := new_number()).startswith(start):
        pass
    return number


def somebody_new_signs_up_and_is_in_with_one_text(_pool):
    pool = _with("sign-up", {"sign_up": {}})
    number = new_number()
    assert pool.sign_up(number), "not confirmed by Pre Sign-up"
    assert pool.texts(number) == [] and not pool.is_verified(number)
    sign_in = pool.sign_in(number)
    [code] = pool.codes(number)
    assert not sign_in.gets_in_with(wrong(code))
    assert sign_in.answer(code).signed_in
    assert pool.codes(number) == [code]


def whoever_walks_away_from_a_sign_up_keeps_nobody_from_the_number(_pool):
    pool = _with("sign-up", {"sign_up": {}})
    number = new_number()
    pool.sign_up(number)
    pool.sign_in(number)
    [code] = pool.codes(number)
    assert pool.sign_in(number).answer(code).signed_in


def a_sign_up_stays_unconfirmed_where_codes_confirm_it(_pool):
    pool = _with("two-steps", {"sign_up": {"auto_confirm": False}})
    assert not pool.sign_up(new_number())


def a_sign_up_from_where_nobody_is_texted_is_refused_and_makes_no_account(_pool):
    pool = _with("india", INDIA | {"sign_up": {}})
    number = _number("+1")
    assert _refusal(pool, number) == "phone number is not supported"
    assert COGNITO.list_users(UserPoolId=pool.id)["Users"] == []
    assert pool.sign_up(_number("+91"))


def so_many_sign_ups_a_day_and_no_more(_pool):
    pool = _with("two-a-day", {"sign_up": {"sign_ups_per_day": 2}})
    assert pool.sign_up(new_number()) and pool.sign_up(new_number())
    assert _refusal(pool, new_number()) == "too many sign-ups"


def the_tokens_say_how_and_when_the_code_was_proven(_pool):
    pool = _with("claims", {"sign_up": {}, "token_claims": True}, "PreTokenGeneration")
    number = new_number()
    pool.sign_up(number)
    # By the account's own name: ministack's token events carry that, those of a challenge whatever was typed. In Cognito's
    # both are the account's own.
    name = COGNITO.admin_get_user(UserPoolId=pool.id, Username=number)["Username"]
    sign_in = pool.sign_in(name)
    [code] = pool.codes(number)
    assert sign_in.answer(code).signed_in
    payload = sign_in.tokens["IdToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["custom_auth:method"] == "sms", claims
    assert abs(int(claims["custom_auth:time"]) - claims["iat"]) <= 5, claims


JOURNEYS = [
    somebody_new_signs_up_and_is_in_with_one_text,
    whoever_walks_away_from_a_sign_up_keeps_nobody_from_the_number,
    a_sign_up_stays_unconfirmed_where_codes_confirm_it,
    a_sign_up_from_where_nobody_is_texted_is_refused_and_makes_no_account,
    so_many_sign_ups_a_day_and_no_more,
    the_tokens_say_how_and_when_the_code_was_proven,
]
