import { maxValues, tooManyValues } from './refuse-oversized.ts';

const [quote, backslash, colon, brace, bracket] = [0x22, 0x5c, 0x3a, 0x7b, 0x5b];

/**
 * Refuses JSON with more values than `refuseOversized` allows, before it is parsed: parsing 4 MiB of `{}` takes most of
 * a second and 100 MB. Numbers, such as token ids, cost little; `refuseOversized` counts them.
 *
 * @throws HeadwayError `invalid-request`
 */
export function refuseManyValues(json: Uint8Array): void {
  // A value and its comma take at least two bytes.
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
    // Each string is a value or a name. The outermost container is not counted.
    if (named > maxValues || strings - named + containers - 1 > maxValues) throw tooManyValues();
  }
}

/** The index of the quote that ends a string, or the length of the body. */
function endOfString(json: Uint8Array, from: number): number {
  const first = json.indexOf(quote, from);
  if (first < 0) return json.length;
  if (json[first - 1] !== backslash) return first;
  let at = from;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}
