"""boto3 against the server: python journeys.py URL OUTBOX. Ends with a line that counts."""

import json
import sys
import time
import traceback

import boto3
from botocore.config import Config

URL, OUTBOX = sys.argv[1:]
CLIENT = {"ClientId": "customauth"}
cognito = boto3.client(
    "cognito-idp", region_name="local", endpoint_url=URL, aws_access_key_id="x", aws_secret_access_key="x",
    config=Config(retries={"max_attempts": 1}),
)
last = 0


def number():
    global last
    last += 1
    return f"+155501005{last:02}"


def code(phone, before=""):
    for _ in range(100):
        with open(OUTBOX, encoding="utf-8") as lines:
            texts = [line["body"][:6] for line in map(json.loads, lines) if line["to"] == phone]
        if texts and texts[-1] != before:
            return texts[-1]
        time.sleep(0.05)
    raise AssertionError(f"no text to {phone}")


def other(right):
    return f"{(int(right) + 1) % 1_000_000:06}"


def refused(error, message, call, **given):
    try:
        call(**given)
    except getattr(cognito.exceptions, error) as told:
        assert message in told.response["Error"]["Message"], told
        return
    raise AssertionError(f"{error} was not raised")


def begin(phone):
    return cognito.initiate_auth(AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": phone}, **CLIENT)


def answer(challenge, typed):
    responses = {"USERNAME": challenge["ChallengeParameters"]["USERNAME"], "ANSWER": typed}
    return cognito.respond_to_auth_challenge(
        ChallengeName="CUSTOM_CHALLENGE", Session=challenge["Session"], ChallengeResponses=responses, **CLIENT)


def sign_up_confirm_sign_in_refresh_and_sign_out():
    phone = number()
    made = cognito.sign_up(Username=phone, Password="Passw0rd!", UserAttributes=[{"Name": "phone_number", "Value": phone}], **CLIENT)
    assert made["UserConfirmed"] is False
    first = code(phone)
    refused("CodeMismatchException", "try again", cognito.confirm_sign_up, Username=phone, ConfirmationCode=other(first), **CLIENT)
    cognito.confirm_sign_up(Username=phone, ConfirmationCode=first, **CLIENT)
    begun = begin(phone)
    second = code(phone, first)
    again = answer(begun, other(second))
    assert again["ChallengeName"] == "CUSTOM_CHALLENGE"
    refused("NotAuthorizedException", "session can only be used once", answer, challenge=begun, typed=second)
    tokens = answer(again, second)["AuthenticationResult"]
    user = cognito.get_user(AccessToken=tokens["AccessToken"])
    assert {"Name": "phone_number", "Value": phone} in user["UserAttributes"], user
    fresh = cognito.get_tokens_from_refresh_token(RefreshToken=tokens["RefreshToken"], **CLIENT)
    assert fresh["AuthenticationResult"]["AccessToken"] != tokens["AccessToken"]
    old = cognito.initiate_auth(AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]}, **CLIENT)
    assert "RefreshToken" not in old["AuthenticationResult"]
    cognito.revoke_token(Token=tokens["RefreshToken"], **CLIENT)
    refused("NotAuthorizedException", "revoked", cognito.get_tokens_from_refresh_token, RefreshToken=tokens["RefreshToken"], **CLIENT)


def limbo_is_rescued_and_signed_out_everywhere():
    phone = number()
    given = {"Username": phone, "Password": "Passw0rd!", **CLIENT}
    cognito.sign_up(**given)
    refused("UsernameExistsException", "already exists", cognito.sign_up, **given)
    refused("UserNotConfirmedException", "not confirmed", begin, phone=phone)
    cognito.resend_confirmation_code(Username=phone, **CLIENT)
    first = code(phone)
    cognito.confirm_sign_up(Username=phone, ConfirmationCode=first, **CLIENT)
    tokens = answer(begin(phone), code(phone, first))["AuthenticationResult"]
    cognito.global_sign_out(AccessToken=tokens["AccessToken"])
    refused("NotAuthorizedException", "Access Token has been revoked", cognito.get_user, AccessToken=tokens["AccessToken"])


def a_password_signs_in_and_the_account_is_deleted():
    phone = number()
    cognito.sign_up(Username=phone, Password="correct Horse 7", **CLIENT)
    cognito.confirm_sign_up(Username=phone, ConfirmationCode=code(phone), **CLIENT)

    def sent(password):
        parameters = {"USERNAME": phone, "PASSWORD": password}
        return cognito.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters, **CLIENT)

    refused("NotAuthorizedException", "Incorrect username or password", sent, password="correct Horse 8")
    cognito.delete_user(AccessToken=sent("correct Horse 7")["AuthenticationResult"]["AccessToken"])
    refused("NotAuthorizedException", "Incorrect username or password", sent, password="correct Horse 7")


passed = failed = 0
JOURNEYS = [
    sign_up_confirm_sign_in_refresh_and_sign_out,
    limbo_is_rescued_and_signed_out_everywhere,
    a_password_signs_in_and_the_account_is_deleted,
]
for journey in JOURNEYS:
    try:
        journey()
    except Exception:
        traceback.print_exc()
        failed += 1
        print("failed", journey.__name__)
    else:
        passed += 1
        print("ok", journey.__name__)
print(f"{passed} passed, {failed} failed")
