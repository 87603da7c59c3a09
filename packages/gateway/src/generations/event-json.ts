import type { GenerationEvent } from '@headway/protocol';

import { plainTokenJson } from './token-json.ts';

/**
 * Encodes the events of one generation as JSON, each once for all viewers that keep up, while each turn of the event loop
 * brings one event: then they get the same event.
 */
export class EventJson {
  #event: GenerationEvent | null = null;
  #json = '';
  #ascii = false;

  of(event: GenerationEvent): string {
    if (event !== this.#event) {
      const plain = event.type === 'token' ? plainTokenJson(event) : null;
      this.#event = event;
      this.#ascii = plain !== null;
      this.#json = plain ?? JSON.stringify(event);
    }
    return this.#json;
  }

  /** Whether the latest JSON is known to be ASCII. */
  get ascii(): boolean {
    return this.#ascii;
  }
}
