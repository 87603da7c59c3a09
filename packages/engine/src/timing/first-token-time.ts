import { product, NonNegativeFit } from './non-negative-fit.ts';

/** A prefilled prompt and the streams that decode at the same time. */
export interface FirstTokenLoad {
  /** Prompt tokens. */
  tokens: number;
  /** Other decoding streams. */
  decoders: number;
}

const features = ({ tokens, decoders }: FirstTokenLoad) => [1, tokens, decoders];
const typical = features({ tokens: 1024, decoders: 1 });
const nothing = [0, 0, 0];

/**
 * Predicts the part of the TTFT that is neither waiting for a slot nor prefill: tokenising the prompt before, and
 * drawing after, in a decode step of its own or not. One instance per model learns from all its requests.
 */
export class FirstTokenTime {
  readonly #fit = new NonNegativeFit(typical);

  /** In ms; 0 before the first measurement. */
  predictMs(load: FirstTokenLoad): number {
    return product(this.#fit.factors(nothing), features(load));
  }

  add(load: FirstTokenLoad, ms: number): void {
    this.#fit.add(features(load), ms, this.#fit.known ? this.predictMs(load) : null);
  }
}
