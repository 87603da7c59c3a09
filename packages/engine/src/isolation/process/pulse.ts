import type { Vitals } from '../../host/engine-host.ts';

/** The interval of a process's heartbeats, and the times after which it counts as hung, in ms. */
export interface PulseOptions {
  /** Time between two heartbeats. @default 500 */
  beatMs: number;
  /** Longest time without any message, once the models are loaded. @default 15_000 */
  silentMs: number;
  /** The same during start and loading: opening native libraries and models blocks the process. @default 60_000 */
  loadingMs: number;
  /**
   * Longest time without a finished batch while slots are busy. A batch of a large model on a slow machine takes long.
   * @default 300_000
   */
  stuckMs: number;
}

export type Hang = 'silent' | 'stuck';

/**
 * Decides from a process's messages whether it hangs. Counts time in ticks of this side's timer, which fires at most
 * once per event-loop step. So when this process was blocked itself, or the machine slept, the gap does not count
 * against the other process.
 */
export class Pulse {
  readonly #options: PulseOptions;
  #silentTicks = 0;
  #stuckTicks = 0;
  #vitals: Vitals = { loading: true, busy: 0, evaluated: 0 };

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Records a message. Any one shows that the process is alive; only a heartbeat shows whether it makes progress. */
  record(vitals?: Vitals): void {
    this.#silentTicks = 0;
    if (!vitals) return;
    if (vitals.busy === 0 || vitals.evaluated !== this.#vitals.evaluated) this.#stuckTicks = 0;
    this.#vitals = vitals;
  }

  /** Call it every `beatMs`. Returns how the process hangs; null when it does not. */
  tick(): Hang | null {
    this.#silentTicks++;
    this.#stuckTicks++;
    const { loading, busy } = this.#vitals;
    const { beatMs, silentMs, loadingMs, stuckMs } = this.#options;
    if (this.#silentTicks * beatMs > (loading ? loadingMs : silentMs)) return 'silent';
    return busy > 0 && this.#stuckTicks * beatMs > stuckMs ? 'stuck' : null;
  }
}
