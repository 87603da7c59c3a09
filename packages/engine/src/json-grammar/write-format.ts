import { repeat, type GbnfRules } from './gbnf-rules.ts';
import type { Format } from './formats.ts';

/** Digits of a second's fraction. */
const maxFraction = 9;

/** Characters before the time in a date-time. */
const dateAndT = 'YYYY-MM-DDT'.length;

/** Whether a text of the format can be written with so many characters. */
export function canWriteFormat(format: Format, minLength: number, maxLength: number): boolean {
  if (format === 'date') return true;
  const before = format === 'time' ? 0 : dateAndT;
  return timeEnds(minLength - before, maxLength - before).length > 0;
}

/** A string in a format, with its quotes, of so many characters. */
export function defineFormat(rules: GbnfRules, format: Format, minLength: number, maxLength: number): string {
  switch (format) {
    case 'date':
      return rules.define('date', `"\\"" ${defineDate(rules)} "\\""`);
    case 'time':
      return rules.define('time', `"\\"" ${defineTime(rules, minLength, maxLength)} "\\""`);
    case 'date-time': {
      const time = defineTime(rules, minLength - dateAndT, maxLength - dateAndT);
      return rules.define('datetime', `"\\"" ${defineDate(rules)} "T" ${time} "\\""`);
    }
    default:
      return format satisfies never;
  }
}

/** Days as the calendar has them: 29 February in leap years alone. */
function defineDate(rules: GbnfRules): string {
  const four = '([02468] [048] | [13579] [26])';
  const leap = `([0-9] [0-9] ("0" [48] | [2468] [048] | [13579] [26]) | ${four} "00")`;
  const upTo28 = '("0" [1-9] | "1" [0-9] | "2" [0-8])';
  const most = `("0" [13578] | "1" [02]) "-" (${upTo28} | "29" | "3" [01])`;
  const short = `("0" [469] | "11") "-" (${upTo28} | "29" | "30")`;
  const february = `"02-" ${upTo28}`;
  return rules.define('day', `[0-9]{4} "-" (${most} | ${short} | ${february}) | ${leap} "-02-29"`);
}

interface TimeEnd {
  /** Digits of the second's fraction, from and to; null where it has none. */
  fraction: readonly [from: number, to: number] | null;
  zone: 'utc' | 'offset';
}

/** What may follow the seconds in a time that has so many characters. */
function timeEnds(least: number, most: number): TimeEnd[] {
  const zones = [
    ['utc', 'HH:MM:SSZ'.length],
    ['offset', 'HH:MM:SS+HH:MM'.length],
  ] as const;
  return zones.flatMap(([zone, length]): TimeEnd[] => {
    const plain: TimeEnd[] = length >= least && length <= most ? [{ fraction: null, zone }] : [];
    // The point comes with the digits.
    const from = Math.max(1, least - length - 1);
    const to = Math.min(maxFraction, most - length - 1);
    return from > to ? plain : [...plain, { fraction: [from, to], zone }];
  });
}

/** A time of day with its zone. */
function defineTime(rules: GbnfRules, least: number, most: number): string {
  const hour = rules.define('hour', '[01] [0-9] | "2" [0-3]');
  const minute = rules.define('minute', '[0-5] [0-9]');
  const zones = { utc: '"Z"', offset: `[+\\x2D] ${hour} ":" ${minute}` };
  const ends = timeEnds(least, most).map(({ fraction, zone }) =>
    fraction === null ? zones[zone] : `"." ${repeat('[0-9]', ...fraction)} ${zones[zone]}`,
  );
  return `${hour} ":" ${minute} ":" ${minute} ${rules.define('zone', ends.join(' | '))}`;
}
