// What people type, as the server takes it.

/// The digits in `text`, of whatever script, as 0 to 9.
export function asciiDigits(text) {
  return [...text].map((letter) => {
    if (!/\p{Nd}/u.test(letter)) return '';
    // Digits of a script stand side by side, the zero first.
    let value = 0;
    const point = letter.codePointAt(0);
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value += 1;
    return String(value);
  }).join('');
}

/// Countries whose numbers keep their first 0 behind the code.
const KEEPS_ZERO = new Set(['39', '378', '379', '225', '242']);

/// The number in international form; empty if there is none, or letters are in it: a letter is not a digit that was left out.
export function typedNumber(text, dial) {
  if (/\p{L}/u.test(text)) return '';
  const digits = asciiDigits(text);
  const trimmed = text.trim();
  let all = dial + (KEEPS_ZERO.has(dial) ? digits : digits.replace(/^0+/, ''));
  if (trimmed.startsWith('+') || trimmed.startsWith('＋')) all = digits;
  else if (trimmed.startsWith('00')) all = digits.replace(/^00/, '');
  return /^[1-9][0-9]{6,14}$/.test(all) && digits.length >= 4 ? `+${all}` : '';
}
