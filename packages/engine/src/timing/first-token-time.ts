import { product, SteadyFit } from './steady-fit.ts';

/** A prompt that has been read, and what decodes beside it. */
export interface FirstTokenLoad {
  /** Prompt tokens. */
  tokens: number;
  /** Other streams that decode. */
  decoders: number;
}

const features = ({ tokens, decoders }: FirstTokenLoad) => [1, tokens, decoders];
const typical = features({ tokens: 1024, decoders: 1 });
const nothing = [0, 0, 0];

/**
 * What a first token takes besides waiting for a slot and for the prompt's chunks: the prompt is tokenised before, and
 * one step is decoded after. Kept for each model from one request to the next.
 */
export class FirstTokenTime {
  readonly #fit = new SteadyFit(typical);

  /** In ms; 0 before the first one came. */
  predictMs(load: FirstTokenLoad): number {
    return product(this.#fit.factors(nothing), features(load));
  }

  add(load: FirstTokenLoad, ms: number): void {
    this.#fit.add(features(load), ms, this.#fit.known ? this.predictMs(load) : null);
  }
}
