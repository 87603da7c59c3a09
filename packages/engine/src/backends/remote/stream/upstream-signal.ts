import type { SpanProgress } from '@headway/protocol';

import type { DecodedPiece, DecodeEnd } from '../../../backend/backend.ts';

/** What an upstream's answer says, in one form for all dialects. */
export type UpstreamSignal =
  /**
   * The upstream's own queue. `position`: 1 is next; null when it tells none. `cached`: prompt tokens that it expects to
   * reuse.
   */
  | { type: 'queued'; position: number | null; cached?: number; total?: number }
  /** `loaded`: the share of the model that is loaded, 0 to 1; null when unknown. */
  | { type: 'loading'; loaded: number | null }
  /**
   * Prompt tokens; `processed` includes `cached`. `etaMs` where the upstream tells it; `ahead`: prompts that it reads
   * first; `estimated`: it guesses, too.
   */
  | {
      type: 'progress';
      processed: number;
      cached: number;
      total: number;
      etaMs?: number | null;
      ahead?: number;
      estimated?: boolean;
    }
  /** Prompt tokens that it reads and has read, both without those that it had cached, which it does not tell. */
  | { type: 'uncached-progress'; processed: number; total: number }
  /** The share of the prompt that is read, 0 to 1. */
  | { type: 'share'; share: number }
  /** How far one of the request's spans is read. */
  | { type: 'span'; span: SpanProgress }
  | { type: 'piece'; choice: number; piece: DecodedPiece }
  | { type: 'choice-end'; choice: number; end: DecodeEnd }
  /** One answer failed, and the others go on. `said`: the server's error as it wrote it. */
  | { type: 'choice-failed'; choice: number; said: unknown }
  /** Fields of the request's schemas that the upstream does not enforce. */
  | { type: 'left-out'; leftOut: string[] }
  | { type: 'usage'; usage: UpstreamUsage }
  /** The whole answer failed; `said`: the server's error as it wrote it. */
  | { type: 'failed'; said: unknown }
  /** Nothing follows. */
  | { type: 'end' };

/** Tokens as the upstream counts them; null where it does not say. */
export interface UpstreamUsage {
  promptTokens: number | null;
  cachedTokens: number | null;
  /** Of all choices together, or of `choice`. */
  completionTokens: number | null;
  /** The choice that the numbers are about; left out for all together. */
  choice?: number;
  /** Whether it comes by itself, after the choice's end, so that no other one follows. */
  last: boolean;
}

/** What a server says of a prompt that it has not read to its end. */
export type ReadingSignal = UpstreamSignal & {
  type: 'queued' | 'loading' | 'progress' | 'uncached-progress' | 'share';
};

/** One item of a stream of server-sent events. */
export type StreamItem = { kind: 'event'; name: string | undefined; data: string } | { kind: 'comment'; text: string };

/** Reads the items of one answer. */
export interface AnswerReader {
  read(item: StreamItem): Iterable<UpstreamSignal>;
}
