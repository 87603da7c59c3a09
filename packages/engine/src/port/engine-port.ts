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
 * The seam between the callers and the side that runs models. Everything that crosses it is plain enough for JSON, and a
 * generation is named by an id, so that either side can live in another process. That id is the port's own: no two owners
 * share one. The events carry the id of the request.
 */
export interface EnginePort {
  /** Takes a command; the answers come to the listener. Never throws. */
  send(command: EngineCommand): void;
  models(): Promise<ModelInfo[]>;
  /** What the request would meet if it came now. @throws HeadwayError what it would be refused with */
  estimate(request: GenerateRequest, owner: string): Promise<Estimate>;
  /** The text that the request would be read as. @throws HeadwayError as `estimate` */
  applyTemplate(request: GenerateRequest): Promise<string>;
  /** @throws HeadwayError as `estimate` */
  tokenize(request: TokenizeRequest, owner: string): Promise<TextToken[]>;
  /** @throws HeadwayError as `estimate`; `invalid-request` for a token that is not in the vocabulary */
  detokenize(request: DetokenizeRequest): Promise<string>;
  activity(): Promise<EngineActivity>;
  /** Resolves when every model is loaded. @throws HeadwayError `model-load-failed` */
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
      /** What its caller has been told before it came here; the events go on from there. */
      begun?: BegunStream;
    }
  /** `reason`: `cancelled` when somebody asked for it, else the error to end with. */
  | { kind: 'cancel'; id: string; reason: 'cancelled' | ErrorCode };

export interface BegunStream {
  nextSeq: number;
  /** Since the request arrived. */
  elapsedMs: number;
}

export type EngineMessage =
  /** The request was not taken; no event follows. */
  { kind: 'refused'; id: string; error: PlainError } | { kind: 'event'; id: string; event: GenerationEvent };

export interface PlainError extends ErrorData {
  /** Plain facts that belong to the code, such as the numbers of a `context-overflow`. */
  cause?: unknown;
}

/** What the engine is busy with. */
export interface EngineActivity {
  slots: { total: number; busy: number };
  queued: number;
  /** Its process, where it has one of its own. */
  process?: { restarts: number; /** What happened, in words that go on from "the engine". */ lastCrash: string | null };
}
