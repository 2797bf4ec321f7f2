// The page in a real browser, against a real server: CUSTOM_AUTH_URL is its address, SCREENSHOTS a folder.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const URL_ = process.env.CUSTOM_AUTH_URL;
const SHOTS = process.env.SCREENSHOTS ?? 'screenshots';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
let browser;
let last = 100;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
});
after(() => browser?.close());

/// Each test has a number of its own, since texts are limited by number.
const number = () => `+15550100${(last += 1)}`;
const national = (phone) => phone.slice(2);

/// A page that fails its test by any error, any refused content, and any request to another host.
async function open(options = {}, prepare = async () => {}) {
  const context = await browser.newContext({ locale: 'en-US', ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // A wrong answer to a call is told by the browser too.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(URL_).origin) faults.push(request.url());
  });
  await prepare(page);
  await page.goto(URL_);
  await page.locator('#number').waitFor();
  return { page, close: async () => { await context.close(); assert.deepEqual(faults, []); } };
}

async function code(phone) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const { messages } = await (await fetch(`${URL_}/dev/outbox`)).json();
    const text = messages.reverse().find(({ to }) => to === phone);
    if (text) return text.body.match(/\d{6}/)[0];
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no text to ${phone}`);
}
const other = (right) => String((Number(right) + 1) % 1e6).padStart(6, '0');

async function toCode(page, phone) {
  await page.fill('#phone', national(phone));
  await page.click('#send');
  await page.locator('#code').waitFor();
  return code(phone);
}
const inside = (page) => page.locator('#inside').waitFor();
const focused = (page) => page.evaluate(() => document.activeElement.id);

test('a number that is new signs in by keyboard alone, with a wrong code first', async () => {
  const { page, close } = await open();
  const phone = number();
  assert.equal(await focused(page), 'phone');
  await page.keyboard.type(national(phone));
  await page.keyboard.press('Enter');
  await page.locator('#code').waitFor();
  assert.equal(await focused(page), 'answer');
  const right = await code(phone);
  await page.keyboard.type(other(right));
  await page.getByText('That is not the code. 2 tries left.').waitFor();
  assert.equal(await page.getAttribute('#answer', 'aria-invalid'), 'true');
  assert.equal(await focused(page), 'answer');
  await page.keyboard.type(right); // sent when it is whole
  await inside(page);
  assert.match(await page.innerText('#claims'), new RegExp(`phone_number\\s+\\${phone}`));
  await close();
});

test('a known number goes the same way', async () => {
  const phone = number();
  const seen = [];
  for (let round = 0; round < 2; round += 1) {
    const { page, close } = await open();
    const right = await toCode(page, phone);
    seen.push(await page.innerText('main'));
    await page.fill('#answer', right);
    await inside(page);
    await page.click('#out');
    await page.locator('#number').waitFor();
    await close();
  }
  assert.equal(seen[0].replace(/\d+ s/, ''), seen[1].replace(/\d+ s/, ''));
});

test('a code is pasted with a dash, and typed in digits of other scripts', async () => {
  const scripts = { dash: (d) => `${d.slice(0, 3)}-${d.slice(3)}`, arabic: shift(0x660), devanagari: shift(0x966), wide: shift(0xff10) };
  for (const write of Object.values(scripts)) {
    const { page, close } = await open();
    const right = await toCode(page, number());
    await page.evaluate((text) => navigator.clipboard?.writeText(text).catch(() => {}), write(right));
    await page.locator('#answer').evaluate((field, text) => {
      field.value = text; // as a paste leaves it
      field.dispatchEvent(new InputEvent('input', { inputType: 'insertFromPaste', bubbles: true }));
    }, write(right));
    await inside(page);
    await close();
  }
});
function shift(zero) {
  return (digits) => [...digits].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
}

test('a whole international number chooses its country, and letters are refused', async () => {
  const { page, close } = await open();
  await page.fill('#phone', '+91 99999 00017');
  assert.equal(await page.inputValue('#country'), 'IN');
  await page.selectOption('#country', 'US');
  await page.fill('#phone', '555 010 o123');
  await page.click('#send');
  await page.getByText('Type your phone number, digits only.').waitFor();
  assert.equal(await focused(page), 'phone');
  assert.equal(await page.locator('#code').isVisible(), false);
  await close();
});

test('the code can be asked for again once the countdown is over', async () => {
  const { page, close } = await open({}, (page) => page.clock.install());
  const phone = number();
  await page.fill('#phone', national(phone));
  await page.click('#send');
  await page.locator('#code').waitFor();
  await page.clock.runFor(1000);
  assert.match(await page.innerText('#resend'), /again in \d+ s/);
  assert.equal(await page.isDisabled('#resend'), true);
  await page.clock.runFor(30_000);
  assert.equal(await page.innerText('#resend'), 'Text me the code again');
  assert.equal(await page.isDisabled('#resend'), false);
  assert.equal(await page.innerText('#status'), 'You can ask for the code again.');
  // The server's own clock stands where it stood: it says how long to wait, and the page counts again.
  await page.click('#resend');
  await page.getByText('Not yet: wait a little before you ask again.').waitFor();
  await page.clock.runFor(1000);
  assert.match(await page.innerText('#resend'), /again in \d+ s/);
  await close();
});

test('a browser that reads texts types the code by itself', async () => {
  let give;
  const right = new Promise((done) => { give = done; });
  const { page, close } = await open({}, async (page) => {
    await page.exposeFunction('textArrives', () => right);
    await page.addInitScript(() => {
      window.OTPCredential ??= class {};
      navigator.credentials.get = async ({ otp }) => ({ code: otp.transport[0] === 'sms' && await window.textArrives() });
    });
  });
  const phone = number();
  give(await toCode(page, phone));
  await inside(page);
  await close();
});

test('a reload in mid-flow goes on, and so does one when signed in', async () => {
  const { page, close } = await open();
  const right = await toCode(page, number());
  await page.fill('#answer', other(right));
  await page.getByText('2 tries left').waitFor();
  await page.reload();
  await page.locator('#code').waitFor();
  await page.fill('#answer', right);
  await inside(page);
  await page.reload();
  await inside(page);
  await page.click('#everywhere');
  await page.locator('#number').waitFor();
  await page.reload();
  await page.locator('#number').waitFor();
  await close();
});

test('signing out everywhere with a token that is too old asks again with a fresh one', async () => {
  const { page, close } = await open();
  const right = await toCode(page, number());
  await page.fill('#answer', right);
  await inside(page);
  const kept = await page.evaluate(() => JSON.parse(sessionStorage.getItem('custom-auth.tokens')));
  await page.evaluate((tokens) => sessionStorage.setItem('custom-auth.tokens', JSON.stringify({ ...tokens, AccessToken: 'too old' })), kept);
  await page.click('#everywhere');
  await page.locator('#number').waitFor();
  const answer = await fetch(URL_, {
    method: 'POST', body: JSON.stringify({ AccessToken: kept.AccessToken }),
    headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.GetUser' },
  });
  assert.equal((await answer.json()).message, 'Access Token has been revoked');
  await close();
});

test('a wrong number is mended, and what was typed is still there', async () => {
  const { page, close } = await open();
  const phone = number();
  await toCode(page, phone);
  await page.click('#back');
  assert.equal(await focused(page), 'phone');
  assert.equal(await page.inputValue('#phone'), national(phone));
  await close();
});

test('too many wrong codes end the sign-in with a word on how to go on', async () => {
  const { page, close } = await open();
  const right = await toCode(page, number());
  for (let round = 0; round < 9 && await page.locator('#code').isVisible(); round += 1) {
    const before = await page.innerText('#code-error');
    await page.fill('#answer', other(right));
    await page.waitForFunction((before) => document.querySelector('#code').hidden
      || document.querySelector('#code-error').textContent !== before, before);
    await page.waitForTimeout(300);
  }
  await page.getByText(/no longer good/).first().waitFor();
  await close();
});

test('a number that too many texts went to is told so, and nobody is asked for a code that cannot be', async () => {
  const { page, close } = await open();
  const phone = number();
  for (let text = 0; text < 3; text += 1) {
    const right = await toCode(page, phone);
    await page.fill('#answer', right);
    await page.locator('#inside').waitFor();
    await page.click('#out');
    await page.locator('#number').waitFor();
    await page.waitForTimeout(1100); // the next text of the same second would be taken for the last
  }
  await page.fill('#phone', national(phone));
  await page.click('#send');
  await page.getByText(/No text just now: too many went to this number\. Try again in \d+ minutes\./).waitFor();
  assert.equal(await page.isVisible('#number'), true);
  assert.equal(await page.isVisible('#code'), false);
  await close();
});

test('a function that knows no resend is not asked for one', async () => {
  const { page, close } = await open();
  await page.route(URL_ + '/', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const answer = await route.fetch();
    const json = await answer.json();
    delete json.ChallengeParameters?.resendIn;
    return route.fulfill({ response: answer, json });
  });
  await toCode(page, number());
  assert.equal(await page.isVisible('#resend'), false);
  await close();
});

test('whoever was signed out from another device meanwhile sees it at the next reload', async () => {
  const { page, close } = await open();
  await page.fill('#answer', await toCode(page, number()));
  await page.locator('#inside').waitFor();
  await page.evaluate(async () => {
    const held = Object.values(sessionStorage).map((text) => JSON.parse(text)).find((held) => held?.AccessToken);
    await fetch('/', { method: 'POST', body: JSON.stringify({ AccessToken: held.AccessToken }), headers: {
      'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'AWSCognitoIdentityProviderService.GlobalSignOut' } });
  });
  await page.reload();
  await page.locator('#number').waitFor();
  assert.equal(await page.isVisible('#inside'), false);
  await close();
});

test('what goes wrong on the way is told, and tried again', async () => {
  const { page, close } = await open();
  const phone = number();
  await page.fill('#phone', national(phone));
  const answers = [
    [(route) => route.abort(), 'No connection.'],
    [(route) => route.fulfill({ status: 429, headers: { 'Retry-After': '7' }, json: { __type: 'TooManyRequestsException', message: 'x' } }), 'Try again in 7 s.'],
    [(route) => route.fulfill({ status: 503, json: {} }), 'does not answer just now'],
    [(route) => route.fulfill({ status: 500, body: 'oops' }), 'does not answer just now'],
    [(route) => route.fulfill({ status: 400, json: { __type: 'InvalidParameterException', message: 'x' } }), 'does not look like a phone number'],
  ];
  for (const [answer, words] of answers) {
    await page.route(URL_ + '/', (route) => (route.request().method() === 'POST' ? answer(route) : route.continue()), { times: 1 });
    await page.click('#send');
    await page.getByText(words).waitFor();
    assert.equal(await page.isDisabled('#send'), false);
  }
  await page.click('#send');
  await page.locator('#code').waitFor();
  await close();
});

test('two taps are one', async () => {
  const { page, close } = await open();
  let calls = 0;
  page.on('request', (request) => { calls += request.method() === 'POST' ? 1 : 0; });
  await page.fill('#phone', national(number()));
  await page.evaluate(() => {
    const form = document.querySelector('#number-form');
    form.requestSubmit();
    form.requestSubmit();
  });
  await page.locator('#code').waitFor();
  assert.equal(calls, 1);
  await close();
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [320, 768, 1280]) {
    test(`in ${colorScheme} at ${width} px nothing is cut off and nothing stands in anybody's way`, async () => {
      const { page, close } = await open({ colorScheme, viewport: { width, height: 800 } });
      await seemly(page, `number-${colorScheme}-${width}`);
      const phone = number();
      const right = await toCode(page, phone);
      await page.locator('#texts li').first().waitFor();
      await seemly(page, `code-${colorScheme}-${width}`);
      await page.fill('#answer', other(right));
      await page.getByText('2 tries left').waitFor();
      await seemly(page, `wrong-${colorScheme}-${width}`);
      await page.fill('#answer', right);
      await inside(page);
      await seemly(page, `inside-${colorScheme}-${width}`);
      await close();
    });
  }
}

/// No violation that axe-core finds, no sideways scrolling, targets large enough; and a picture.
async function seemly(page, name) {
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, `${name} scrolls sideways by ${wide} px`);
  const small = await page.$$eval('button:not(.link), input, select', (all) => all
    .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.id));
  assert.deepEqual(small, [], name);
  // Into the page's own world, past its content policy, which is not what is tested here.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), [], name);
}
