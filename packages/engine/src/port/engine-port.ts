import type {
  DetokenizeRequest,
  ErrorCode,
  ErrorData,
  Estimate,
  GenerateRequest,
  GenerationEvent,
  ModelInfo,
  TextToken,
  TokenizeRequest,
} from '@headway/protocol';

/**
 * The boundary between `PortEngine`, which callers use, and the host that runs the models. Everything that crosses it
 * is JSON, and messages refer to a generation by an id, so each side can run in its own process. The port's ids are
 * unique across owners; the events inside carry the request's own id.
 */
export interface EnginePort {
  /** Takes a command; the replies arrive as `EngineMessage`s. Never throws. */
  send(command: EngineCommand): void;
  models(): Promise<ModelInfo[]>;
  /** What the request would find if it were sent now. @throws HeadwayError the error that would refuse the request */
  estimate(request: GenerateRequest, owner: string): Promise<Estimate>;
  /** The text that prefill would read for the request. @throws HeadwayError as `estimate` */
  applyTemplate(request: GenerateRequest): Promise<string>;
  /** @throws HeadwayError as `estimate` */
  tokenize(request: TokenizeRequest, owner: string): Promise<TextToken[]>;
  /** @throws HeadwayError as `estimate`; `invalid-request` for a token that is not in the vocabulary */
  detokenize(request: DetokenizeRequest): Promise<string>;
  activity(): Promise<EngineActivity>;
  /** Resolves when every model is loaded, or can be on demand. @throws HeadwayError `model-load-failed` */
  ready(): Promise<void>;
  /** Ends every generation with `shutting-down`, then frees the models. */
  close(): Promise<void>;
}

export type EngineCommand =
  | {
      kind: 'generate';
      id: string;
      owner: string;
      request: GenerateRequest & { id: string };
      /** Present when the caller has already received events; the host continues their numbering. */
      begun?: BegunStream;
    }
  /** `reason`: `cancelled` when the caller cancels, else the code of the error that ends the generation. */
  | { kind: 'cancel'; id: string; reason: 'cancelled' | ErrorCode }
  /** Cancels one choice; the others go on. The last open one ends the generation. */
  | { kind: 'cancel-choice'; id: string; index: number };

export interface BegunStream {
  nextSeq: number;
  /** Ms since the request arrived. */
  elapsedMs: number;
  /** The share of the model that was loaded in the last event; left out where it had none. */
  loaded?: number;
  /** Indexes of the choices that were cancelled meanwhile; left out where none was. */
  ended?: number[];
}

export type EngineMessage =
  /** The request was refused; no event follows. */
  { kind: 'refused'; id: string; error: PlainError } | { kind: 'event'; id: string; event: GenerationEvent };

export interface PlainError extends ErrorData {
  /** Plain facts that belong to the code, such as the numbers of a `context-overflow`. */
  cause?: unknown;
}

/** A slot of a model. */
export interface SlotState {
  /** The request that has it; null when it is idle. A request with several choices has several slots. */
  run: { id: string; owner: string } | null;
  /** Tokens in its memory. A prompt of `owner` that begins with them reuses them. */
  held: { tokens: number; owner: string };
}

/** One model's current load. */
export interface ModelSlots {
  id: string;
  /** Requests that wait: for the model while it loads, afterwards for a slot. */
  queued: number;
  slots: SlotState[];
}

/** The engine's current load. */
export interface EngineActivity {
  /** Of all models together. */
  slots: { total: number; busy: number };
  queued: number;
  /** The default model first. */
  models: ModelSlots[];
  /** The engine's process, for an isolated engine. `lastCrash` continues the sentence "the engine …". */
  process?: { restarts: number; lastCrash: string | null };
  /** Memory of the models that are loaded on demand, in bytes. Left out where it has no limit. */
  memory?: { limit: number; used: number };
}
