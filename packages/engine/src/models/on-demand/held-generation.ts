import { HeadwayError, type ErrorCode } from '@headway/protocol';

import { TrackedGeneration, type GenerateCommand } from '../../isolation/tracked-generation.ts';
import { cancelMessage } from '../../port/cancel-message.ts';
import type { EngineMessage } from '../../port/engine-port.ts';
import type { ProcessPort } from './process-port.ts';
import type { WaitingRequest } from './waiting-requests.ts';

export interface HeldGenerationOptions {
  command: GenerateCommand;
  onMessage: (message: EngineMessage) => void;
  /** Called before the generation is sent to the model's process, or ends here. */
  onEnd: (port: ProcessPort | null) => void;
}

/** A generation that waits for its model and reports the phase `loading`. */
export class HeldGeneration implements WaitingRequest {
  readonly #options: HeldGenerationOptions;
  readonly #tracked: TrackedGeneration;

  constructor(options: HeldGenerationOptions) {
    this.#options = options;
    this.#tracked = new TrackedGeneration(options.command);
  }

  onLoad(loaded: number): void {
    this.#emit(this.#tracked.loading(loaded));
  }

  start(port: ProcessPort): void {
    this.#options.onEnd(port);
    port.send(this.#tracked.command());
  }

  fail(error: HeadwayError): void {
    this.#options.onEnd(null);
    this.#emit(this.#tracked.fail(error));
  }

  cancel(reason: 'cancelled' | ErrorCode): void {
    if (reason !== 'cancelled') return this.fail(new HeadwayError(reason, cancelMessage(reason)));
    this.#options.onEnd(null);
    this.#emit(this.#tracked.cancel());
  }

  /** Ends one choice; the others go on waiting. */
  cancelChoice(index: number): void {
    const messages = this.#tracked.cancelChoice(index);
    if (this.over) this.#options.onEnd(null);
    this.#emit(messages);
  }

  /** Whether every choice has ended. */
  get over(): boolean {
    return this.#tracked.over;
  }

  #emit(messages: readonly EngineMessage[]): void {
    for (const message of messages) this.#options.onMessage(message);
  }
}
