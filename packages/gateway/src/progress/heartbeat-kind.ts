import { HeadwayError } from '@headway/protocol';
import type { FastifyRequest } from 'fastify';

/** `comment`: a comment line, which clients ignore; `data`: an event, for watchdogs that count events only. */
export type HeartbeatKind = 'comment' | 'data';

/**
 * The kind of heartbeat that the header `X-Headway-Heartbeat` names, or the usual one without it.
 *
 * @throws HeadwayError `invalid-request` for any other value
 */
export function readHeartbeatKind(headers: FastifyRequest['headers'], usual: HeartbeatKind = 'comment'): HeartbeatKind {
  const value = headers['x-headway-heartbeat'];
  if (value === undefined) return usual;
  const word = String(value).trim().toLowerCase();
  if (word === 'comment' || word === 'data') return word;
  throw new HeadwayError('invalid-request', 'X-Headway-Heartbeat: must be comment or data; send one of them, or none');
}
