import { HeadwayError } from '@headway/protocol';

/** How much of the gateway one of its users may take. Where there are keys that is a key, else an address. */
export interface Limits {
  /** Requests and calls a minute, on HTTP and sockets together; a tenth of them at once. @default 30,000 */
  requests: number;
  /** Generations that wait or run at once. Without keys this counts those of everybody. @default 64 */
  generations: number;
  /** Subscriptions that are open at once on one socket. @default 256 */
  subscriptions: number;
  /** Connections of one address, and sockets of one key, at once. @default 512 */
  connectionsEach: number;
  /** Connections of everybody at once. @default 4,096 */
  connections: number;
  /** Bytes of bodies and messages of one key or address that are not whole yet. @default 64 MiB */
  bytesEach: number;
  /** The same of everybody. @default 256 MiB */
  bytes: number;
}

/** One person at one machine never meets them; a program that has gone wild does. */
const defaultLimits: Readonly<Limits> = {
  requests: 30_000,
  generations: 64,
  subscriptions: 256,
  connectionsEach: 512,
  connections: 4096,
  bytesEach: 64 * 1024 * 1024,
  bytes: 256 * 1024 * 1024,
};

const mostOfAny = 1_000_000_000;

/** @throws HeadwayError `invalid-request` for a limit that is unknown or is not a whole number from 1 on */
export function readLimits(given: Partial<Limits>): Limits {
  const limits: Limits = { ...defaultLimits };
  for (const [name, value] of Object.entries(given)) {
    if (!isLimit(name)) throw refused(name, `is not one; there are ${limitNames.join(', ')}`);
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1 || value > mostOfAny)
      throw refused(name, `must be a whole number from 1 to ${mostOfAny}`);
    limits[name] = value;
  }
  return limits;
}

function isLimit(name: string): name is keyof Limits {
  return Object.hasOwn(defaultLimits, name);
}

export const limitNames = Object.keys(defaultLimits);

/** `requests=600`, as it stands on the command line. @throws HeadwayError `invalid-request` */
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
