// amazon-cognito-identity-js, which Amplify v5 is made of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import cognito from 'amazon-cognito-identity-js';
import { CLIENT, POOL, URL_, code, numbers, other } from './texts.mjs';

const next = numbers('03');
const pool = new cognito.CognitoUserPool({ UserPoolId: POOL, ClientId: CLIENT, endpoint: URL_ });
const user = (phone) => new cognito.CognitoUser({ Username: phone, Pool: pool });
const settled = (run) => new Promise((done, failed) => run((error, result) => (error ? failed(error) : done(result))));

function signUp(phone) {
  const attributes = [new cognito.CognitoUserAttribute({ Name: 'phone_number', Value: phone })];
  return settled((back) => pool.signUp(phone, 'Passw0rd!-of-nobody', attributes, null, back));
}

/// What came: a challenge, or a session.
const heard = (run) => new Promise((done, failed) => run({
  onSuccess: (session) => done({ session }), onFailure: failed, customChallenge: (parameters) => done({ parameters }),
}));

function begin(person) {
  person.setAuthenticationFlowType('CUSTOM_AUTH');
  const details = new cognito.AuthenticationDetails({ Username: person.getUsername() });
  return heard((callbacks) => person.initiateAuth(details, callbacks));
}
const answer = (person, typed) => heard((callbacks) => person.sendCustomChallengeAnswer(typed, callbacks));

test('identity-js: sign up, confirm, sign in by code, attributes, refresh, sign out', async () => {
  const phone = next();
  const made = await signUp(phone);
  assert.equal(made.userConfirmed, false);
  const first = await code(phone);
  const person = user(phone);
  await assert.rejects(settled((back) => person.confirmRegistration(other(first), true, back)), { code: 'CodeMismatchException' });
  await settled((back) => person.confirmRegistration(first, true, back));
  await begin(person);
  const second = await code(phone, first);
  const wrong = await answer(person, other(second));
  assert.equal(wrong.parameters.attemptsLeft, '2');
  const { session } = await answer(person, second);
  assert.ok(session.isValid());
  const attributes = await settled((back) => person.getUserAttributes(back));
  assert.equal(attributes.find(({ Name }) => Name === 'phone_number').Value, phone);
  const fresh = await settled((back) => person.refreshSession(session.getRefreshToken(), back));
  assert.notEqual(fresh.getAccessToken().getJwtToken(), session.getAccessToken().getJwtToken());
  await new Promise((done) => person.signOut(done));
  await assert.rejects(settled((back) => user(phone).refreshSession(session.getRefreshToken(), back)), { message: 'Refresh Token has been revoked' });
});

test('identity-js: signed out everywhere', async () => {
  const phone = next();
  await signUp(phone);
  const first = await code(phone);
  const person = user(phone);
  await settled((back) => person.confirmRegistration(first, true, back));
  await begin(person);
  const { session } = await answer(person, await code(phone, first));
  await new Promise((done, failed) => person.globalSignOut({ onSuccess: done, onFailure: failed }));
  await assert.rejects(settled((back) => user(phone).refreshSession(session.getRefreshToken(), back)), { message: 'Refresh Token has been revoked' });
});

test('identity-js: limbo is told and rescued', async () => {
  const phone = next();
  await signUp(phone);
  await assert.rejects(signUp(phone), { code: 'UsernameExistsException' });
  const person = user(phone);
  await assert.rejects(begin(person), { code: 'UserNotConfirmedException' });
  await settled((back) => person.resendConfirmationCode(back));
  const first = await code(phone);
  await settled((back) => person.confirmRegistration(first, true, back));
  await begin(person);
  assert.ok((await answer(person, await code(phone, first))).session);
});

test('identity-js: the password of the sign-up, proven by SRP; then the account is deleted', async () => {
  const phone = next();
  await signUp(phone);
  const details = (Password) => new cognito.AuthenticationDetails({ Username: phone, Password });
  const authenticate = (Password, flow) => {
    const person = user(phone);
    person.setAuthenticationFlowType(flow);
    return heard((callbacks) => person.authenticateUser(details(Password), callbacks)).then(({ session }) => ({ person, session }));
  };
  const right = 'Passw0rd!-of-nobody';
  await assert.rejects(authenticate(right, 'USER_SRP_AUTH'), { code: 'UserNotConfirmedException' });
  const first = await code(phone);
  await settled((back) => user(phone).confirmRegistration(first, true, back));
  for (const flow of ['USER_SRP_AUTH', 'USER_PASSWORD_AUTH']) {
    await assert.rejects(authenticate('Passw0rd!-of-somebody', flow), { code: 'NotAuthorizedException' });
    const { person, session } = await authenticate(right, flow);
    assert.ok(session.isValid());
    if (flow === 'USER_PASSWORD_AUTH') await settled((back) => person.deleteUser(back));
  }
  await assert.rejects(authenticate(right, 'USER_SRP_AUTH'), { code: 'NotAuthorizedException' });
});
