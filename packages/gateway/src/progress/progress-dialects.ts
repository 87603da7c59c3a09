import { HeadwayError } from '@headway/protocol';
import type { FastifyRequest } from 'fastify';

/** The ways in which a client asked to be told of the prefill; none of them is silence. */
export interface ProgressDialects {
  /** llama.cpp's chunks: `return_progress: true` in the body. */
  llamaCpp: boolean;
  /** `X-Headway-Progress: named`: an event of its own name, in a form that SDKs survive. */
  named: boolean;
  /** `X-Headway-Progress: comment`: exo's comment lines. */
  comment: boolean;
  /** `X-SwiftLM-Prefill-Progress`: SwiftLM's lean event. */
  swiftLm: boolean;
}

/** SwiftLM's; any other value asks for nothing there. */
const yes = new Set(['1', 'on', 'true', 'yes']);

/**
 * Reads what a request asks for by its headers and its body's `return_progress`.
 *
 * @throws HeadwayError `invalid-request` for an `X-Headway-Progress` that is none
 */
export function readProgressDialects(headers: FastifyRequest['headers'], returnProgress: boolean): ProgressDialects {
  const form = wordOf(headers['x-headway-progress']);
  if (form !== undefined && form !== 'named' && form !== 'comment') {
    throw new HeadwayError(
      'invalid-request',
      'X-Headway-Progress: must be named or comment; send one of them, or none',
    );
  }
  return {
    llamaCpp: returnProgress,
    named: form === 'named',
    comment: form === 'comment',
    swiftLm: yes.has(wordOf(headers['x-swiftlm-prefill-progress']) ?? ''),
  };
}

function wordOf(value: string | string[] | undefined): string | undefined {
  return value === undefined ? undefined : String(value).trim().toLowerCase();
}
