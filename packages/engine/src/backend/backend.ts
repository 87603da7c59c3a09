import type {
  DecodeTrial,
  DoneEvent,
  Estimate,
  GenerateRequest,
  HeadwayError,
  ModelCompute,
  RemoteModel,
  SpanProgress,
  Speculation,
  TextToken,
  Timings,
  TokenChannel,
  TokenLogprob,
  ToolCall,
  ToolCallHead,
} from '@headway/protocol';

import type { PromptSpan } from '../spans/prompt-span.ts';

/**
 * The interface of every backend. A backend opens one model; the model renders prompts and has slots; a slot prefills a
 * prompt and then decodes an answer. The engine decides policy (which request gets a slot, how many tokens a chunk has,
 * what is reported) and passes it to the backend as plain arguments.
 */
export interface Backend {
  /** The kind of backend: `llama`, `scripted`, … */
  readonly name: string;
  /** The id by which requests choose the model. */
  readonly modelId: string;
  /** @throws HeadwayError `model-load-failed`; the signal's reason when it aborts */
  load(options: LoadOptions): Promise<LoadedModel>;
  /**
   * The memory that the model would take. Downloads the model if it is missing, and loads nothing.
   *
   * @default unknown
   * @throws HeadwayError `model-load-failed`; the signal's reason when it aborts
   */
  memoryNeed?(options: MemoryOptions): Promise<MemoryNeed>;
}

export interface LoadOptions {
  /** Slots to open. */
  parallel: number;
  /** Tokens per slot; null: as many as the model was trained with and memory allows. */
  contextSize: number | null;
  /** Called while the backend downloads the model, with bytes; in the last call `downloaded` equals `total`. */
  onDownload?: (downloaded: number, total: number) => void;
  /** Called while the weights are loaded, with their share that is in memory, 0 to 1. */
  onLoad?: (loaded: number) => void;
  signal: AbortSignal;
}

/** What a model of its own process is opened within. */
export interface MemoryOptions extends Omit<LoadOptions, 'onLoad'> {
  /** The memory that the model may take, in bytes, when it shares and when it is alone; infinite without a limit. */
  room: { shared: number; alone: number };
}

/** The memory that a model will take, before it is loaded. */
export interface MemoryNeed {
  /** Weights, slots and the process around them, in bytes. An estimate. */
  bytes: number;
  /** Tokens per slot that the estimate holds for; null: the backend's own choice. */
  contextSize: number | null;
  /** Size of the weights, in bytes; null when unknown. */
  sizeBytes: number | null;
  parameters: number | null;
}

/** The progress of a model's loading. */
export interface LoadProgress {
  modelId: string;
  /** The share of the weights that is in memory, 0 to 1. */
  loaded: number;
}

/** The progress of a model's download, which comes before loading. */
export interface DownloadProgress {
  modelId: string;
  /** In bytes. */
  downloaded: number;
  /** In bytes. */
  total: number;
}

export interface LoadedModel {
  /** Tokens that one slot holds: prompt and answer together; null for a remote model whose server does not tell it. */
  readonly contextSize: number | null;
  /** Most prompt tokens in one chunk. */
  readonly maxChunk: number;
  readonly parameters: number | null;
  readonly sizeBytes: number | null;
  /** Threads that compute a batch, in decode and in prefill; null when unknown. */
  readonly threads: { decode: number; prefill: number } | null;
  /** Time of a decode step by count of threads, as measured when the threads were chosen. @default none */
  readonly decodeTrials?: readonly DecodeTrial[];
  readonly device: string | null;
  /** llama.cpp's binary: as installed, or built on this machine. @default null: another backend */
  readonly binary?: 'prebuilt' | 'built' | null;
  /** What the model got of the settings it was opened with. @default unknown */
  readonly compute?: ModelCompute;
  /** Facts for the operator about how the model was opened, one sentence each, such as a reduced context. */
  readonly notices?: readonly string[];
  readonly slots: readonly Slot[];
  /** Slots that may be busy at the same time now, for a backend where that changes. @default all slots */
  readonly capacity?: () => number;
  /** Why the backend serves no request now and waiting is of no use; null when it serves. @default it always serves */
  readonly refusal?: () => HeadwayError | null;
  /** Sets the function that the backend calls when `capacity` grew or `refusal` changed. */
  readonly onCapacity?: (changed: () => void) => void;
  /**
   * Whether another program reads the prompts, in chunks of its own. Such a slot reports its prefill by
   * `PrefillPlan.onReport`, and asks for no chunks. @default false
   */
  readonly readsByItself?: boolean;
  /** What the backend lacks or guesses. @default nothing */
  readonly remote?: RemoteModel;
  /** What a request would find if it were sent now; for a backend that `readsByItself`. @default unknown */
  outlook?(prompt: Prompt): PromptOutlook;
  /**
   * Chunks that the backend timed while it loaded the model. The engine predicts the first prompt's prefill from them.
   */
  readonly measuredChunks: readonly MeasuredChunk[];
  /**
   * Renders and tokenises a request; starts nothing. Yields to the event loop while it tokenises a long prompt.
   *
   * @throws HeadwayError `invalid-request` for what this backend cannot do, naming the field; `context-overflow` for
   * a prompt that certainly does not fit; the signal's reason when it aborts
   */
  prepare(request: GenerateRequest, options: PrepareOptions): Promise<Prompt>;
  /**
   * The text that prefill reads for a request: a chat rendered with the opening of the answer, or a raw prompt
   * unchanged.
   *
   * @throws HeadwayError `invalid-request` as `prepare`; the signal's reason when it aborts
   */
  applyTemplate(request: GenerateRequest, options?: { signal?: AbortSignal }): Promise<string>;
  /**
   * The tokens of a text. Yields to the event loop while it tokenises a long text.
   *
   * @throws HeadwayError `invalid-request` for a text of too many tokens; the signal's reason when it aborts
   */
  tokenize(text: string, options: TextTokenOptions): Promise<TextToken[]>;
  /**
   * The text of tokens. Special tokens appear as their written form.
   *
   * @throws HeadwayError `invalid-request` with the index of a token that is not in the vocabulary
   */
  detokenize(tokens: readonly number[]): Promise<string>;
  /** Frees the model. Slots must be idle. */
  dispose(): Promise<void>;
}

export interface PrepareOptions {
  /**
   * Whether the prompt's tokens must be known now, as for an estimate. If not, a backend that would have to ask for them,
   * and is told them with the first report, may guess them. @default false
   */
  exact?: boolean;
  /** The owner of the request. Backends share tokenising time fairly among owners. */
  owner: string;
  signal: AbortSignal;
}

export interface TextTokenOptions {
  /** Whether the written form of a special token becomes that token, or plain text. */
  special: boolean;
  /** Whether the beginning-of-text token comes first, for models that use one. */
  beginning: boolean;
  /** The owner of the request. */
  owner?: string;
  signal?: AbortSignal;
}

/** How long a prompt would take to read now. */
export interface PromptOutlook {
  /** Prompt tokens that would be reused. */
  cached: number;
  /** In ms; null until known. */
  prefillMs: number | null;
  /** Its place in the remote server's own queue. @default none */
  queuePosition?: number | null;
  /** In ms; null until known. @default `prefillMs` */
  timeToFirstTokenMs?: number | null;
  /** The tokens of the request's spans, where the server tells them. @default by their places in the prompt */
  spans?: Estimate['spans'];
}

/** A chunk that was prefilled while nothing else ran, and the time it took. */
export interface MeasuredChunk {
  tokens: number;
  position: number;
  ms: number;
}

/** A request in the backend's own terms. */
export interface Prompt {
  readonly request: GenerateRequest;
  /** Prompt tokens. */
  readonly total: number;
  /** Whether `total` is a guess, as only the remote server has the tokenizer. @default false */
  readonly guessed?: boolean;
  /**
   * Position where prefill ends, in tokens: `total` where it also draws the answer's first token, else `total - 1`, as
   * decoding begins by evaluating the last token.
   */
  readonly prefillEnd: number;
  /** The places of the request's `spans`, one each. @default none */
  readonly spans?: readonly PromptSpan[] | undefined;
  /** Parts of the tools' schemas that the model's own call syntax cannot enforce. @default none */
  readonly leftOut?: readonly ToolLeftOut[];
}

/** A tool, by name, and the fields of its schema that are not enforced. */
export interface ToolLeftOut {
  tool: string;
  leftOut: string[];
}

/** One sequence with its own memory (KV cache). It works on one request at a time. */
export interface Slot {
  /**
   * Tokens evaluated since the slot was opened. It grows with each batch; a busy slot whose count stands still hangs.
   */
  readonly evaluated: number;
  /** Tokens in this slot's memory. */
  readonly held: number;
  /**
   * How many of the prompt's first tokens this slot has in memory and can reuse; always less than the prompt's total.
   */
  reusable(prompt: Prompt): number;
  /** Empties its memory. */
  forget(): Promise<void>;
  /**
   * Prefills the prompt up to the point where decoding can start. When prefill fails or is aborted, the tokens read so
   * far stay in memory and a retry reuses them.
   *
   * @throws the signal's reason, after the current chunk
   */
  prefill(prompt: Prompt, plan: PrefillPlan): Promise<void>;
  /** Copies the memory of another slot of the same model, so that both can continue from it. */
  copyFrom(other: Slot): Promise<void>;
  /**
   * Decodes an answer to the prompt that was just prefilled.
   *
   * @throws the signal's reason, after the current token
   */
  decode(prompt: Prompt, options: DecodeOptions): Promise<DecodeEnd>;
}

export interface PrefillPlan {
  signal: AbortSignal;
  /**
   * Aborts when the caller cancels that choice, counted from 0, or the generation. For a backend that asks another program
   * for all answers at once: it stops those whose signal aborts. @default `signal`
   */
  signalOf?: (choice: number) => AbortSignal;
  /**
   * Waits until the prompt may read its next chunk. Resolves with the size of that chunk: 1 to `remaining` tokens.
   *
   * @throws the signal's reason when it aborts first
   */
  nextChunk: (remaining: number) => number | Promise<number>;
  /** Reports the tokens that were evaluated since `nextChunk` resolved. */
  onRead: (tokens: number) => void;
  /**
   * Reports the tokens in memory: first the reused ones (fewer than the total), then the sum after each chunk, last the
   * total.
   */
  onProgress: (processed: number) => void;
  /** Takes the place of the others where a model `readsByItself`. */
  onReport?: (report: PrefillReport) => void;
  /** Tells how far a span is read, for a remote server that tells it; `Prompt.spans` is left out then. */
  onSpan?: (span: SpanProgress) => void;
  /** Tells fields of the request's schemas that a remote server does not enforce. */
  onLeftOut?: (leftOut: string[]) => void;
}

/** What a remote server says, or is estimated to do, before its first token. */
export type PrefillReport =
  /**
   * `position`: 1 is next; null where the server tells no place. `cached`: prompt tokens that it expects to reuse, of
   * `total`.
   */
  | { phase: 'queued'; position: number | null; cached?: number; total?: number }
  /** `loaded`: the share of the model that is loaded, 0 to 1; null when unknown. */
  | { phase: 'loading'; loaded: number | null }
  | {
      phase: 'prefill';
      /** Tokens read, the cached ones included. */
      processed: number;
      cached: number;
      total: number;
      /** In ms; null when unknown. */
      etaMs: number | null;
      /** Prompts that the server reads first. @default 0 */
      ahead?: number;
      /** Whether the numbers are guesses. */
      estimated: boolean;
    };

export interface DecodeOptions {
  signal: AbortSignal;
  /** Which of the request's choices this is, counted from 0. */
  choice: number;
  /** Most tokens to write. */
  maxTokens: number;
  /**
   * Tokens that fit into the context after the prompt. When `maxTokens` is larger, the slot then drops the oldest half.
   */
  room: number;
  /** Called synchronously for each piece, in order. */
  onPiece: (piece: DecodedPiece) => void;
  /** Called once at the end, also after an error or abort, by a backend that decodes speculatively. */
  onSpeculation?: (speculation: Speculation) => void;
}

export interface DecodedPiece {
  /** Whole characters. */
  text: string;
  /** Tokens that make up the text. */
  count: number;
  channel: TokenChannel;
  /**
   * On the channel `tool-call`: the call whose arguments the text belongs to. A call's first piece may have no text.
   */
  toolCall?: ToolCallHead;
  /** One per token, when the request asks for them. */
  logprobs?: TokenLogprob[];
}

export interface DecodeEnd {
  reason: 'stop' | 'length' | 'tool-calls';
  /** The stop string that ended the answer. */
  stopString?: string | undefined;
  toolCalls: ToolCall[];
  /** Prompt tokens as a remote server counted them. @default as prefill reported them */
  usage?: { promptTokens: number; cachedTokens: number } | undefined;
  /** What another gateway says of its answer, in place of what the engine would find out. @default nothing */
  told?: Pick<DoneEvent, 'leftOut' | 'fitsSchema' | 'misfits'> & Pick<Timings, 'speculation'>;
}
