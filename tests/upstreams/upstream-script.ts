/** The servers that can be played. */
export const dialectNames = [
  'openai',
  'llama-server',
  'vllm',
  'sglang',
  'exo',
  'swiftlm',
  'mlx-lm',
  'lm-studio',
  'ollama',
] as const;

export type DialectName = (typeof dialectNames)[number];

/** A model of an upstream. */
export interface ScriptedModel {
  id: string;
  /** Whether it is in memory from the start. @default true */
  loaded?: boolean;
  /** How long the first request waits until it is in memory. @default 0 */
  loadMs?: number;
  /** Reported steps of the load, where the dialect reports any. @default 4 */
  loadSteps?: number;
}

/** A call of a tool. */
export interface ScriptedCall {
  name: string;
  /** Its arguments, as JSON text. */
  arguments: string;
  /** @default generated in the form of the dialect */
  id?: string;
}

/** What the model answers. */
export interface Reply {
  /** Only prompts that contain this text get this reply. @default every prompt */
  when?: string;
  /** Text, cut into tokens at words; or its tokens. @default `The quick brown fox jumps over the lazy dog.` */
  text?: string | string[];
  /** Texts of the further answers of a request for several. @default the same text */
  others?: (string | string[])[];
  /** What it thinks before it answers. */
  reasoning?: string | string[];
  /** Calls after the text, for requests with tools that may be called. Then `text` is empty unless given. */
  calls?: ScriptedCall[];
  /** Repeats the text until a limit ends it. @default false */
  endless?: boolean;
}

/** Where in the answer of a request a fault happens. */
export type FaultPlace =
  /** Before the headers. */
  | { before: 'headers' }
  /** Once this share of the prompt is read, which for most dialects is before the first byte of the body. */
  | { read: number }
  /** After so many tokens of the answer. */
  | { tokens: number }
  /** After so many bytes of the body. */
  | { bytes: number };

/** What goes wrong with a request for an answer. */
export type Fault = {
  /** Only so many requests are hit, the first ones that match. @default all */
  times?: number;
  /** So many requests are answered well before the fault hits. @default 0 */
  skip?: number;
  /** Only prompts that contain this text. @default every prompt */
  when?: string;
} & (
  | {
      does: 'refuse';
      /** Answered in the form of the dialect. A 503 of `llama-server` says that its model loads. */
      status: 400 | 401 | 403 | 404 | 429 | 500 | 502 | 503;
      /** @default what the real server says for that status */
      message?: string;
      /** A `Retry-After` in this many seconds. */
      retryAfterSeconds?: number;
      /** Whether `Retry-After` is a date. @default false */
      retryAfterDate?: boolean;
    }
  /** An HTML page, as proxies send. */
  | { does: 'html'; status: 200 | 500 | 502 }
  | { does: 'redirect'; to: string }
  /** Withholds the headers. */
  | { does: 'wait'; ms: number }
  /** Destroys the connection with a reset. */
  | { does: 'die'; at: FaultPlace }
  /** Ends the process at once, like `kill -9`. */
  | { does: 'exit'; at: FaultPlace }
  /** Sends nothing more, or only keep-alives (every 5 ms, or `keepAliveMs`), and leaves the connection open. */
  | { does: 'stall'; at: FaultPlace; keepsAlive?: boolean }
  /** Ends the body in good order, as if the answer were whole. */
  | { does: 'end'; at: FaultPlace }
  /** The error that the real server sends in mid-stream, and its end. */
  | { does: 'error'; at: FaultPlace; message?: string }
  /** Leaves out the last line (`data: [DONE]`). */
  | { does: 'no-done' }
  /** Leaves out every chunk that says how the answer ended, but not the last line. */
  | { does: 'no-finish' }
  /** A line of so many bytes that never says anything. */
  | { does: 'long-line'; at: FaultPlace; bytes: number }
  /** An event whose data is broken JSON. */
  | { does: 'broken-json'; at: FaultPlace }
  | { does: 'content-type'; type: string }
);

/** How an upstream behaves. Every time is in milliseconds of real time, and may be 0. */
export interface UpstreamScript {
  dialect: DialectName;
  /** @default one that is loaded, `test-model` */
  models?: ScriptedModel[];
  /** Tokens of a prompt and its answer together. @default 4096 */
  contextSize?: number;
  /** Characters of a token of a prompt. Special tokens of the template are one token each. @default 4 */
  charactersPerToken?: number;
  /** Requests that are worked on at a time; more wait in its queue, in order. @default 4 */
  slots?: number;
  prefill?: {
    /** Cost of a token at the start of the prompt. @default 0 */
    msPerToken?: number;
    /** Added cost of a token for each 1,000 tokens before it. @default 0 */
    msPer1000Before?: number;
    /** Tokens read at once, between two reports of progress. @default that of the real server */
    batch?: number;
  };
  decode?: {
    /** @default 0 */
    msPerToken?: number;
  };
  /** Whether all requests share one processor, so that neighbours slow each other. @default false */
  sharedProcessor?: boolean;
  /** Keeps prompts and answers, and reads only what no earlier one began with. @default true */
  cachesPrompts?: boolean;
  /** The first whose `when` fits is used. @default the default reply */
  replies?: Reply[];
  /** Tokens of one chunk. @default 1 */
  tokensPerChunk?: number;
  /** Cuts what is sent at random places, also within characters and line ends; the same for the same seed. */
  cut?: { seed: number; /** Most bytes of a piece. @default 16 */ most?: number };
  /** Ends lines of streams with CRLF. @default only `swiftlm` does */
  crlf?: boolean;
  /** A comment before every so many chunks. */
  comments?: { text: string; /** @default 1 */ every?: number };
  /** Sends the keep-alive of the dialect after so long a silence. @default never, but 10,000 for `exo` */
  keepAliveMs?: number;
  /** Refuses requests without this key, on the paths where the real server asks for one. */
  apiKey?: string;
  /** For so long after the start it answers as the real server does while it loads. @default 0 */
  startMs?: number;
  faults?: Fault[];
  /** Adds to the numbers of requests that the metrics tell, like the requests of others. @default 0 and 0 */
  others?: { running?: number; waiting?: number };
  /** Whether there are metrics. @default true */
  metrics?: boolean;

  llamaServer?: {
    /** Serves several models and loads them on request. @default false */
    router?: boolean;
    /** Whether `/slots` is open. @default true */
    slotsEndpoint?: boolean;
  };
  vllm?: {
    /** Where a chunk carries what the model thinks. @default 'reasoning', as since 0.12 */
    reasoningField?: 'reasoning' | 'reasoning_content';
    /** Whether usage tells cached tokens (`--enable-prompt-tokens-details`). @default true */
    tellsCached?: boolean;
    /** Adds usage to every chunk, asked for or not. @default false */
    alwaysUsage?: boolean;
  };
  sglang?: {
    /** Whether usage tells cached tokens (`--enable-cache-report`). @default true */
    tellsCached?: boolean;
  };
  exo?: {
    /** How progress of the prompt is told: today's comments, or the named event of its first form. @default 'comment' */
    progress?: 'comment' | 'event';
  };
  lmStudio?: {
    /** The newest REST API it has. @default 'v1' */
    rest?: 'v1' | 'v0';
  };
}

/** A request as the upstream received it. */
export interface ReceivedRequest {
  /** Counts from 0 over all requests. */
  index: number;
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  /** With the names in lower case. */
  headers: Record<string, string>;
  /** Parsed where it is JSON, else the text; null without one. */
  body: unknown;
}

/** A request, and what became of it. */
export interface RequestRecord extends ReceivedRequest {
  /** The HTTP status, once the headers are sent. */
  status: number | null;
  /** Tokens of the answer that were sent. */
  tokensSent: number;
  /** How long after its arrival the connection was closed or the answer was whole. Null while neither happened. */
  closedAfterMs: number | null;
  /** Whether the client closed it before the answer was whole. Null while it is open. */
  aborted: boolean | null;
}

/** The first message to the process of an upstream, and each later change of its script. */
export interface ScriptMessage {
  type: 'script';
  script: UpstreamScript;
}

/** Asks for a `pong` after all that is known. */
export interface PingMessage {
  type: 'ping';
  id: number;
}

/** What the process of an upstream tells. */
export type UpstreamNews =
  | { type: 'listening'; port: number }
  | { type: 'request'; record: RequestRecord }
  | { type: 'connections'; open: number }
  | { type: 'pong'; id: number }
  | { type: 'failed'; error: string };
