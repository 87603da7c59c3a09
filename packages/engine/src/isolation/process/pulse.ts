import type { Vitals } from '../../host/engine-host.ts';

/** How often a process shows that it lives, and what it may take before it counts as hung, in ms. */
export interface PulseOptions {
  /** @default 500 */
  beatMs: number;
  /** Between two signs of life, once it is loaded. @default 15_000 */
  silentMs: number;
  /** The same while it starts and loads: native libraries and models are opened in one go. @default 60_000 */
  loadingMs: number;
  /** While it has work and no batch ends. A batch of a large model on a slow machine takes long. @default 300_000 */
  stuckMs: number;
}

export type Hang = 'silent' | 'stuck';

/**
 * Tells from what is heard of a process whether it still lives. Time is counted in ticks of the listener's own timer, of
 * which there is one at most for each turn of its loop: a listener that was held up itself, or a machine that slept, does
 * not take its own absence for the other one's.
 */
export class Pulse {
  readonly #options: PulseOptions;
  #silentTicks = 0;
  #stuckTicks = 0;
  #vitals: Vitals = { loading: true, busy: 0, evaluated: 0 };

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Anything that came from the process is a sign of life; only a beat tells whether it gets on. */
  heard(vitals?: Vitals): void {
    this.#silentTicks = 0;
    if (!vitals) return;
    if (vitals.busy === 0 || vitals.evaluated !== this.#vitals.evaluated) this.#stuckTicks = 0;
    this.#vitals = vitals;
  }

  /** To be called every `beatMs`; says how it hangs, if it does. */
  tick(): Hang | null {
    this.#silentTicks++;
    this.#stuckTicks++;
    const { loading, busy } = this.#vitals;
    const { beatMs, silentMs, loadingMs, stuckMs } = this.#options;
    if (this.#silentTicks * beatMs > (loading ? loadingMs : silentMs)) return 'silent';
    return busy > 0 && this.#stuckTicks * beatMs > stuckMs ? 'stuck' : null;
  }
}
