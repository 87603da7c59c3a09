import type { ProcessNews } from '../isolation/process/process-supervisor.ts';

/** News of one model's process. */
export type ModelProcessNews = ProcessNews & { modelId: string };

/** How often the models' processes were restarted after a crash, and why the last one crashed. */
export class ProcessHistory {
  readonly #crashed = new Set<string>();
  #restarts = 0;
  #lastCrash: string | null = null;

  /** `lastCrash` continues the sentence "the engine …". */
  get summary(): { restarts: number; lastCrash: string | null } {
    return { restarts: this.#restarts, lastCrash: this.#lastCrash };
  }

  add({ modelId, ...news }: ModelProcessNews): void {
    switch (news.type) {
      case 'crashed':
        this.#lastCrash = news.reason;
        this.#crashed.add(modelId);
        return;
      case 'started':
        // A process that did not crash was unloaded.
        if (this.#crashed.delete(modelId)) this.#restarts++;
        return;
      case 'output':
        return;
      default:
        news satisfies never;
    }
  }
}
