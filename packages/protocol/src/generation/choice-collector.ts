import { errorFromData } from '../errors/error-data.ts';
import type { GenerationEvent, TokenLogprob } from '../schema/events/event.ts';
import type { ChoiceResult } from './generation.ts';
import { HeadwayError } from '../errors/headway-error.ts';

interface OpenChoice {
  text: string;
  reasoning: string;
  reasoningTokens: number;
  logprobs: TokenLogprob[] | null;
  result: ChoiceResult | null;
}

/** Builds a generation's result from its events. */
export class ChoiceCollector {
  readonly #keepsText: boolean;
  readonly #choices = new Map<number, OpenChoice>();
  #error: HeadwayError | null = null;

  /** `keepsText`: whether the results have text and log-probabilities, or only numbers. @default true */
  constructor({ keepsText = true }: { keepsText?: boolean | undefined } = {}) {
    this.#keepsText = keepsText;
  }

  add(event: GenerationEvent): void {
    switch (event.type) {
      case 'prefill':
      case 'span':
        return;
      case 'token': {
        if (!this.#keepsText && event.channel !== 'reasoning') return;
        const choice = this.#choice(event.index);
        if (event.channel === 'reasoning') choice.reasoningTokens += event.count;
        if (!this.#keepsText) return;
        if (event.channel === 'content') {
          choice.text += event.text;
          if (event.logprobs) (choice.logprobs ??= []).push(...event.logprobs);
        } else if (event.channel === 'reasoning') {
          choice.reasoning += event.text;
        }
        return;
      }
      case 'done': {
        const { index, finishReason, stopString, toolCalls, usage, timings, leftOut, fitsSchema, misfits } = event;
        const choice = this.#choice(index);
        const { text, reasoning, reasoningTokens, logprobs } = choice;
        choice.result = {
          index,
          text,
          reasoning,
          reasoningTokens,
          toolCalls,
          ...(logprobs && { logprobs }),
          finishReason,
          ...(stopString !== undefined && { stopString }),
          usage,
          timings,
          ...(leftOut && { leftOut }),
          ...(fitsSchema !== undefined && { fitsSchema }),
          ...(misfits && { misfits }),
        };
        return;
      }
      case 'error':
        this.#error ??= errorFromData(event);
        return;
      default:
        event satisfies never;
    }
  }

  /** The choices by index, once all have ended. @throws HeadwayError the first error that ended a choice */
  results(): [ChoiceResult, ...ChoiceResult[]] {
    if (this.#error) throw this.#error;
    const [first, ...others] = [...this.#choices.values()]
      .flatMap(({ result }) => result ?? [])
      .sort((a, b) => a.index - b.index);
    if (!first) throw new HeadwayError('internal', 'the generation ended without a result');
    return [first, ...others];
  }

  #choice(index: number): OpenChoice {
    let choice = this.#choices.get(index);
    if (!choice) {
      choice = { text: '', reasoning: '', reasoningTokens: 0, logprobs: null, result: null };
      this.#choices.set(index, choice);
    }
    return choice;
  }
}
