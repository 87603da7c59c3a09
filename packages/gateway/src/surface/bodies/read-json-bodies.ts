import { isAscii } from 'node:buffer';

import { HeadwayError } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { accountOf } from '../../access/limits/account.ts';
import { largeBodyBytes, type LargeBodyScheduler } from '../../access/limits/large-body-scheduler.ts';
import { refuseManyValues } from './refuse-many-values.ts';
import { refuseOversized } from './refuse-oversized.ts';

/** Parses JSON bodies and refuses invalid ones. Each large body is parsed in a step of `scheduler`. */
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
 * @throws HeadwayError `invalid-request` for bytes that are not UTF-8, the encoding of JSON (RFC 8259, 8.1), and for
 * JSON that would take long to parse
 */
export function bodyText(bytes: Buffer): string {
  refuseManyValues(bytes);
  // By far the fastest way, and most large bodies are ASCII.
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

/**
 * Why parsing failed, without the text that JavaScript engines quote: a body's text does not belong in messages and
 * logs.
 */
function why(cause: unknown): string {
  const [at] = /position \d+/.exec(cause instanceof Error ? cause.message : '') ?? [];
  return at ?? 'it is cut off or has an unexpected character';
}
