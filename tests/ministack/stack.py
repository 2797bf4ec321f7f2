"""Pools, functions and people on a local ministack, and a client that signs in the way an app does."""

import base64
import json
import os
import re
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["MINISTACK_ENDPOINT"]
ZIP = Path(os.environ["LAMBDA_ZIP"])
FOLDER = Path(os.environ["JOURNEYS_DIR"])
# `memory`, with an outbox; or `aws`: limits in DynamoDB, texts by SNS, keys in Secrets Manager, for as many processes as come.
ON_AWS = os.environ.get("JOURNEYS_ON") == "aws"
KEYS = f"k1:{base64.b64encode(os.urandom(32)).decode()},names:{base64.b64encode(os.urandom(32)).decode()}"

# Nothing may be retried: a retry would hide a second text.
_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)


def _client(service):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=_CONFIG,
    )


COGNITO = _client("cognito-idp")
LAMBDA = _client("lambda")
LOGS = _client("logs")
DYNAMODB = _client("dynamodb")
CLOUDFORMATION = _client("cloudformation")
S3 = _client("s3")
SECRETS = _client("secretsmanager")
PARAMETERS = _client("ssm")

_numbers = iter(range(100, 990))


def new_number():
    """A number nobody used before, from the ranges kept for examples."""
    serial = next(_numbers)
    return f"+919999900{serial}" if serial % 2 else f"+15550100{serial}"


def settings(outbox, policy=None):
    """The environment of a function that keeps its limits in memory."""
    values = {
        "CUSTOM_AUTH_KEYS": KEYS,
        "CUSTOM_AUTH_SMS": f"outbox:{outbox}",
        "CUSTOM_AUTH_LEDGER": "memory",
    }
    if policy is not None:
        values["CUSTOM_AUTH_POLICY"] = json.dumps(policy)
    return values


def settings_on_aws(name, policy=None):
    """The environment of a function that keeps everything in AWS; its table and its secret are made."""
    DYNAMODB.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "subject", "AttributeType": "B"}],
        KeySchema=[{"AttributeName": "subject", "KeyType": "HASH"}],
    )
    SECRETS.create_secret(Name=name, SecretString=KEYS)
    return {
        "CUSTOM_AUTH_KEYS": f"secret:{name}",
        "CUSTOM_AUTH_SMS": "sns",
        "CUSTOM_AUTH_LEDGER": f"dynamodb:{name}",
        "CUSTOM_AUTH_USERS": "cognito",
        "CUSTOM_AUTH_POLICY": json.dumps({"destinations": {"+91": {"allow": {}}, "+1": {"allow": {}}}} | (policy or {})),
        "AWS_ENDPOINT_URL": ENDPOINT,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def texts_by_sns(number):
    """The bodies of the texts that SNS sent to `number`, oldest first."""
    query = urllib.parse.urlencode({"account": "000000000000", "region": "us-east-1", "phoneNumber": number})
    with urllib.request.urlopen(f"{ENDPOINT}/_ministack/sns/sms-messages?{query}", timeout=10) as answer:
        told = json.load(answer)
    return [text["Message"] for text in told["sms_messages"].get(number, [])]


class Pool:
    """One user pool whose triggers are one function under one policy.

    Limits in memory hold per process. ministack leases the first idle process of a function and starts another only
    while all are busy: as long as the calls on a pool follow one another, one process answers them all. Journeys on
    memory therefore never call in parallel; those of `shared.py` do little else.
    """

    def __init__(self, name, policy=None, around=(), environment=()):
        """`around` names the triggers that the function stands behind beside the three of a challenge; `environment`
        are variables that it has beside its settings."""
        self.name = f"{name}-{uuid.uuid4().hex[:8]}"
        self.outbox = FOLDER / f"{self.name}.jsonl"
        values = settings_on_aws(self.name, policy) if ON_AWS else settings(self.outbox, policy)
        self.environment = values | dict(environment)
        self.function = LAMBDA.create_function(
            FunctionName=self.name,
            Runtime="provided.al2023",
            Handler="bootstrap",
            Role="arn:aws:iam::000000000000:role/custom-auth",
            Code={"ZipFile": ZIP.read_bytes()},
            Timeout=5,  # what Cognito allows a trigger
            Environment={"Variables": self.environment},
        )["FunctionArn"]
        triggers = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse", *around)
        self.id = COGNITO.create_user_pool(
            PoolName=self.name,
            UsernameAttributes=["phone_number"],
            LambdaConfig={trigger: self.function for trigger in triggers},
        )["UserPool"]["Id"]
        self.client = COGNITO.create_user_pool_client(
            UserPoolId=self.id,
            ClientName=self.name,
            ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            PreventUserExistenceErrors="ENABLED",
        )["UserPoolClient"]["ClientId"]

    def new_person(self):
        """A confirmed user with a verified number."""
        number = new_number()
        COGNITO.admin_create_user(
            UserPoolId=self.id,
            Username=number,
            UserAttributes=[
                {"Name": "phone_number", "Value": number},
                {"Name": "phone_number_verified", "Value": "true"},
            ],
            MessageAction="SUPPRESS",
        )
        COGNITO.admin_set_user_password(
            UserPoolId=self.id, Username=number, Password=f"Aa1!{uuid.uuid4()}", Permanent=True
        )
        return number

    def sign_up(self, number):
        """SignUp, as an app sends it: with a password that nobody will use. Whether the account is confirmed."""
        answer = COGNITO.sign_up(
            ClientId=self.client,
            Username=number,
            Password=f"Aa1!{uuid.uuid4()}",
            UserAttributes=[{"Name": "phone_number", "Value": number}],
        )
        return answer["UserConfirmed"]

    def is_verified(self, number):
        """Whether the number of the account is marked verified."""
        user = COGNITO.admin_get_user(UserPoolId=self.id, Username=number)
        attributes = {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}
        return attributes.get("phone_number_verified", "false").lower() == "true"

    def texts(self, number):
        """The bodies of the texts sent to `number`, oldest first."""
        if ON_AWS:
            return texts_by_sns(number)
        if not self.outbox.exists():
            return []
        lines = [json.loads(line) for line in self.outbox.read_text().splitlines()]
        return [line["body"] for line in lines if line["to"] == number]

    def codes(self, number):
        """The codes in those texts."""
        return [re.search(r"(?<!\d)\d{4,10}(?!\d)", body).group() for body in self.texts(number)]

    def sign_in(self, number, **parameters):
        """InitiateAuth, as an app sends it."""
        answer = COGNITO.initiate_auth(
            AuthFlow="CUSTOM_AUTH",
            ClientId=self.client,
            AuthParameters={"USERNAME": number, **parameters},
        )
        return SignIn(self, number, answer)


class SignIn:
    """One sign-in on its way: the last answer of Cognito, and the next act of the person."""

    def __init__(self, pool, number, answer):
        self.pool, self.number = pool, number
        self._take(answer)

    def answer(self, text, **more):
        """RespondToAuthChallenge with what the person typed."""
        self._take(
            COGNITO.respond_to_auth_challenge(
                ClientId=self.pool.client,
                ChallengeName="CUSTOM_CHALLENGE",
                Session=self.session,
                ChallengeResponses={"USERNAME": self.number, "ANSWER": text},
                **more,
            )
        )
        return self

    def gets_in_with(self, text):
        """Whether this answer signs in. Being told so and being sent away are both a no."""
        try:
            return self.answer(text).signed_in
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NotAuthorizedException", error
            return False

    def ask_for_another_text(self):
        """A resend: its ANSWER is not looked at, but Cognito wants one."""
        return self.answer("resend", ClientMetadata={"action": "resend"})

    @property
    def status(self):
        return self.parameters.get("status")

    @property
    def signed_in(self):
        return bool(self.tokens.get("AccessToken"))

    def _take(self, answer):
        # What people must never be shown: the private half of a challenge.
        assert "customAuth" not in json.dumps(answer, default=str), "the private parameter reached the client"
        self.session = answer.get("Session")
        self.parameters = answer.get("ChallengeParameters") or {}
        self.tokens = answer.get("AuthenticationResult") or {}


def refused(act, code="NotAuthorizedException"):
    """Whether `act` ends in Cognito's error `code`, or in any if that is None; another error is a failure of the journey."""
    try:
        act()
    except ClientError as error:
        found = error.response["Error"]
        assert code is None or found["Code"] == code, found
        return True
    return False


def wrong(code):
    """A code of the same length that is not `code`."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def wait(seconds):
    """Lets the pool's clock, which is the machine's, move on."""
    time.sleep(seconds)
