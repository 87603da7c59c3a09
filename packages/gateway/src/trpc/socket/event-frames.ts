import type { GenerationEvent } from '@headway/protocol';
import { tracked, type TrackedEnvelope } from '@trpc/server';
import { type Encoder } from '@trpc/server/adapters/ws';
import { eventIdStart, formatEventId } from '../../generations/event-id.ts';
import type { GenerationView } from '../../generations/generation-view.ts';
import { isAscii, type FrameWriter } from './frame-writer.ts';
import { messageEncoder } from './message-encoder.ts';

/** The fields of a tRPC response that show which subscription it belongs to. */
interface DataMessage {
  id: number | string | null;
  jsonrpc?: string;
  result?: { data?: { data?: unknown } };
}

/**
 * Sends a socket's events in tRPC's message format but past tRPC's own loop, which costs more per event than everything
 * else on the event's path. The first event of a stream goes through tRPC, whose message shows the id of the call. Later
 * events go straight to the socket. tRPC itself sends the end, errors and stops.
 */
export class EventFrames {
  /** tRPC's encoder for this socket. */
  readonly encoder: Encoder = {
    encode: (message) => this.#encode(message as DataMessage),
    decode: (data) => messageEncoder.decode(data),
  };
  readonly #frames: FrameWriter;
  /** Streams that send past tRPC's loop. */
  #streams = 0;
  /** First events that are on their way through tRPC, each with the callback that gets the head of its message. */
  readonly #first = new WeakMap<object, (head: string) => void>();

  constructor(frames: FrameWriter) {
    this.#frames = frames;
  }

  /** The iterable that a subscription returns to tRPC in place of `trackedEvents`. */
  stream(id: string, view: GenerationView): AsyncIterableIterator<TrackedEnvelope<GenerationEvent>> {
    let head: string | null = null;
    const stream = {
      next: async (): Promise<IteratorResult<TrackedEnvelope<GenerationEvent>, undefined>> => {
        if (head !== null) {
          // Ids hold no character that JSON escapes.
          const begin = `${head}"${eventIdStart(id)}`;
          const middle = `","data":{"id":"${eventIdStart(id)}`;
          const ascii = isAscii(begin);
          this.#streams++;
          const sending = view.forEach((event, json, latest) => {
            // Nothing reaches a closing socket, so nothing is encoded for it.
            if (!this.#frames.open) return false;
            const seq = String(event.seq);
            const text = `${begin}${seq}${middle}${seq}","data":${json.of(event)}}}}`;
            const last = latest && this.#streams === 1;
            if (ascii && json.ascii) this.#frames.sendAscii(text, last);
            else this.#frames.send(text);
            return true;
          });
          await sending.finally(() => this.#streams--);
          await view.return();
          return { done: true, value: undefined };
        }
        const { done, value } = await view.next();
        if (done) return { done, value };
        // A copy, because one event may be the first of two streams.
        const first = { ...value };
        this.#first.set(first, (found) => (head = found));
        return { done: false, value: tracked(formatEventId(id, first), first) };
      },
      return: async () => {
        await view.return();
        return { done: true as const, value: undefined };
      },
      // tRPC passes an error of `next` to `throw`, and replaces it by another error where `throw` is missing.
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
}

/** The message up to the event's id. */
function headOf({ id, jsonrpc }: DataMessage): string {
  const call = JSON.stringify({ id, jsonrpc });
  return `${call.slice(0, -1)},"result":{"type":"data","id":`;
}
