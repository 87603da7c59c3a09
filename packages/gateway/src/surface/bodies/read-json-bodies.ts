import { isAscii } from 'node:buffer';

import { HeadwayError } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { accountOf } from '../../access/limits/account.ts';
import { largeBodyBytes, type LargeBodyScheduler } from '../../access/limits/large-body-scheduler.ts';
import { refuseCrowded } from './refuse-crowded.ts';
import { refuseOversized } from './refuse-oversized.ts';

/** Reads bodies of JSON, and refuses what is none by what is wrong with it. It parses a large one in a step of `scheduler`. */
export function readJsonBodies(app: FastifyInstance, scheduler: LargeBodyScheduler): void {
  app.removeContentTypeParser(['text/plain', 'application/json']);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, ({ caller, ip }, bytes, done) => {
    let body: unknown;
    try {
      body = parseBody(bodyText(bytes as Buffer));
    } catch (thrown) {
      return done(thrown as Error);
    }
    if (bytes.length <= largeBodyBytes) return done(null, body);
    scheduler.schedule(accountOf(caller, ip), () => done(null, body));
  });
}

/**
 * @throws HeadwayError `invalid-request` for bytes that are not UTF-8, in which JSON is sent (RFC 8259, 8.1), and for JSON
 * that would take long to parse
 */
export function bodyText(bytes: Buffer): string {
  refuseCrowded(bytes);
  // By far the quickest way, and most of what is large is written so.
  if (isAscii(bytes)) return bytes.toString('latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HeadwayError('invalid-request', 'the body is not valid UTF-8; send JSON in UTF-8', { cause });
  }
}

function parseBody(text: string): unknown {
  if (text === '') throw new HeadwayError('invalid-request', 'the body is empty; send a JSON object');
  const body = parseJson(text);
  refuseOversized(body);
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HeadwayError('invalid-request', `the body is not valid JSON (${why(cause)})`, { cause });
  }
}

/** Engines quote what they read. What was sent is not for messages and logs. */
function why(cause: unknown): string {
  const [at] = /position \d+/.exec(cause instanceof Error ? cause.message : '') ?? [];
  return at ?? 'it ends too early, or has a character that does not belong there';
}
