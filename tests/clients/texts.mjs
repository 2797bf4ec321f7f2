// The texts that the server "sent", and numbers to send them to.
import { readFileSync } from 'node:fs';

export const URL_ = process.env.CUSTOM_AUTH_URL;
export const POOL = 'local_CustomAuth';
export const CLIENT = 'customauth';

/// The newest code that was texted to `phone`.
export async function code(phone, before = '') {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const lines = readFileSync(process.env.OUTBOX, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    const text = lines.reverse().find(({ to }) => to === phone)?.body.match(/\d{6}/)[0];
    if (text && text !== before) return text;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`no text to ${phone}`);
}

export const other = (right) => String((Number(right) + 1) % 1e6).padStart(6, '0');

/// Numbers that no other test has: `block` is the suite's own.
export function numbers(block) {
  let last = 0;
  return () => `+1555010${block}${String((last += 1)).padStart(2, '0')}`;
}
