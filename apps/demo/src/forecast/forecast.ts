import type { GenerateInput } from '@headway/client';

/** How many tokens something has. */
export interface TokenCount {
  tokens: number;
  /** False for a guess from the number of characters, or from a text that has changed since. */
  exact: boolean;
  /** The engine stopped counting at `tokens`, as it does far beyond the context. */
  atLeast?: boolean;
}

/** A prompt that fits its model's context, as far as that is known. */
export interface FittingPrompt extends TokenCount {
  state: 'fits';
  /** Whether the server cannot count, so that the tokens are a guess from the characters. */
  guessed: boolean;
  /** Prompt tokens in the cache; null where the server does not say. */
  cached: number | null;
  /** From getting a slot to the end of the prefill, in ms; null until the model has read a prompt. */
  prefillMs: number | null;
  /** 1 is next; null when a slot is free. */
  queuePosition: number | null;
  /** Tokens of prompt and answer together; null where the server does not say. */
  contextSize: number | null;
  /** Tokens that the answer can have; null where the context is not known. */
  room: number | null;
  /** Tokens that the answer may have by the settings; null for all the room. */
  maxTokens: number | null;
}

/** A prompt that is longer than its model's context. */
export interface OverflowingPrompt extends TokenCount {
  state: 'over';
  /** Whether the server cannot count, so that the prompt may fit after all. */
  guessed: boolean;
  /** False for a prompt that has become shorter since, and may fit now. */
  current: boolean;
  /** Tokens above what the context takes. */
  over: number;
  contextSize: number;
}

/** What the next message would meet. The prompt is the whole conversation, with what the chat template adds. */
export type Forecast =
  /** Nothing is written, or the model cannot count now: it is not loaded, or the gateway is away. */
  | { state: 'none' }
  | { state: 'counting' }
  | FittingPrompt
  | OverflowingPrompt
  /** More than a request may have; both sizes in bytes. */
  | { state: 'too-large'; bytes: number; maxBytes: number };

/** The forecast of a prompt that has changed since; `grew`: it has not become shorter. */
export function outdated(forecast: Forecast, { grew }: { grew: boolean }): Forecast {
  if (forecast.state === 'over') return { ...forecast, exact: false, current: grew };
  return forecast.state === 'fits' ? { ...forecast, exact: false } : forecast;
}

/** How long to wait for the next change before asking, in ms: the longer a prompt, the more an answer costs. */
export function delayMs(characters: number): number {
  if (characters < 20_000) return 200;
  return characters < 200_000 ? 500 : 1500;
}

/** Under which a document's count is kept: a text has other tokens in another model. */
export function countKey(model: string, document: string): string {
  return `${model}\n${document}`;
}

/** The prompt's length in characters, without looking at each of them. */
export function promptLength({ messages = [], prompt = '' }: GenerateInput): number {
  return messages.reduce((sum, { content }) => sum + (typeof content === 'string' ? content.length : 0), prompt.length);
}
