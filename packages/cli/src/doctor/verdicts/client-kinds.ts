import type { ProgressModeId } from '../streams/progress-dialects.ts';
import type { SurfaceId } from '../streams/surfaces.ts';
import type { Dialect } from './progress-readings.ts';
import {
  all,
  readsByHand,
  wantsChunks,
  wantsCreatedFirst,
  wantsKnownMessages,
  wantsKnownResponses,
  wantsNoCommentBehindId,
  wantsTypedResponses,
  type ReadingRule,
} from './reading-rules.ts';

/** Clients that read a stream in one way. */
export interface ClientKind {
  name: string;
  /** What they ask. */
  surfaces: readonly SurfaceId[];
  /** Why they fail at a stream; null when they come through. */
  breaks: ReadingRule;
  /** Progress that their users get to see. */
  hears: readonly Dialect[];
  /** Modes that break them by what these modes are: nobody's fault but who asks for it. */
  unfit: readonly ProgressModeId[];
}

const openAi = ['chat', 'completions', 'responses'] as const satisfies SurfaceId[];
const everything = [...openAi, 'messages'] as const satisfies SurfaceId[];

export const clientKinds = {
  raw: {
    name: 'raw SSE readers',
    surfaces: everything,
    breaks: readsByHand,
    hears: ['llama', 'named', 'comment', 'swiftlm'],
    unfit: [],
  },
  'openai-js': {
    name: 'OpenAI SDK, JavaScript',
    surfaces: openAi,
    breaks: all(wantsChunks, wantsKnownResponses),
    hears: ['llama', 'named'],
    unfit: ['swiftlm'],
  },
  'openai-python': {
    name: 'OpenAI SDK, Python',
    surfaces: openAi,
    breaks: all(wantsChunks, wantsCreatedFirst, wantsNoCommentBehindId),
    hears: ['llama', 'named'],
    unfit: ['swiftlm'],
  },
  'ai-sdk': {
    name: 'AI SDK, OpenAI',
    surfaces: openAi,
    breaks: all(wantsChunks, wantsTypedResponses),
    // In its raw chunks.
    hears: ['llama', 'named'],
    unfit: ['swiftlm'],
  },
  'ai-sdk-anthropic': {
    name: 'AI SDK, Anthropic',
    surfaces: ['messages'],
    breaks: wantsKnownMessages,
    hears: [],
    unfit: ['return_progress', 'named', 'swiftlm'],
  },
  'anthropic-js': {
    name: 'Anthropic SDK, JavaScript',
    surfaces: ['messages'],
    // It hands on what it does not know.
    breaks: readsByHand,
    hears: ['named', 'swiftlm'],
    unfit: [],
  },
  'anthropic-python': {
    name: 'Anthropic SDK, Python',
    surfaces: ['messages'],
    // It passes over names that it does not know.
    breaks: readsByHand,
    hears: [],
    unfit: [],
  },
  'llama.cpp': {
    name: "llama.cpp's clients",
    surfaces: ['chat', 'completions'],
    breaks: wantsChunks,
    hears: ['llama'],
    unfit: ['swiftlm'],
  },
  exo: {
    name: "exo's clients",
    surfaces: everything,
    breaks: readsByHand,
    hears: ['comment'],
    unfit: [],
  },
  swiftlm: {
    name: "SwiftLM's clients",
    surfaces: ['chat', 'completions'],
    breaks: readsByHand,
    hears: ['swiftlm'],
    unfit: [],
  },
} as const satisfies Record<string, ClientKind>;

export type ClientKindId = keyof typeof clientKinds;

export const clientKindIds = Object.keys(clientKinds) as ClientKindId[];
