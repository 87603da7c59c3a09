import type { Engine } from '@headway/engine';
import { messageText, type GenerateInput, type Generation, type GenerationEvent } from '@headway/protocol';

/** A generation as the engine ran it. */
export interface RecordedGeneration {
  id: string;
  /** The engine's request, which the gateway made of the client's. */
  input: GenerateInput;
  events: readonly GenerationEvent[];
  /** Number of events at the cancellation; undefined for a generation that ran to its end. */
  eventsAtCancel: number | undefined;
}

/**
 * An engine that records its requests and events in order, for tests that check how far a prompt was read at a
 * cancellation. Closing it closes the wrapped engine.
 */
export function recordGenerations(engine: Engine): { engine: Engine; generations: readonly RecordedGeneration[] } {
  const generations: (RecordedGeneration & { events: GenerationEvent[] })[] = [];
  const markCancelled = (id: string) => {
    const found = generations.findLast((one) => one.id === id);
    if (found) found.eventsAtCancel ??= found.events.length;
  };
  const recording: Engine = {
    generate(input, options) {
      const generation = engine.generate(input, options);
      const recorded = { id: generation.id, input, events: [] as GenerationEvent[], eventsAtCancel: undefined };
      generations.push(recorded);
      return recordEvents(generation, recorded.events, () => markCancelled(generation.id));
    },
    cancel(id, reason, owner) {
      markCancelled(id);
      return engine.cancel(id, reason, owner);
    },
    cancelChoice: (id, index, owner) => engine.cancelChoice(id, index, owner),
    estimate: (input, options) => engine.estimate(input, options),
    applyTemplate: (input) => engine.applyTemplate(input),
    tokenize: (input) => engine.tokenize(input),
    detokenize: (input) => engine.detokenize(input),
    models: () => engine.models(),
    activity: () => engine.activity(),
    ready: () => engine.ready(),
    close: () => engine.close(),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
  return { engine: recording, generations };
}

function recordEvents(generation: Generation, events: GenerationEvent[], onCancel: () => void): Generation {
  const cancel = () => {
    onCancel();
    return generation.cancel();
  };
  return {
    id: generation.id,
    admitted: generation.admitted,
    result: () => generation.result(),
    text: () => generation.text(),
    cancel,
    async *[Symbol.asyncIterator]() {
      for await (const event of generation) {
        events.push(event);
        yield event;
      }
      return undefined;
    },
    forEach: (onEvent) =>
      generation.forEach((event) => {
        events.push(event);
        onEvent(event);
      }),
    [Symbol.asyncDispose]: cancel,
  };
}

/** The error codes of its choices. */
export const failuresOf = ({ events }: RecordedGeneration) =>
  events.flatMap((event) => (event.type === 'error' ? event.code : []));

/** Its last prefill event. */
export const prefillOf = (events: readonly GenerationEvent[]) => events.findLast((event) => event.type === 'prefill');

/** The tool results that the client sent. */
export const resultsIn = ({ messages = [] }: GenerateInput) =>
  messages.flatMap((message) => (message.role === 'tool' ? messageText(message.content) : []));
