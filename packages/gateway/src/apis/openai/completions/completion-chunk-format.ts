import type { TokenEvent } from '@headway/protocol';

import type { ChunkFinishReason, ChunkFormat } from '../chunk-stream.ts';
import { CompletionLogprobs } from './completion-logprobs.ts';

export interface CompletionChunkOptions {
  /** Choices that the client asked for. */
  choices: number;
  /** Text that each choice begins with: the prompt, or ''. */
  echo: string;
}

/** OpenAI's chunks of the older `/v1/completions`, whose choices have `text` instead of a delta. */
export class CompletionChunkFormat implements ChunkFormat {
  readonly idPrefix = 'cmpl-';
  readonly object = 'text_completion';
  readonly #echo: string;
  readonly #logprobs: readonly CompletionLogprobs[];

  constructor({ choices, echo }: CompletionChunkOptions) {
    this.#echo = echo;
    this.#logprobs = Array.from({ length: choices }, () => new CompletionLogprobs());
  }

  opening(): object[] {
    return this.#echo === '' ? [] : this.#logprobs.map((_, index) => choiceOf(index, this.#echo));
  }

  empty(index: number): object {
    return choiceOf(index, '');
  }

  /** Raw text has no reasoning and no tool calls. */
  token({ index, text, channel, logprobs }: TokenEvent): object | null {
    if (channel !== 'content') return null;
    if (text === '' && !logprobs?.length) return null;
    return choiceOf(index, text, { logprobs: logprobs && this.#logprobs[index]?.of(logprobs) });
  }

  end(index: number, finishReason: ChunkFinishReason): object {
    return choiceOf(index, '', { finishReason });
  }
}

interface ChoiceFields {
  finishReason?: ChunkFinishReason;
  logprobs?: object | undefined;
}

function choiceOf(index: number, text: string, { finishReason, logprobs }: ChoiceFields = {}): object {
  return { index, text, logprobs: logprobs ?? null, finish_reason: finishReason ?? null };
}
