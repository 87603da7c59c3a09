/** One turn of a client. */
export interface Turn {
  /** URL of the gateway, for clients of Anthropic's API and of Headway's own. */
  url: string;
  /** The URL with `/v1`, which OpenAI's clients call the base URL. */
  baseURL: string;
  model: string;
  prompt: string;
  /** Token limit of each answer, for clients that can set one. */
  maxTokens: number;
  /** Aborts the turn in the client's own way. */
  signal?: AbortSignal;
}

export interface StreamedTurn {
  /** The answer as the client returns it. */
  text: string;
  /** Number of pieces in which it arrived. */
  pieces: number;
  /** The answer as an object, where the client makes one. */
  object?: object;
}

export interface ToolTurn {
  /** The first tool call that the client ran, with parsed arguments. */
  call: { name: string; arguments: unknown };
  /** The result that it sent back. */
  result: string;
  /** The last answer. */
  text: string;
}

/** A published client, used as its users use it. A failed turn rejects with the client's own error; it is not retried. */
export interface ThirdPartyClient {
  name: string;
  version: string;
  surface: 'chat' | 'Responses' | 'Messages';
  /** Streams an answer. */
  streamTurn(turn: Turn): Promise<StreamedTurn>;
  /** Lets the model call a tool, sends the result back, and reads the answer. */
  toolTurn(turn: Turn): Promise<ToolTurn>;
  /** Whether the client, or an application of it, detects a context overflow from this error. */
  isOverflow(error: unknown): boolean;
}
