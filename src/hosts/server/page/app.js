// The sign-in page: a number, a code, signed in. It speaks the same protocol as any other client.
import { COUNTRIES } from '/countries.js';
import { call, Refused } from '/protocol.js';
import { asciiDigits, typedNumber } from '/typed.js';

const $ = (id) => document.getElementById(id);
const STEPS = ['number', 'code', 'inside'];
const FLOW = 'custom-auth.flow';
const TOKENS = 'custom-auth.tokens';

let config = { clientId: '', outbox: false };
let flow = null; // { phone, session, username, codeLength, attemptsLeft, resendAt }
let busy = false;
let webOtp = null;

const keep = (name, value) => (value ? sessionStorage.setItem(name, JSON.stringify(value)) : sessionStorage.removeItem(name));
const kept = (name) => {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
};

function show(step, focus) {
  for (const name of STEPS) $(name).hidden = name !== step;
  document.title = $(`${step}-title`).textContent;
  $('pane').hidden = !config.outbox || step === 'inside';
  // Whoever hears the page hears the new heading; whoever sees it can type at once.
  (focus ?? $(`${step}-title`)).focus();
}

function complain(step, message, field) {
  $(`${step}-error`).textContent = message;
  field?.setAttribute('aria-invalid', message ? 'true' : 'false');
}

/// Words for what went wrong, and where to go on.
function words(error) {
  if (!(error instanceof Refused)) return 'No connection. Check your network, then try again.';
  if (error.status === 429 || error.code === 'LimitExceededException') return error.retryAfter ? `Too many requests. Try again in ${error.retryAfter} s.` : 'Too many requests. Try again later.';
  if (error.status >= 500) return 'The service does not answer just now. Try again in a moment.';
  if (error.code === 'InvalidParameterException') return 'That does not look like a phone number.';
  return error.message;
}

/// One call at a time: two taps are one.
async function alone(button, step, work) {
  if (busy) return;
  busy = true;
  button.disabled = true;
  complain(step, '');
  try {
    await work();
  } catch (error) {
    complain(step, words(error));
  } finally {
    busy = false;
    button.disabled = false;
    tick();
  }
}

function presented(phone, answer) {
  const told = answer.ChallengeParameters;
  flow = {
    phone,
    session: answer.Session,
    username: told.USERNAME,
    codeLength: Number(told.codeLength) || 6,
    attemptsLeft: told.attemptsLeft,
    resendAt: Date.now() + 1000 * (Number(told.resendIn) || 0),
    // Functions of one's own may know no resend.
    mayResend: told.resendIn !== undefined,
  };
  keep(FLOW, flow);
}

/// Where no text went out and no earlier one is good, there is no code to be typed: people go on where they began.
function isWithoutText({ ChallengeParameters: told }) {
  if (told.status !== 'wait' || told.attemptsLeft !== '0') return false;
  const seconds = Number(told.resendIn) || 0;
  const when = seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
  leave();
  complain('number', `No text just now: too many went to this number. Try again in ${when}.`);
  return true;
}

async function start() {
  const phone = typedNumber($('phone').value, $('country').selectedOptions[0].dataset.dial);
  if (!phone) {
    complain('number', 'Type your phone number, digits only.', $('phone'));
    $('phone').focus();
    return;
  }
  await alone($('send'), 'number', async () => {
    const answer = await call('InitiateAuth', {
      AuthFlow: 'CUSTOM_AUTH', ClientId: config.clientId, AuthParameters: { USERNAME: phone }, ClientMetadata: { action: 'start' },
    });
    if (isWithoutText(answer)) return;
    presented(phone, answer);
    $('phone').setAttribute('aria-invalid', 'false');
    toCode();
    if (answer.ChallengeParameters.status === 'wait') $('code-hint').textContent = 'No other text just now: the code of the last one is still good.';
  });
}

function toCode() {
  $('sent-to').textContent = flow.phone;
  $('answer').value = '';
  complain('code', '', $('answer'));
  $('code-hint').textContent = '';
  $('resend').hidden = flow.mayResend === false;
  show('code', $('answer'));
  listen();
  tick();
  poll();
}

async function respond(answer, metadata) {
  return call('RespondToAuthChallenge', {
    ClientId: config.clientId, ChallengeName: 'CUSTOM_CHALLENGE', Session: flow.session,
    ChallengeResponses: { USERNAME: flow.username, ANSWER: answer }, ...(metadata && { ClientMetadata: metadata }),
  });
}

/// An error in a round ends the sign-in: the session is used up, so there is nothing left but to begin again.
function ended(error) {
  const again = error instanceof Refused && error.status < 429 && error.code === 'NotAuthorizedException';
  if (!again) throw error;
  leave();
  complain('number', 'That code is no longer good. Ask for a new one.');
}

async function verify() {
  const code = asciiDigits($('answer').value);
  // Enter after the last digit: the code was sent by itself, and what came of it stands there already.
  if (!code && $('code-error').textContent) return;
  if (!code) {
    complain('code', 'Type the code from the text.', $('answer'));
    $('answer').focus();
    return;
  }
  await alone($('verify'), 'code', async () => {
    webOtp?.abort();
    let answer;
    try {
      answer = await respond(code);
    } catch (error) {
      ended(error);
      return;
    }
    if (answer.AuthenticationResult) {
      signedIn(answer.AuthenticationResult);
      return;
    }
    if (isWithoutText(answer)) return;
    presented(flow.phone, answer);
    $('answer').value = '';
    const left = Number(flow.attemptsLeft);
    // Functions of one's own may not say how many.
    const tries = left === 1 ? ' 1 try left.' : left > 1 ? ` ${left} tries left.` : '';
    const isNew = answer.ChallengeParameters.status === 'replaced';
    complain('code', isNew ? 'That code is no longer good: a new one is on its way.' : `That is not the code.${tries}`, $('answer'));
    $('answer').focus();
    listen();
  });
}

async function resend() {
  await alone($('resend'), 'code', async () => {
    let answer;
    try {
      answer = await respond('resend', { action: 'resend' });
    } catch (error) {
      ended(error);
      return;
    }
    if (isWithoutText(answer)) return;
    const status = answer.ChallengeParameters.status;
    presented(flow.phone, answer);
    const words = { resent: 'The same code is on its way again.', wait: 'Not yet: wait a little before you ask again.' };
    $('code-hint').textContent = words[status] ?? 'Asked for it again.';
    $('answer').focus();
    poll();
  });
}

function leave() {
  webOtp?.abort();
  flow = null;
  keep(FLOW, null);
  show('number', $('phone'));
}

/// The countdown is in the button's own words, and said aloud only once it is over.
function tick() {
  if (!flow || $('code').hidden || busy) return;
  const left = Math.ceil((flow.resendAt - Date.now()) / 1000);
  const wasWaiting = $('resend').disabled;
  $('resend').disabled = left > 0;
  $('resend').textContent = left > 0 ? `Text me the code again in ${left} s` : 'Text me the code again';
  if (wasWaiting && left <= 0) $('status').textContent = 'You can ask for the code again.';
  if (left > 0) $('status').textContent = '';
}
setInterval(tick, 500);

/// Where the browser can read the text by itself (WebOTP), it types the code.
async function listen() {
  webOtp?.abort();
  if (!('OTPCredential' in window) || !navigator.credentials) return;
  webOtp = new AbortController();
  try {
    const text = await navigator.credentials.get({ otp: { transport: ['sms'] }, signal: webOtp.signal });
    if (text?.code && !$('code').hidden) {
      $('answer').value = text.code;
      typed();
    }
  } catch {
    // Refused, aborted, or no phone: people type.
  }
}

/// Digits of any script, and nothing else; sent when the code is whole.
function typed() {
  const digits = asciiDigits($('answer').value).slice(0, flow?.codeLength ?? 6);
  if ($('answer').value !== digits) $('answer').value = digits;
  if (flow && digits.length === flow.codeLength) verify();
}

function signedIn(tokens) {
  flow = null;
  keep(FLOW, null);
  keep(TOKENS, { ...kept(TOKENS), ...tokens });
  $('claims').replaceChildren(...claims(tokens.IdToken).flatMap(([name, value]) => {
    const [term, text] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = name;
    text.textContent = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return [term, text];
  }));
  $('status').textContent = '';
  show('inside');
}

function claims(token) {
  const part = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
  return Object.entries(JSON.parse(new TextDecoder().decode(bytes)));
}

const isRefused = (error) => error instanceof Refused && error.code === 'NotAuthorizedException';

async function signOut(button, work) {
  await alone(button, 'inside', async () => {
    await work(kept(TOKENS) ?? {});
    keep(TOKENS, null);
    show('number', $('phone'));
  });
}

/// An access token lives for an hour: one that is too old says nothing of the other devices, so a fresh one asks again. Only when that
/// cannot be had is this sign-in over already.
async function everywhere({ AccessToken, RefreshToken }) {
  try {
    await call('GlobalSignOut', { AccessToken });
  } catch (error) {
    if (!isRefused(error)) throw error;
    let fresh;
    try {
      fresh = await call('GetTokensFromRefreshToken', { ClientId: config.clientId, RefreshToken });
    } catch (refusal) {
      if (isRefused(refusal)) return;
      throw refusal;
    }
    await call('GlobalSignOut', { AccessToken: fresh.AuthenticationResult.AccessToken });
  }
}

let polling = 0;
/// Shows the texts that were "sent", while a code is waited for.
async function poll() {
  const mine = ++polling;
  while (config.outbox && mine === polling && !$('code').hidden) {
    if (!document.hidden) {
      try {
        const { messages } = await (await fetch('/dev/outbox')).json();
        $('texts').replaceChildren(...messages.reverse().map(({ to, body }) => {
          const [item, head] = [document.createElement('li'), document.createElement('small')];
          head.textContent = to;
          item.append(head, body);
          return item;
        }));
      } catch {
        // The next look may do better.
      }
    }
    await new Promise((done) => setTimeout(done, 1000));
  }
}

function countries() {
  const region = new Intl.Locale(navigator.language).maximize().region;
  $('country').replaceChildren(...COUNTRIES.map(([code, name, dial]) => {
    const option = document.createElement('option');
    option.value = code;
    option.dataset.dial = dial;
    option.textContent = `${name} (+${dial})`;
    option.selected = code === region;
    return option;
  }));
  chosen();
}

function chosen() {
  $('dial').textContent = `+${$('country').selectedOptions[0].dataset.dial}`;
}

/// A whole international number says its country by itself.
function adopt() {
  const digits = $('phone').value.trim();
  if (!/^(\+|00)/.test(digits)) return;
  const all = asciiDigits(digits).replace(digits.startsWith('00') ? /^00/ : /^/, '');
  const fits = COUNTRIES.filter(([, , dial]) => all.startsWith(dial)).sort((a, b) => b[2].length - a[2].length);
  const dial = $('country').selectedOptions[0].dataset.dial;
  if (fits.length && fits[0][2] !== dial) {
    $('country').value = fits[0][0];
    chosen();
  }
}

$('country').addEventListener('change', chosen);
$('phone').addEventListener('input', adopt);
$('number-form').addEventListener('submit', (event) => { event.preventDefault(); start(); });
$('code-form').addEventListener('submit', (event) => { event.preventDefault(); verify(); });
$('answer').addEventListener('input', typed);
$('back').addEventListener('click', leave);
$('resend').addEventListener('click', resend);
$('out').addEventListener('click', () => signOut($('out'), ({ RefreshToken }) => call('RevokeToken', { ClientId: config.clientId, Token: RefreshToken })));
$('everywhere').addEventListener('click', () => signOut($('everywhere'), everywhere));

/// Whoever reloads may have been signed out meanwhile, from another device.
async function stillInside(tokens) {
  if (!tokens?.IdToken) return null;
  try {
    await call('GetUser', { AccessToken: tokens.AccessToken });
  } catch (error) {
    if (!isRefused(error)) return tokens; // nobody knows
    try {
      const fresh = await call('GetTokensFromRefreshToken', { ClientId: config.clientId, RefreshToken: tokens.RefreshToken });
      return { ...tokens, ...fresh.AuthenticationResult };
    } catch (refusal) {
      if (!isRefused(refusal)) return tokens;
      keep(TOKENS, null);
      return null;
    }
  }
  return tokens;
}

countries();
try {
  config = await (await fetch('/config.json')).json();
} catch {
  complain('number', 'No connection. Reload the page to try again.');
}
const tokens = await stillInside(kept(TOKENS));
flow = kept(FLOW);
if (tokens) signedIn(tokens);
else if (flow) toCode();
else show('number', $('phone'));
