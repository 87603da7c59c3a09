import type { Fault, FaultPlace, ReceivedRequest } from '../upstream-script.ts';

/** A fault at a place in the answer. */
export type PlacedFault = Extract<Fault, { at: FaultPlace }>;

/** The faults of a script, with how often each has hit. */
export class Faults {
  readonly #faults: readonly Fault[];
  readonly #matched: number[];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
    this.#matched = faults.map(() => 0);
  }

  /** The faults that hit this request, each of which is counted. */
  hit({ body }: ReceivedRequest): Fault[] {
    const text = JSON.stringify(body) ?? '';
    return this.#faults.filter((fault, at) => {
      if (fault.when !== undefined && !text.includes(fault.when)) return false;
      const before = this.#matched[at] ?? 0;
      this.#matched[at] = before + 1;
      const skip = fault.skip ?? 0;
      return before >= skip && before < skip + (fault.times ?? Infinity);
    });
  }
}

/** How far an answer is. */
export interface Reached {
  headers: boolean;
  read: number;
  tokens: number;
  bytes: number;
}

/** Whether an answer has come to the place. */
export function isAt(place: FaultPlace, reached: Reached): boolean {
  if ('before' in place) return !reached.headers;
  if ('read' in place) return reached.read >= place.read;
  if ('tokens' in place) return reached.headers && reached.tokens >= place.tokens && reached.read >= 1;
  return reached.headers && reached.bytes >= place.bytes;
}
