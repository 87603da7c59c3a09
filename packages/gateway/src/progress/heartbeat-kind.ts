import { HeadwayError } from '@headway/protocol';
import type { FastifyRequest } from 'fastify';

/** `comment`: nothing that a client parses; `data`: an event, for watchdogs that count only those. */
export type HeartbeatKind = 'comment' | 'data';

/**
 * The form of heartbeat that `X-Headway-Heartbeat` asks for, or the usual one.
 *
 * @throws HeadwayError `invalid-request` for a word that is neither
 */
export function readHeartbeatKind(headers: FastifyRequest['headers'], usual: HeartbeatKind = 'comment'): HeartbeatKind {
  const value = headers['x-headway-heartbeat'];
  if (value === undefined) return usual;
  const word = String(value).trim().toLowerCase();
  if (word === 'comment' || word === 'data') return word;
  throw new HeadwayError('invalid-request', 'X-Headway-Heartbeat: must be comment or data; send one of them, or none');
}
