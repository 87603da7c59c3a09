import type { GenerationEvent } from '@headway/protocol';
import { tracked, type TrackedEnvelope } from '@trpc/server';
import { type Encoder } from '@trpc/server/adapters/ws';
import { WebSocket } from 'ws';

import { formatEventId } from '../../generations/event-id.ts';
import type { GenerationView } from '../../generations/generation-view.ts';
import { messageEncoder } from './message-encoder.ts';

/** What tRPC answers a subscription with, as far as it shows which one it is. */
interface DataMessage {
  id: number | string | null;
  jsonrpc?: string;
  result?: { data?: { data?: unknown } };
}

/**
 * Sends events over one socket in tRPC's frames and past its loop, which costs more for each event than all the rest of
 * the event's way. The first event of a stream goes through tRPC, which shows by what id it answers; those that follow
 * are written to the socket at once. The end, errors and stops are tRPC's.
 */
export class EventFrames {
  /** tRPC's encoder for this socket. */
  readonly encoder: Encoder = {
    encode: (message) => this.#encode(message as DataMessage),
    decode: (data) => messageEncoder.decode(data),
  };
  readonly #client: WebSocket;
  /** The first events under way through tRPC, and who waits for the beginning of their frames. */
  readonly #first = new WeakMap<object, (head: string) => void>();

  constructor(client: WebSocket) {
    this.#client = client;
  }

  /** What a subscription gives to tRPC in the place of `trackedEvents`. */
  stream(id: string, view: GenerationView): AsyncIterableIterator<TrackedEnvelope<GenerationEvent>> {
    let head: string | null = null;
    const stream = {
      next: async (): Promise<IteratorResult<TrackedEnvelope<GenerationEvent>, undefined>> => {
        if (head !== null) {
          const begin = head;
          await view.forEach((event) => this.#send(begin, id, event));
          return { done: true, value: undefined };
        }
        const { done, value } = await view.next();
        if (done) return { done, value };
        // The same event may be the first of two streams.
        const first = { ...value };
        this.#first.set(first, (found) => (head = found));
        return { done: false, value: tracked(formatEventId(id, first), first) };
      },
      return: async () => {
        await view.return();
        return { done: true as const, value: undefined };
      },
      // tRPC hands back what `next` threw, and makes another error of it where nobody takes it.
      throw: async (thrown: unknown) => {
        throw thrown;
      },
      [Symbol.asyncIterator]: () => stream,
    };
    return stream;
  }

  #encode(message: DataMessage): ReturnType<Encoder['encode']> {
    const event = message.result?.data?.data;
    if (typeof event === 'object' && event !== null) this.#first.get(event)?.(headOf(message));
    return messageEncoder.encode(message);
  }

  #send(head: string, id: string, event: GenerationEvent): void {
    if (this.#client.readyState !== WebSocket.OPEN) return;
    // Ids have no character that JSON escapes.
    const eventId = `"${formatEventId(id, event)}"`;
    this.#client.send(`${head}${eventId},"data":{"id":${eventId},"data":${JSON.stringify(event)}}}}`);
  }
}

/** A frame up to the event's id. */
function headOf({ id, jsonrpc }: DataMessage): string {
  const call = JSON.stringify({ id, jsonrpc });
  return `${call.slice(0, -1)},"result":{"type":"data","id":`;
}
