import type { Models } from '../engine/models.ts';
import type { EngineHabits, SimulatedEngine } from '../engine/simulated-engine.ts';
import type { ReceivedRequest, UpstreamScript } from '../upstream-script.ts';

/** A part of a streamed body, and what it tells. */
export interface Piece {
  text: string;
  /** Tokens of the answer in it. */
  tokens?: number;
  /** The share of the prompt that is read now. The text may be empty. */
  read?: number;
  /** Whether it says how the answer, or a choice of it, ended. */
  finish?: boolean;
  /** Whether it is the last line. */
  done?: boolean;
}

export interface WholeAnswer {
  status: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON. */
  body: string | object;
  /** @default that of JSON */
  contentType?: string;
}

export interface StreamedAnswer {
  pieces: AsyncIterable<Piece>;
  contentType: string;
  headers?: Record<string, string>;
  /** Whether the headers are sent before the first byte of the body is known. */
  headersAtOnce: boolean;
  /** HTTP/1.0, where the end of the connection is the end of the body. @default false */
  endsByClose?: boolean;
}

export type Answer = WholeAnswer | StreamedAnswer;

/** Why a request is refused. */
export interface Problem {
  status: number;
  /** @default the words of the real server for this status */
  message?: string;
  /** The prompt, with the tokens that are asked for (0 where they do not count), is too long. */
  overflow?: { promptTokens: number; maxTokens: number; contextSize: number };
  /** More choices than slots. */
  choices?: { asked: number; slots: number };
  /** The model that there is not. */
  missingModel?: string;
  /** The body is not JSON. */
  brokenJson?: boolean;
}

/** A request with the means to answer it. */
export interface Asked extends ReceivedRequest {
  /** Aborts when the client has closed the connection. */
  signal: AbortSignal;
}

export interface Route {
  handle: (asked: Asked) => Answer | Promise<Answer>;
  /** Whether it answers prompts, so that the faults of the script hit it. @default false */
  answersPrompts?: boolean;
}

/** How one kind of server speaks. */
export interface Dialect {
  /** Headers of every answer. */
  headers: Record<string, string>;
  /** By method and path, like `GET /v1/models`. A path that ends in `*` stands for all that begin so. */
  routes: Record<string, Route>;
  /** The answer to every other path. */
  missing(asked: Asked): WholeAnswer;
  refuse(problem: Problem): WholeAnswer;
  /** The bytes of an error in mid-stream, with what still follows it. */
  streamError(message: string, path: string): string;
  /** Bytes that keep a silent stream open. */
  keepAlive: string;
  /** How long a stream may be silent before them. @default never */
  keepAliveMs?: number;
  /** Whether lines of streams end with CRLF. @default false */
  crlf?: boolean;
  /** The content type of JSON. @default 'application/json' */
  jsonType?: string;
  /** Whether answers carry a `Date`. @default true */
  sendsDate?: boolean;
  /** Whether a path asks for the key. @default all do */
  guards?(path: string): boolean;
  /** The answer while it starts, to every request. @default it is not listening yet */
  starting?(): WholeAnswer;
}

/** What a dialect speaks about. */
export interface Site {
  /** The script as it is now. */
  readonly script: UpstreamScript;
  readonly engine: SimulatedEngine;
  readonly models: Models;
  /** Unix time of the start, in seconds. */
  readonly startedAt: number;
}

export interface DialectKind {
  habits: EngineHabits;
  create: (site: Site) => Dialect;
}
