// @aws-sdk/client-cognito-identity-provider, which hides nothing; and aws-jwt-verify, which believes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import { JwtRsaVerifier } from 'aws-jwt-verify';
import { CLIENT, POOL, URL_, code, numbers, other } from './texts.mjs';

const next = numbers('04');
const client = new sdk.CognitoIdentityProviderClient({ region: 'local', endpoint: URL_, maxAttempts: 1, credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
const call = (name, input) => client.send(new sdk[`${name}Command`]({ ClientId: CLIENT, ...input }));
const bearer = (name, input) => client.send(new sdk[`${name}Command`](input));
const begin = (phone, more) => call('InitiateAuth', { AuthFlow: 'CUSTOM_AUTH', AuthParameters: { USERNAME: phone }, ...more });
const start = (phone) => begin(phone, { ClientMetadata: { action: 'start' } });
const answer = ({ Session, ChallengeParameters }, typed, more) => call('RespondToAuthChallenge', {
  ChallengeName: 'CUSTOM_CHALLENGE', Session, ChallengeResponses: { USERNAME: ChallengeParameters.USERNAME, ANSWER: typed }, ...more,
});
async function signedIn(phone) {
  return (await answer(await start(phone), await code(phone))).AuthenticationResult;
}

test('the SDK: sign up, confirm, sign in by code, attributes, refresh, sign out', async () => {
  const phone = next();
  const made = await call('SignUp', { Username: phone, Password: 'Passw0rd!', UserAttributes: [{ Name: 'phone_number', Value: phone }] });
  assert.deepEqual([made.UserConfirmed, made.CodeDeliveryDetails.DeliveryMedium], [false, 'SMS']);
  const first = await code(phone);
  await assert.rejects(call('ConfirmSignUp', { Username: phone, ConfirmationCode: other(first) }), { name: 'CodeMismatchException' });
  await call('ConfirmSignUp', { Username: phone, ConfirmationCode: first });
  const begun = await begin(phone);
  assert.equal(begun.ChallengeParameters.USERNAME, made.UserSub);
  const second = await code(phone, first);
  const again = await answer(begun, other(second));
  assert.equal(again.ChallengeName, 'CUSTOM_CHALLENGE');
  await assert.rejects(answer(begun, second), { name: 'NotAuthorizedException', message: 'Invalid session for the user, session can only be used once.' });
  const { AuthenticationResult: tokens } = await answer(again, second);
  const user = await bearer('GetUser', { AccessToken: tokens.AccessToken });
  assert.deepEqual(Object.fromEntries(user.UserAttributes.map(({ Name, Value }) => [Name, Value])), { sub: made.UserSub, phone_number: phone, phone_number_verified: 'true' });
  const renew = () => call('GetTokensFromRefreshToken', { RefreshToken: tokens.RefreshToken });
  assert.notEqual((await renew()).AuthenticationResult.IdToken, tokens.IdToken);
  await call('RevokeToken', { Token: tokens.RefreshToken });
  await assert.rejects(renew(), { name: 'NotAuthorizedException' });
});

test('the SDK: of two answers at once on one session one goes on', async () => {
  const phone = next();
  const begun = await start(phone);
  const right = await code(phone);
  const both = await Promise.allSettled([answer(begun, right), answer(begun, right)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal(both.find(({ reason }) => reason).reason.message, 'Invalid session for the user, session can only be used once.');
});

test('the SDK: somebody unknown is answered like somebody known, and never gets in', async () => {
  const known = next();
  await signedIn(known);
  const [one, two] = [await begin(known), await begin(next())];
  const shape = ({ Session, ChallengeName, ChallengeParameters: told }) => [Session.length, ChallengeName, Object.keys(told).sort(), told.USERNAME.length, told.attemptsLeft];
  assert.deepEqual(shape(one), shape(two));
  const [again, unknown] = [await answer(one, '000000'), await answer(two, '000000')];
  assert.deepEqual(shape(again), shape(unknown));
});

test('the SDK: signed out everywhere, limbo rescued, and going on without a second text', async () => {
  const phone = next();
  const tokens = await signedIn(phone);
  await bearer('GlobalSignOut', { AccessToken: tokens.AccessToken });
  await assert.rejects(bearer('GetUser', { AccessToken: tokens.AccessToken }), { name: 'NotAuthorizedException', message: 'Access Token has been revoked' });
  const limbo = next();
  await call('SignUp', { Username: limbo, Password: 'Passw0rd!' });
  await assert.rejects(call('SignUp', { Username: limbo, Password: 'Passw0rd!' }), { name: 'UsernameExistsException' });
  await assert.rejects(begin(limbo), { name: 'UserNotConfirmedException', message: 'User is not confirmed.' });
  await call('ResendConfirmationCode', { Username: limbo });
  const confirmed = await call('ConfirmSignUp', { Username: limbo, ConfirmationCode: await code(limbo) });
  const inside = await call('InitiateAuth', { AuthFlow: 'USER_AUTH', AuthParameters: { USERNAME: limbo }, Session: confirmed.Session });
  assert.ok(inside.AuthenticationResult.AccessToken);
});

test('the SDK: another number', async () => {
  const [phone, to] = [next(), next()];
  const { AccessToken } = await signedIn(phone);
  await bearer('UpdateUserAttributes', { AccessToken, UserAttributes: [{ Name: 'phone_number', Value: to }] });
  await bearer('VerifyUserAttribute', { AccessToken, AttributeName: 'phone_number', Code: await code(to) });
  const { UserAttributes } = await bearer('GetUser', { AccessToken });
  assert.equal(UserAttributes.find(({ Name }) => Name === 'phone_number').Value, to);
});

test('aws-jwt-verify: both tokens are good by the published keys, and a changed one is not', async () => {
  const tokens = await signedIn(next());
  const issuer = `${URL_}/${POOL}`;
  const document = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  assert.equal(document.issuer, issuer);
  const keys = await (await fetch(document.jwks_uri)).json();
  const verifier = (audience, token_use) => {
    const made = JwtRsaVerifier.create({ issuer, audience, jwksUri: document.jwks_uri, customJwtCheck: ({ payload }) => assert.equal(payload.token_use, token_use) });
    made.cacheJwks(keys);
    return made;
  };
  const id = await verifier(CLIENT, 'id').verify(tokens.IdToken);
  const access = await verifier(null, 'access').verify(tokens.AccessToken);
  assert.equal(access.client_id, CLIENT);
  assert.equal(id['cognito:username'], access.username);
  assert.equal(id.origin_jti, access.origin_jti);
  assert.ok(id.iat && id.origin_jti && id.phone_number_verified === true);
  const changed = tokens.IdToken.replace(/\.(.)/, (_, first) => `.${first === 'e' ? 'f' : 'e'}`);
  await assert.rejects(verifier(CLIENT, 'id').verify(changed));
  await assert.rejects(verifier(null, 'access').verify(tokens.IdToken));
});

test('the SDK: a password, kept by whoever confirms with the session of the sign-up', async () => {
  const phone = next();
  const password = 'correct Horse 7';
  const { Session } = await call('SignUp', { Username: phone, Password: password });
  await assert.rejects(call('ConfirmSignUp', { Username: phone, ConfirmationCode: await code(phone), Session: 'x'.repeat(30) }), { message: 'Invalid session for the user.' });
  await call('ConfirmSignUp', { Username: phone, ConfirmationCode: await code(phone), Session });
  const sent = (PASSWORD) => call('InitiateAuth', { AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: phone, PASSWORD } });
  await assert.rejects(sent('correct Horse 8'), { name: 'NotAuthorizedException', message: 'Incorrect username or password.' });
  const { AuthenticationResult: tokens } = await sent(password);
  await bearer('DeleteUser', { AccessToken: tokens.AccessToken });
  await assert.rejects(bearer('GetUser', { AccessToken: tokens.AccessToken }), { name: 'NotAuthorizedException' });
  await assert.rejects(sent(password), { name: 'NotAuthorizedException' });
});
