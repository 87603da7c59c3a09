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

/** What would be right instead, in plain words; a schema's own message is kept. */
export function remedyOf(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid (input|option|discriminator)|Too (big|small))/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return wrongType([issue.expected], issue.message);
    case 'too_big':
      return `must ${bound('at most', 'less than', issue.origin, issue.maximum, issue.inclusive)}`;
    case 'too_small':
      return `must ${bound('at least', 'more than', issue.origin, issue.minimum, issue.inclusive)}`;
    case 'invalid_value':
      return oneOf(issue.values.map((value) => JSON.stringify(value)));
    case 'invalid_union': {
      const [, options] = /Expected (.*)$/.exec(issue.message) ?? [];
      return options ? oneOf(options.split(' | ').map((option) => option.replaceAll("'", '"'))) : issue.message;
    }
    default:
      return issue.message;
  }
}

/** `message` is zod's, which alone tells what came instead. */
export function wrongType(expected: readonly string[], message: string): string {
  const right = expected.map((type) => kinds[type] ?? `of type ${type}`).join(' or ');
  const [, received = ''] = /received (\w+)/.exec(message) ?? [];
  if (received === 'undefined') return `is missing; it must be ${right}`;
  const wrong = received === 'boolean' ? 'a boolean' : (kinds[received] ?? received);
  return wrong === '' || expected.includes('int') ? `must be ${right}` : `must be ${right}, not ${wrong}`;
}

function bound(closed: string, open: string, origin: string, limit: number | bigint, inclusive = true): string {
  const words = inclusive ? closed : open;
  if (origin === 'string') return `have ${words} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  if (origin === 'array') return `have ${words} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `be ${words} ${limit}`;
}

function oneOf(options: readonly string[]): string {
  return options.length === 1 ? `must be ${options[0]}` : `must be one of: ${options.join(', ')}`;
}
