import { HeadwayError } from '@headway/protocol';

/** How much of the gateway each account may use: each key where the gateway has keys, else each address. */
export interface Limits {
  /** Requests and calls a minute, over HTTP and sockets together. A tenth of them may arrive at once. @default 30,000 */
  requests: number;
  /** Generations that are queued or running at once. Without keys, all callers share this limit. @default 64 */
  generations: number;
  /** Open subscriptions of one socket. @default 256 */
  subscriptions: number;
  /** Open connections of one address, and open sockets of one key. @default 512 */
  connectionsEach: number;
  /** Open connections in total. @default 4,096 */
  connections: number;
  /** Buffered bytes of incomplete bodies and messages of one key or address. @default 64 MiB */
  bytesEach: number;
  /** Buffered bytes of incomplete bodies and messages in total. @default 256 MiB */
  bytes: number;
}

/** One person at one machine stays below these; a program in an endless loop does not. */
const defaultLimits: Readonly<Limits> = {
  requests: 30_000,
  generations: 64,
  subscriptions: 256,
  connectionsEach: 512,
  connections: 4096,
  bytesEach: 64 * 1024 * 1024,
  bytes: 256 * 1024 * 1024,
};

/** The largest value of any limit. */
export const mostOfALimit = 1_000_000_000;

/** @throws HeadwayError `invalid-request` for a limit that is unknown, or is not a whole number from 1 to 1,000,000,000 */
export function readLimits(overrides: Partial<Limits>): Limits {
  const limits: Limits = { ...defaultLimits };
  for (const [name, value] of Object.entries(overrides)) {
    if (!isLimit(name)) throw refused(name, `does not exist; choose one of ${limitNames.join(', ')}`);
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1 || value > mostOfALimit)
      throw refused(name, `must be a whole number from 1 to ${mostOfALimit}`);
    limits[name] = value;
  }
  return limits;
}

function isLimit(name: string): name is keyof Limits {
  return Object.hasOwn(defaultLimits, name);
}

export const limitNames = Object.keys(defaultLimits);

/** Reads a limit from the command line, like `requests=600`. @throws HeadwayError `invalid-request` */
export function parseLimit(text: string): Partial<Limits> {
  const [, name = '', digits = ''] = /^([A-Za-z]+)=(\d{1,15})$/.exec(text) ?? [];
  if (digits === '') throw new HeadwayError('invalid-request', `--limit: write it like ${limitNames[0]}=600`);
  const limit = { [name]: Number(digits) };
  readLimits(limit);
  return limit;
}

function refused(name: string, why: string): HeadwayError {
  return new HeadwayError('invalid-request', `limit ${name} ${why}`);
}
