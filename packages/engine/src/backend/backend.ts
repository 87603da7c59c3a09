import type {
  GenerateRequest,
  Speculation,
  TextToken,
  TokenChannel,
  TokenLogprob,
  ToolCall,
  ToolCallHead,
} from '@headway/protocol';

/**
 * The port that every backend stands behind: it opens one model, which renders prompts and has slots, and a slot
 * reads a prompt and then writes. Policy (who gets a slot, how much is read at once, what is reported) is the
 * engine's and reaches the backend as plain arguments.
 */
export interface Backend {
  /** What kind it is: `llama`, `scripted`, … */
  readonly name: string;
  /** What requests call the model by. */
  readonly modelId: string;
  /** @throws HeadwayError `model-load-failed`; the signal's reason when it aborts */
  load(options: LoadOptions): Promise<LoadedModel>;
}

export interface LoadOptions {
  /** Slots to open. */
  parallel: number;
  /** Tokens a slot; null: as many as the model was trained with, as memory allows. */
  contextSize: number | null;
  /** Called while the model is downloaded, in bytes; the last time with all of them. */
  onDownload?: (downloaded: number, total: number) => void;
  signal: AbortSignal;
}

/** How far a model is that has to be downloaded before it can be loaded. */
export interface DownloadProgress {
  modelId: string;
  /** In bytes. */
  downloaded: number;
  /** In bytes. */
  total: number;
}

export interface LoadedModel {
  /** Tokens of one slot, prompt and answer together. */
  readonly contextSize: number;
  /** Most prompt tokens that one chunk can have. */
  readonly maxChunk: number;
  readonly parameters: number | null;
  readonly sizeBytes: number | null;
  /** Threads that compute a batch, where tokens are written and where a prompt is read; null when unknown. */
  readonly threads: { decode: number; prefill: number } | null;
  readonly device: string | null;
  /** What to know of how it was opened, such as a context smaller than was asked for: a sentence each. */
  readonly notices?: readonly string[];
  readonly slots: readonly Slot[];
  /** Chunks that were read while it was loaded: they tell how long the first prompt will take. */
  readonly readings: readonly ChunkReading[];
  /**
   * Renders and tokenises; starts nothing. Lets the event loop turn while a long prompt is tokenised.
   *
   * @throws HeadwayError `invalid-request` for what this backend cannot do, naming the field; `context-overflow` for
   * what is sure not to fit; the signal's reason when it aborts
   */
  prepare(request: GenerateRequest, options: PrepareOptions): Promise<Prompt>;
  /**
   * The text that a request is read as, a chat's with the opening of the answer; a raw prompt as it is.
   *
   * @throws HeadwayError `invalid-request` as `prepare`; the signal's reason when it aborts
   */
  applyTemplate(request: GenerateRequest, options?: { signal?: AbortSignal }): Promise<string>;
  /**
   * The tokens of a text. Lets the event loop turn while a long one is tokenised.
   *
   * @throws HeadwayError `invalid-request` for a text of too many tokens; the signal's reason when it aborts
   */
  tokenize(text: string, options: TextTokenOptions): Promise<TextToken[]>;
  /**
   * The text of tokens, special ones written out.
   *
   * @throws HeadwayError `invalid-request` naming the place of a token that is not in the vocabulary
   */
  detokenize(tokens: readonly number[]): Promise<string>;
  /** Frees the model. Slots must be idle. */
  dispose(): Promise<void>;
}

export interface PrepareOptions {
  /** Whose time it takes. */
  owner: string;
  signal: AbortSignal;
}

export interface TextTokenOptions {
  /** Whether special tokens that are written out count as such, or as plain text. */
  special: boolean;
  /** Whether the beginning-of-text token comes first, where the model wants one. */
  beginning: boolean;
  /** Whose time it takes. */
  owner?: string;
  signal?: AbortSignal;
}

/** A chunk that was read while nothing else ran, and how long that took. */
export interface ChunkReading {
  tokens: number;
  position: number;
  ms: number;
}

/** A request in the backend's own terms. */
export interface Prompt {
  readonly request: GenerateRequest;
  /** Prompt tokens. */
  readonly total: number;
  /** What of its tools' schemas the model's own form of calls does not keep. @default nothing */
  readonly leftOut?: readonly ToolLeftOut[];
}

/** A tool, by its name, and the fields of it that are not kept. */
export interface ToolLeftOut {
  tool: string;
  leftOut: string[];
}

/** A place to work: one sequence with its own memory. One request at a time. */
export interface Slot {
  /** Tokens evaluated here since it was opened. It grows with each batch: a slot at work that stands still hangs. */
  readonly evaluated: number;
  /** Tokens in this slot's memory. */
  readonly held: number;
  /** How many of the prompt's first tokens lie in this slot's memory and can be reused; less than the total. */
  reusable(prompt: Prompt): number;
  /** Empties its memory. */
  forget(): Promise<void>;
  /**
   * Reads the prompt up to where decoding can start. The tokens that were read stay in memory when it fails or is
   * aborted, so that a retry reuses them.
   *
   * @throws the signal's reason, after the chunk at hand
   */
  prefill(prompt: Prompt, plan: PrefillPlan): Promise<void>;
  /** Takes over what another slot of the same model holds, so that both can go on from there. */
  copyFrom(other: Slot): Promise<void>;
  /**
   * Writes an answer to the prompt that was just read.
   *
   * @throws the signal's reason, after the token at hand
   */
  decode(prompt: Prompt, options: DecodeOptions): Promise<DecodeEnd>;
}

export interface PrefillPlan {
  signal: AbortSignal;
  /**
   * Waits for its turn to read; resolves with how many tokens to read next, at least 1 and at most `remaining`.
   *
   * @throws the signal's reason when it aborts before
   */
  nextChunk: (remaining: number) => number | Promise<number>;
  /** So many tokens were evaluated since `nextChunk` resolved. */
  onRead: (tokens: number) => void;
  /**
   * First with the tokens that were reused (fewer than the total), then after each chunk with all that were read,
   * last with the total.
   */
  onProgress: (processed: number) => void;
}

export interface DecodeOptions {
  signal: AbortSignal;
  /** Which of the request's choices this is, counted from 0. */
  choice: number;
  /** Tokens to write at most. */
  maxTokens: number;
  /** Tokens that the context has room for behind the prompt; when `maxTokens` is more, the oldest half is forgotten there. */
  room: number;
  /** Called synchronously for each piece, in order. */
  onPiece: (piece: DecodedPiece) => void;
  /** Called once, at the end and on every way out, by a backend that guesses ahead. */
  onSpeculation?: (speculation: Speculation) => void;
}

export interface DecodedPiece {
  /** Whole characters. */
  text: string;
  /** Tokens it was made of. */
  count: number;
  channel: TokenChannel;
  /** On the channel `tool-call`: what the text is a piece of the arguments of; a call's first piece may have no text. */
  toolCall?: ToolCallHead;
  /** When the request asks for them: one for each of the tokens. */
  logprobs?: TokenLogprob[];
}

export interface DecodeEnd {
  reason: 'stop' | 'length' | 'tool-calls';
  /** The stop string that ended it. */
  stopString?: string | undefined;
  toolCalls: ToolCall[];
}
