import { maxValues, tooManyValues } from './refuse-oversized.ts';

const [quote, backslash, colon, brace, bracket] = [0x22, 0x5c, 0x3a, 0x7b, 0x5b];

/**
 * Refuses JSON with more values than `refuseOversized` takes, without making them: to parse 4 MiB of `{}` takes most of a
 * second and 100 MB. Numbers, of which tokens are made, cost little and are left to it.
 *
 * @throws HeadwayError `invalid-request`
 */
export function refuseManyValues(json: Uint8Array): void {
  // A value and its comma take two bytes at least.
  if (json.length < 2 * maxValues) return;
  let strings = 0;
  let named = 0;
  let containers = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === quote) {
      strings++;
      at = endOfString(json, at + 1);
    } else if (byte === colon) named++;
    else if (byte === brace || byte === bracket) containers++;
    else continue;
    // A string is a value or the name of one; the outermost container is in none.
    if (named > maxValues || strings - named + containers - 1 > maxValues) throw tooManyValues();
  }
}

/** Where the quote is that ends a string, or the end of all. */
function endOfString(json: Uint8Array, from: number): number {
  const first = json.indexOf(quote, from);
  if (first < 0) return json.length;
  if (json[first - 1] !== backslash) return first;
  let at = from;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}
