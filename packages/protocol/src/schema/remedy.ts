import type { z } from 'zod';

const kinds: Record<string, string> = {
  array: 'an array',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a string',
};

/** The words for an issue: the fault and, if the schema has one, a valid value. */
export interface Remedy {
  message: string;
  expected?: string;
}

/** Explains an issue in plain words. A message that the schema itself sets stays. */
export function remedyOf(issue: z.core.$ZodIssue): Remedy {
  const { message } = issue;
  if (!/^(Invalid (input|option|discriminator)|Too (big|small))/.test(message)) return { message };
  switch (issue.code) {
    case 'invalid_type':
      return wrongType([issue.expected], message);
    case 'too_big':
      return bound('at most', 'less than', issue.origin, issue.maximum, issue.inclusive);
    case 'too_small':
      return bound('at least', 'more than', issue.origin, issue.minimum, issue.inclusive);
    case 'invalid_value':
      return oneOf(issue.values.map((value) => JSON.stringify(value)));
    case 'invalid_union': {
      const [, options] = /Expected (.*)$/.exec(message) ?? [];
      return options ? oneOf(options.split(' | ').map((option) => option.replaceAll("'", '"'))) : { message };
    }
    default:
      return { message };
  }
}

/** The remedy for a value of the wrong type. `message` is zod's, the only place that names the value's type. */
export function wrongType(types: readonly string[], message: string): Remedy {
  const expected = types.map((type) => kinds[type] ?? `of type ${type}`).join(' or ');
  const [, received = ''] = /received (\w+)/.exec(message) ?? [];
  if (received === 'undefined') return { message: `is missing; it must be ${expected}`, expected };
  const wrong = received === 'boolean' ? 'a boolean' : (kinds[received] ?? received);
  const not = wrong === '' || types.includes('int') ? '' : `, not ${wrong}`;
  return { message: `must be ${expected}${not}`, expected };
}

function bound(closed: string, open: string, origin: string, limit: number | bigint, inclusive = true): Remedy {
  const words = `${inclusive ? closed : open} ${limit}`;
  const [one, several] = counted[origin] ?? [];
  if (one === undefined) return { message: `must be ${words}`, expected: words };
  const expected = `${words} ${limit === 1 ? one : several}`;
  return { message: `must have ${expected}`, expected };
}

const counted: Record<string, [one: string, several: string]> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function oneOf(options: readonly string[]): Remedy {
  const expected = options.length === 1 ? String(options[0]) : `one of: ${options.join(', ')}`;
  return { message: `must be ${expected}`, expected };
}
