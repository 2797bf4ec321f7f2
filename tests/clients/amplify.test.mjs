// aws-amplify v6, in Node and bundled in a browser that is at another address than the server.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import * as amplify from './amplify.mjs';
import { URL_, code, numbers, other } from './texts.mjs';

const node = numbers('01');
const page = numbers('02');
const tools = { code, other };

async function isRevoked(token) {
  const answer = await fetch(URL_, {
    method: 'POST', body: JSON.stringify({ AccessToken: token }),
    headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.GetUser' },
  });
  return (await answer.json()).message === 'Access Token has been revoked';
}

for (const part of ['journey', 'limbo', 'password']) {
  test(`Amplify in Node: ${part}`, async () => {
    amplify.point(URL_);
    await amplify[part](node(), tools);
  });
}

test('Amplify in Node: a new number in one step, and signed out everywhere', async () => {
  amplify.point(URL_);
  assert.ok(await isRevoked(await amplify.oneStep(node(), tools)));
});

test('Amplify in a browser: the same', async () => {
  const bundle = await build({ entryPoints: ['amplify.mjs'], bundle: true, format: 'iife', globalName: 'journeys', write: false, absWorkingDir: import.meta.dirname });
  const html = `<!doctype html><meta charset="utf-8"><title>app</title><script>${bundle.outputFiles[0].text.replaceAll('</script', '<\\/script')}</script>`;
  const app = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end(html));
  await new Promise((ready) => app.listen(0, '127.0.0.1', ready));
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
    '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  try {
    const tab = await browser.newPage();
    await tab.exposeFunction('textedCode', code);
    await tab.goto(`http://127.0.0.1:${app.address().port}/`);
    for (const part of ['journey', 'limbo', 'password', 'oneStep']) {
      await tab.evaluate(async ([part, endpoint, phone]) => {
        const tools = { code: window.textedCode, other: (right) => String((Number(right) + 1) % 1e6).padStart(6, '0') };
        window.journeys.point(endpoint);
        await window.journeys[part](phone, tools);
      }, [part, URL_, page()]);
    }
  } finally {
    await browser.close();
    app.close();
  }
});
