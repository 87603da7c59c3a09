import type { GenerateRequest, TextToken } from '@headway/protocol';

import type { PromptOutlook } from '../../../backend/backend.ts';
import type { FieldNames } from '../request/request-fields.ts';
import type { ChunkQuirks } from '../stream/chat-reader.ts';
import type { AnswerReader, ReadingSignal, UpstreamSignal } from '../stream/upstream-signal.ts';
import type { Answer, Ask } from '../http/upstream-http.ts';
import type { Probe } from '../http/probe.ts';

/** The kinds of server that Headway knows by name. */
export const dialectNames = [
  'openai',
  'llama-server',
  'vllm',
  'sglang',
  'ollama',
  'lm-studio',
  'exo',
  'swiftlm',
  'mlx-lm',
  'headway',
] as const;

export type DialectName = (typeof dialectNames)[number];

/** What an upstream tells about itself. */
export interface UpstreamFacts {
  /** The ids of its models, the one that it would take first. */
  models: readonly string[];
  /** Tokens of prompt and answer together; null when it does not say. */
  contextSize: number | null;
  /** Requests that it works on at once; null when it does not say. */
  slots: number | null;
  /** LM Studio: whether its own API answers. @default false */
  hasRestApi?: boolean;
}

/** An upstream as its dialect uses it. */
export interface DialectContext {
  /** The id of the model there. */
  readonly model: string;
  /** What it told when it was last asked; null until it has answered. */
  readonly facts: UpstreamFacts | null;
  /** @throws UpstreamFailure when the upstream cannot be reached; the signal's reason */
  ask: (path: string, ask: Ask) => Promise<Answer>;
  /** The JSON of an answer. @throws UpstreamFailure for a failure or another status than 200 */
  json: (path: string, ask: Ask) => Promise<unknown>;
  /** Waits; rejects with the signal's reason. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** One request to an upstream, and how its answer is read. */
export interface UpstreamCall {
  path: string;
  body: object;
  headers?: Record<string, string>;
  /** @default server-sent events */
  format?: 'sse' | 'ndjson';
  /** Whether the answer tells how far the prompt is read, and how much of the model is loaded. @default the dialect's */
  reportsProgress?: boolean;
  /** Reads the items of the answer. One reader reads one answer. */
  createReader: () => AnswerReader;
  /**
   * Deleting this path stops the request, where closing its connection does not. The upstream then ends the answer.
   *
   * @default closing the connection stops it
   */
  cancelPath?: string;
}

/**
 * One kind of server: how it is recognised, asked and understood. Every dialect is OpenAI's API with additions, so each
 * starts from `openai.ts` and says where it differs.
 */
export interface Dialect {
  readonly name: DialectName;
  /** Whether it reports how far it has read a prompt; else Headway estimates it. */
  readonly reportsProgress: boolean;
  /** Whether a server that reports its progress lets a request wait while it says nothing at all. @default false */
  readonly silentWhileQueued?: boolean;
  /** Whether one request can ask for several answers (`n`). */
  readonly severalAnswers: boolean;
  /** Whether it tells the stop string that ended an answer. @default false */
  readonly tellsStopString?: boolean;
  /** Whether it tells how far each of the request's `spans` is read. @default false */
  readonly tellsSpans?: boolean;
  /** Whether it refuses tokens outside its vocabulary by their index. @default false */
  readonly refusesTokens?: boolean;
  /** Whether it keeps the cached prompts of owners apart. @default false */
  readonly cachesPerOwner?: boolean;
  /** Whether its calls have a `cancelPath`, so that the end of a cancelled answer is its own. @default false */
  readonly confirmsCancel?: boolean;
  /** Whether it continues raw text, at `v1/completions`. */
  readonly rawPrompts: boolean;
  /**
   * Which requests without `maxTokens` the server ends after a few tokens, so that it is asked for the rest of the context:
   * `raw` ones, or all. @default none
   */
  readonly endsEarly?: 'raw' | 'all';
  /** The names of request fields that it understands besides OpenAI's. */
  readonly fields: FieldNames;
  /** What requests cannot have, in the names of their fields. @default what `fields` does not name */
  readonly lacks?: readonly string[];
  readonly quirks: ChunkQuirks;
  /** Whether the probed server is of this kind. */
  recognizes(probe: Probe): boolean;
  describe(probe: Probe, model: string | undefined): UpstreamFacts;
  /** Fields and headers that every request gets. */
  additions(request: GenerateRequest, owner: string): { body?: object; headers?: Record<string, string> };
  /**
   * Takes the place of the usual request to `v1/chat/completions` or `v1/completions`; null for the usual one.
   * `first`: the request's choice that it answers; a dialect with calls of its own asks for one choice at a time.
   *
   * @throws HeadwayError `invalid-request` naming a field that the server does not have
   */
  call?(request: GenerateRequest, context: DialectContext, first: number): UpstreamCall | null;
  /** What an event that is no chunk of the answer says, such as named progress. Undefined: read it as a chunk. */
  readEvent?(name: string | undefined, data: unknown): readonly UpstreamSignal[] | undefined;
  readComment?(text: string): readonly UpstreamSignal[];
  /** Prompt tokens of a request. @throws UpstreamFailure; the signal's reason */
  countTokens?(request: GenerateRequest, context: DialectContext, signal: AbortSignal): Promise<number>;
  /** What the request would find if it were sent now. @throws UpstreamFailure; the signal's reason */
  estimate?(request: GenerateRequest, context: DialectContext, signal: AbortSignal): Promise<UpstreamEstimate>;
  /** What the server knows of texts and tokens. @default it does not tell */
  tokenizer?: DialectTokenizer;
  /**
   * Comes before each request, which is sent once this resolves: says whether the model loads, and waits for it.
   *
   * @throws UpstreamFailure; the signal's reason
   */
  beforeCall?(context: DialectContext, onSignal: (signal: ReadingSignal) => void, signal: AbortSignal): Promise<void>;
  /** Watches the upstream beside a request until its first token, such as for loading or a queue. */
  watch?(context: DialectContext, onSignal: (signal: UpstreamSignal) => void, signal: AbortSignal): Promise<void>;
}

/** A forecast that an upstream makes: the prompt's tokens, and what it would find. */
export type UpstreamEstimate = PromptOutlook & { tokens: number };

export interface DialectTokenizer {
  tokenize?: (
    text: string,
    options: { special: boolean; beginning: boolean },
    context: DialectContext,
    signal: AbortSignal,
  ) => Promise<TextToken[]>;
  detokenize?: (tokens: readonly number[], context: DialectContext, signal: AbortSignal) => Promise<string>;
  applyTemplate?: (request: GenerateRequest, context: DialectContext, signal: AbortSignal) => Promise<string>;
}
