import { toHeadwayError, type HeadwayError } from '@headway/protocol';

import { memoryInUse } from '../memory/memory-in-use.ts';
import { tooLarge } from '../memory/too-large.ts';
import type { MeasuredNeed } from './measure-need.ts';

export interface MemoryDemandOptions {
  modelId: string;
  /** The memory that all models may take, in bytes; infinite without a limit. */
  limit: number;
  measure: (signal: AbortSignal) => Promise<MeasuredNeed>;
  /** Stops measuring when it aborts. */
  signal: AbortSignal;
}

/** What is known of the memory that one model takes: first an estimate, then what it took when it was loaded. */
export class MemoryDemand {
  readonly #options: MemoryDemandOptions;
  #measuring: Promise<MeasuredNeed> | null = null;
  #need: MeasuredNeed | null = null;
  /** The most memory that the model took since it was loaded last, in bytes; null until it was. */
  #taken: number | null = null;

  constructor(options: MemoryDemandOptions) {
    this.#options = options;
  }

  /** The estimate; null until it is made. */
  get need(): MeasuredNeed | null {
    return this.#need;
  }

  /** What the model will take, in bytes; 0 until known. */
  get bytes(): number {
    return this.#taken ?? this.#need?.bytes ?? 0;
  }

  /** The error that refuses a model which does not fit even alone; null when it may. What it took does not count. */
  get refusal(): HeadwayError | null {
    const { modelId, limit } = this.#options;
    return this.#need && this.#need.bytes > limit ? tooLarge(modelId, this.#need.bytes, limit) : null;
  }

  /**
   * Makes the estimate, unless it is made.
   *
   * @throws HeadwayError `model-load-failed`, then the next call tries again; `refusal`
   */
  async measure(): Promise<MeasuredNeed> {
    const { measure, signal } = this.#options;
    this.#measuring ??= measure(signal);
    try {
      this.#need = await this.#measuring;
    } catch (thrown) {
      this.#measuring = null;
      throw toHeadwayError(thrown, 'model-load-failed');
    }
    const { refusal } = this;
    if (refusal) throw refusal;
    return this.#need;
  }

  /** The model was loaded again: what it took before no longer counts. */
  restart(): void {
    this.#taken = null;
  }

  /** Takes what the model's process has now, in bytes, and returns the most that it had. */
  taken(measured: number | null, device: string | null): number {
    const now = memoryInUse({ measured, expected: this.#need?.bytes ?? 0, device });
    this.#taken = Math.max(now, this.#taken ?? 0);
    return this.#taken;
  }
}
