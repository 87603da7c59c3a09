import type { ProgressDialectId } from '../streams/progress-dialects.ts';
import type { SurfaceId } from '../streams/surfaces.ts';
import type { ReadableDialect } from './progress-readings.ts';
import {
  all,
  readsByHand,
  wantsChunks,
  wantsCreatedFirst,
  wantsKnownMessages,
  wantsKnownResponses,
  wantsNoCommentBehindId,
  wantsTypedResponses,
  type ClientRule,
} from './client-rules.ts';

/** Clients that read a stream in one way. */
export interface ClientKind {
  name: string;
  /** The routes that they use. */
  surfaces: readonly SurfaceId[];
  /** Why they fail on a stream; null if they do not. */
  breaks: ClientRule;
  /** The dialects whose progress reaches their users. */
  shows: readonly ReadableDialect[];
  /** The dialects that break them by design: such a client must not request these. */
  breakingDialects: readonly ProgressDialectId[];
}

const openAi = ['chat', 'completions', 'responses'] as const satisfies SurfaceId[];
const everything = [...openAi, 'messages'] as const satisfies SurfaceId[];

export const clientKinds = {
  raw: {
    name: 'raw SSE readers',
    surfaces: everything,
    breaks: readsByHand,
    shows: ['return_progress', 'named', 'comment', 'swiftlm'],
    breakingDialects: [],
  },
  'openai-js': {
    name: 'OpenAI SDK, JavaScript',
    surfaces: openAi,
    breaks: all(wantsChunks, wantsKnownResponses),
    shows: ['return_progress', 'named'],
    breakingDialects: ['swiftlm'],
  },
  'openai-python': {
    name: 'OpenAI SDK, Python',
    surfaces: openAi,
    breaks: all(wantsChunks, wantsCreatedFirst, wantsNoCommentBehindId),
    shows: ['return_progress', 'named'],
    breakingDialects: ['swiftlm'],
  },
  'ai-sdk': {
    name: 'AI SDK, OpenAI',
    surfaces: openAi,
    breaks: all(wantsChunks, wantsTypedResponses),
    // The AI SDK has progress in its raw chunks.
    shows: ['return_progress', 'named'],
    breakingDialects: ['swiftlm'],
  },
  'ai-sdk-anthropic': {
    name: 'AI SDK, Anthropic',
    surfaces: ['messages'],
    breaks: wantsKnownMessages,
    shows: [],
    breakingDialects: ['return_progress', 'named', 'swiftlm'],
  },
  'anthropic-js': {
    name: 'Anthropic SDK, JavaScript',
    surfaces: ['messages'],
    // It passes unknown events on.
    breaks: readsByHand,
    shows: ['named', 'swiftlm'],
    breakingDialects: [],
  },
  'anthropic-python': {
    name: 'Anthropic SDK, Python',
    surfaces: ['messages'],
    // It skips events with unknown names.
    breaks: readsByHand,
    shows: [],
    breakingDialects: [],
  },
  'llama.cpp': {
    name: "llama.cpp's clients",
    surfaces: ['chat', 'completions'],
    breaks: wantsChunks,
    shows: ['return_progress'],
    breakingDialects: ['swiftlm'],
  },
  exo: {
    name: "exo's clients",
    surfaces: everything,
    breaks: readsByHand,
    shows: ['comment'],
    breakingDialects: [],
  },
  swiftlm: {
    name: "SwiftLM's clients",
    surfaces: ['chat', 'completions'],
    breaks: readsByHand,
    shows: ['swiftlm'],
    breakingDialects: [],
  },
} as const satisfies Record<string, ClientKind>;

export type ClientKindId = keyof typeof clientKinds;

export const clientKindIds = Object.keys(clientKinds) as ClientKindId[];
