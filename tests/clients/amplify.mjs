// What an app made with Amplify does; the same in Node and in a browser.
import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';

export function point(endpoint) {
  Amplify.configure({ Auth: { Cognito: { userPoolId: 'local_CustomAuth', userPoolClientId: 'customauth', userPoolEndpoint: endpoint } } });
}

function same(found, wanted, what) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
}

async function refused(call, name, what) {
  try {
    await call();
  } catch (error) {
    same(error.name, name, what);
    return;
  }
  throw new Error(`${what}: not refused`);
}

const CUSTOM = { authFlowType: 'CUSTOM_WITHOUT_SRP' };

/// Sign up, wrong and right confirmation, sign in by code with a wrong one first, attributes, refresh, sign out.
export async function journey(phone, { code, other }) {
  const made = await auth.signUp({ username: phone, password: 'Passw0rd!-of-nobody', options: { userAttributes: { phone_number: phone } } });
  same(made.nextStep.signUpStep, 'CONFIRM_SIGN_UP', 'sign up');
  const first = await code(phone);
  await refused(() => auth.confirmSignUp({ username: phone, confirmationCode: other(first) }), 'CodeMismatchException', 'wrong confirmation');
  same((await auth.confirmSignUp({ username: phone, confirmationCode: first })).isSignUpComplete, true, 'right confirmation');
  const begun = await auth.signIn({ username: phone, options: CUSTOM });
  same(begun.nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE', 'sign in');
  const second = await code(phone, first);
  const wrong = await auth.confirmSignIn({ challengeResponse: other(second) });
  same([wrong.isSignedIn, wrong.nextStep.additionalInfo.attemptsLeft], [false, '2'], 'wrong code');
  same((await auth.confirmSignIn({ challengeResponse: second })).isSignedIn, true, 'right code');
  const attributes = await auth.fetchUserAttributes();
  same([attributes.phone_number, attributes.phone_number_verified], [phone, 'true'], 'attributes');
  same((await auth.getCurrentUser()).userId, attributes.sub, 'current user');
  const before = await auth.fetchAuthSession();
  const after = await auth.fetchAuthSession({ forceRefresh: true });
  same(before.tokens.idToken.payload.origin_jti, after.tokens.idToken.payload.origin_jti, 'refresh');
  if (before.tokens.accessToken.toString() === after.tokens.accessToken.toString()) throw new Error('refresh: the same token');
  await auth.signOut();
  same((await auth.fetchAuthSession()).tokens, undefined, 'signed out');
}

/// With the password that was chosen at sign-up: Amplify's own default, which proves it by SRP, and sent; then the account is deleted.
export async function password(phone, { code }) {
  const own = 'correct Horse 7';
  await auth.signUp({ username: phone, password: own, options: { userAttributes: { phone_number: phone } } });
  const early = await auth.signIn({ username: phone, password: own });
  same(early.nextStep.signInStep, 'CONFIRM_SIGN_UP', 'not confirmed');
  await auth.confirmSignUp({ username: phone, confirmationCode: await code(phone) });
  await refused(() => auth.signIn({ username: phone, password: 'correct Horse 8' }), 'NotAuthorizedException', 'wrong password');
  for (const authFlowType of [undefined, 'USER_SRP_AUTH', 'USER_PASSWORD_AUTH']) {
    const done = await auth.signIn({ username: phone, password: own, options: authFlowType && { authFlowType } });
    same([done.isSignedIn, (await auth.fetchUserAttributes()).phone_number], [true, phone], `password, ${authFlowType}`);
    if (authFlowType !== 'USER_PASSWORD_AUTH') await auth.signOut();
  }
  await auth.deleteUser();
  await refused(() => auth.signIn({ username: phone, password: own }), 'NotAuthorizedException', 'deleted');
}

/// With `action: start` a new number needs no sign-up; then signed out everywhere.
export async function oneStep(phone, { code }) {
  await auth.signIn({ username: phone, options: { ...CUSTOM, clientMetadata: { action: 'start' } } });
  same((await auth.confirmSignIn({ challengeResponse: await code(phone) })).isSignedIn, true, 'one step');
  const { tokens } = await auth.fetchAuthSession();
  await auth.signOut({ global: true });
  return tokens.accessToken.toString();
}

/// Signed up and walked away; later signed up again, told so, confirmed after all, signed in.
export async function limbo(phone, { code }) {
  const input = { username: phone, password: 'Passw0rd!-of-nobody', options: { userAttributes: { phone_number: phone } } };
  await auth.signUp(input);
  await refused(() => auth.signUp(input), 'UsernameExistsException', 'limbo');
  const begun = await auth.signIn({ username: phone, options: CUSTOM });
  same(begun.nextStep.signInStep, 'CONFIRM_SIGN_UP', 'limbo told');
  await auth.resendSignUpCode({ username: phone });
  const first = await code(phone);
  await auth.confirmSignUp({ username: phone, confirmationCode: first });
  await auth.signIn({ username: phone, options: CUSTOM });
  same((await auth.confirmSignIn({ challengeResponse: await code(phone, first) })).isSignedIn, true, 'limbo rescued');
  await auth.signOut();
}
