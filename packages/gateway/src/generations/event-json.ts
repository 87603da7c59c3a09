import type { GenerationEvent } from '@headway/protocol';

/**
 * Encodes the events of one generation as JSON, each once for all viewers that keep up, while each turn of the event loop
 * brings one event: then they get the same event.
 */
export class EventJson {
  #event: GenerationEvent | null = null;
  #json = '';

  of(event: GenerationEvent): string {
    if (event !== this.#event) {
      this.#json = JSON.stringify(event);
      this.#event = event;
    }
    return this.#json;
  }
}
