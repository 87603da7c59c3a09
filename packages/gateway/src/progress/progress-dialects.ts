import { HeadwayError } from '@headway/protocol';
import type { FastifyRequest } from 'fastify';

/** The dialects in which a client wants prefill progress. With none of them the gateway sends no progress. */
export interface ProgressDialects {
  /** `return_progress: true` in the body: llama.cpp's chunks. */
  llamaCpp: boolean;
  /** `X-Headway-Progress: named`: an event `prefill_progress` whose data SDKs can parse. */
  named: boolean;
  /** `X-Headway-Progress: comment`: exo's comment lines. */
  comment: boolean;
  /** `X-SwiftLM-Prefill-Progress`: SwiftLM's short event. */
  swiftLm: boolean;
}

/** The values of SwiftLM's header that turn it on; SwiftLM ignores others. */
const yes = new Set(['1', 'on', 'true', 'yes']);

/**
 * Reads a request's progress dialects from its headers and its body's `return_progress`.
 *
 * @throws HeadwayError `invalid-request` for an unknown value of `X-Headway-Progress`
 */
export function readProgressDialects(headers: FastifyRequest['headers'], returnProgress: boolean): ProgressDialects {
  const dialect = wordOf(headers['x-headway-progress']);
  if (dialect !== undefined && dialect !== 'named' && dialect !== 'comment') {
    throw new HeadwayError(
      'invalid-request',
      'X-Headway-Progress: must be named or comment; send one of them, or none',
    );
  }
  return {
    llamaCpp: returnProgress,
    named: dialect === 'named',
    comment: dialect === 'comment',
    swiftLm: yes.has(wordOf(headers['x-swiftlm-prefill-progress']) ?? ''),
  };
}

function wordOf(value: string | string[] | undefined): string | undefined {
  return value === undefined ? undefined : String(value).trim().toLowerCase();
}
