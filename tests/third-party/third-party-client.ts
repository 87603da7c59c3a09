/** What a client is asked for, and where. */
export interface Turn {
  /** The gateway's address, for clients of Anthropic's API and of Headway's own. */
  url: string;
  /** The same with `/v1`, which is what OpenAI's clients call the base URL. */
  baseURL: string;
  model: string;
  prompt: string;
  /** Tokens that each answer may have, for clients that can be told. */
  maxTokens: number;
  /** Aborts the turn in the client's own way. */
  signal?: AbortSignal;
}

export interface StreamedTurn {
  /** The answer as the client hands it to its user. */
  text: string;
  /** In how many pieces that came. */
  pieces: number;
  /** The answer in place of its text, where the client makes an object of it. */
  object?: object;
}

export interface ToolTurn {
  /** The call that the client ran first, its arguments parsed. */
  call: { name: string; arguments: unknown };
  /** What it sent back for that. */
  result: string;
  /** The last answer. */
  text: string;
}

/**
 * A published client, driven as its users do. A turn that fails rejects with what the client itself throws, and none is
 * tried a second time.
 */
export interface ThirdPartyClient {
  name: string;
  version: string;
  surface: 'chat' | 'Responses' | 'Messages';
  /** Reads an answer as it comes. */
  streamTurn(turn: Turn): Promise<StreamedTurn>;
  /** Has a tool called, sends its result back, and reads the answer to that. */
  toolTurn(turn: Turn): Promise<ToolTurn>;
  /** Whether the client, or what is built on it, would take this for a prompt that does not fit, by its own signs. */
  isOverflow(error: unknown): boolean;
}
