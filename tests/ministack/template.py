"""The template of docs/aws.md: what it must and must not say, and a stack of it that people sign in to."""

import json
import re
import uuid
from pathlib import Path

import yaml
from stack import CLOUDFORMATION, COGNITO, ENDPOINT, KEYS, LAMBDA, S3, SECRETS, ZIP, SignIn, new_number, texts_by_sns

TEMPLATE = Path(__file__).parents[2] / "docs/aws.yaml"
# Five minutes, in seconds: the policy's default.
LIFETIME = 300


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as their long ones."""


def _short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        value = value.split(".", 1) if suffix == "GetAtt" else value
    else:
        value = loader.construct_sequence(node, deep=True)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def resources():
    return yaml.load(TEMPLATE.read_text(), _Loader)["Resources"]


def statements():
    """Everything that the function's role may do."""
    role, accounts = resources()["Role"]["Properties"], resources()["Accounts"]["Properties"]
    assert accounts["Roles"] == [{"Ref": "Role"}]
    return [one for policy in [*role["Policies"], accounts] for one in policy["PolicyDocument"]["Statement"]]


def the_template_leaves_no_door_beside_the_codes(_pool):
    pool, client = resources()["Pool"]["Properties"], resources()["Client"]["Properties"]
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}, client
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert 3 <= client["AuthSessionValidity"] <= 15 and client["AuthSessionValidity"] * 60 >= LIFETIME, client
    assert client["EnableTokenRevocation"] is True
    own = {attribute["Name"] for attribute in pool["Schema"]}
    assert own == {"deleting", "last_success", "lost_number", "tokens_nbf", "was_verified"}
    written = set(client["WriteAttributes"])
    assert written and not written & ({f"custom:{name}" for name in own} | {"phone_number", "phone_number_verified"})
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": {"Fn::If": ["OpenToAll", False, True]}}
    assert pool["AutoVerifiedAttributes"] == [] and pool["MfaConfiguration"] == "OFF"
    assert pool["UsernameAttributes"] == ["phone_number"]
    triggers = {"DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse", "PreSignUp"}
    assert set(pool["LambdaConfig"]) == triggers | {"PostConfirmation", "PostAuthentication"}


def the_template_allows_what_the_function_does_and_no_more(_pool):
    allowed = {action for one in statements() for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])}
    assert allowed == {
        "cognito-idp:AdminEnableUser",
        "cognito-idp:AdminGetUser",
        "cognito-idp:AdminSetUserPassword",
        "cognito-idp:AdminUpdateUserAttributes",
        "cognito-idp:AdminUserGlobalSignOut",
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
        "sms-voice:SendTextMessage",
        "sns:Publish",
    }, allowed
    for one in statements():
        assert one["Effect"] == "Allow"
        assert "*" not in (one.get("Resource"), one.get("Action")), one
        assert ("NotResource" in one) == (one["Action"] == "sns:Publish"), one
    called = resources()["MayBeCalled"]["Properties"]
    assert called["Principal"] == "cognito-idp.amazonaws.com" and "SourceArn" in called


def the_template_makes_the_table_and_the_function_as_they_must_be(_pool):
    table, function = resources()["Ledger"], resources()["Function"]["Properties"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    source = (TEMPLATE.parents[1] / "src/adapters/dynamodb_ledger/table.rs").read_text()
    key, expires = (re.search(rf'const {name}: &str = "(\w+)"', source)[1] for name in ("SUBJECT", "EXPIRES"))
    assert table["Properties"]["KeySchema"] == [{"AttributeName": key, "KeyType": "HASH"}]
    assert table["Properties"]["AttributeDefinitions"] == [{"AttributeName": key, "AttributeType": "B"}]
    assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": expires, "Enabled": True}
    assert function["Timeout"] == 5 and function["Runtime"] == "provided.al2023"
    host = (TEMPLATE.parents[1] / "src/hosts/lambda/settings.rs").read_text()
    for variable in function["Environment"]["Variables"]:
        assert f"`{variable}" in host or f"`{variable}`" in host, variable


def a_stack_of_the_template_signs_people_up_and_in(_pool):
    """Deployed as docs/aws.md says, on the emulator; then a number that nobody has seen signs up and in."""
    name = f"login-{uuid.uuid4().hex[:8]}"
    S3.create_bucket(Bucket=name)
    S3.put_object(Bucket=name, Key="function.zip", Body=ZIP.read_bytes())
    SECRETS.create_secret(Name=f"{name}/keys", SecretString=KEYS)
    policy = {"destinations": {"+1": {"allow": {}}, "+91": {"allow": {}}}, "sign_up": {"sign_ups_per_day": 2000}}
    parameters = {
        "CodeBucket": name,
        "CodeKey": "function.zip",
        "KeysSecret": f"{name}/keys",
        "Policy": json.dumps(policy),
        "SelfSignUp": "true",
        "Architecture": "x86_64",
    }
    CLOUDFORMATION.create_stack(
        StackName=name,
        TemplateBody=TEMPLATE.read_text(),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    CLOUDFORMATION.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    [stack] = CLOUDFORMATION.describe_stacks(StackName=name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    # The emulator's own endpoint, which in AWS needs no setting.
    variables = LAMBDA.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    here = {"AWS_ENDPOINT_URL": ENDPOINT, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    LAMBDA.update_function_configuration(FunctionName=name, Environment={"Variables": variables | here})

    class Deployed:
        id, client = outputs["UserPoolId"], outputs["ClientId"]

    number = new_number()
    signed_up = COGNITO.sign_up(ClientId=Deployed.client, Username=number, Password=f"Aa1!{uuid.uuid4()}{uuid.uuid4()}")
    assert signed_up["UserConfirmed"], signed_up
    answer = COGNITO.initiate_auth(
        AuthFlow="CUSTOM_AUTH", ClientId=Deployed.client, AuthParameters={"USERNAME": number}
    )
    sign_in = SignIn(Deployed, number, answer)
    [text] = texts_by_sns(number)
    assert sign_in.answer(re.search(r"(?<!\d)\d{6}(?!\d)", text).group()).signed_in


JOURNEYS = [
    the_template_leaves_no_door_beside_the_codes,
    the_template_allows_what_the_function_does_and_no_more,
    the_template_makes_the_table_and_the_function_as_they_must_be,
    a_stack_of_the_template_signs_people_up_and_in,
]
