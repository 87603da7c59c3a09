import type { PrefillEvent, TokenEvent } from '@headway/protocol';

import { prefillStart } from '../../progress/prefill-start.ts';
import { timingsOf } from './completion-parts.ts';

/**
 * llama.cpp's `timings` during decode, from the events so far. The decode speed is 0, for unknown, until the second
 * token: the first one comes from the prefill's last step.
 */
export class TimingsSoFar {
  #prefillFromMs: number | null = null;
  #prefillMs = 0;
  #promptTokens = 0;
  #cachedTokens = 0;

  add(event: PrefillEvent): void {
    const { phase, cached, total, elapsedMs } = event;
    if (phase !== 'prefill') return;
    this.#prefillFromMs ??= prefillStart(event).elapsedMs;
    this.#prefillMs = elapsedMs - this.#prefillFromMs;
    this.#promptTokens = total ?? 0;
    this.#cachedTokens = cached ?? 0;
  }

  at({ completionTokens, tokensPerSecond }: TokenEvent) {
    const rate = completionTokens < 2 ? 0 : tokensPerSecond;
    return timingsOf(
      { promptTokens: this.#promptTokens, cachedTokens: this.#cachedTokens, completionTokens },
      {
        prefillMs: this.#prefillMs,
        decodeMs: rate > 0 ? (completionTokens * 1000) / rate : 0,
      },
    );
  }
}
