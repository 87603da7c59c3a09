import { HeadwayError, isHeadwayError, type ErrorCode, type GenerateRequest } from '@headway/protocol';

import { admit, completionLimit } from './admission.ts';
import type { DecodeEnd, Prompt, Slot } from './backend.ts';
import type { Clock } from './clock.ts';
import type { EventWriter } from './event-writer.ts';
import type { HostedModel, OpenModel } from './hosted-model.ts';
import type { ReadingState } from './reading-forecast.ts';
import { Stopwatch } from './stopwatch.ts';

/** What a generation's signal aborts with. */
export class CancelReason {
  readonly reason: 'cancelled' | ErrorCode;

  constructor(reason: 'cancelled' | ErrorCode) {
    this.reason = reason;
  }
}

export interface RunOptions {
  model: HostedModel;
  /** For whom it runs. */
  owner: string;
  request: GenerateRequest;
  writer: EventWriter;
  clock: Clock;
  signal: AbortSignal;
}

/**
 * The life of one generation: loading, admission, queue, prefill, decode, end. Every way out writes exactly one
 * terminal event, except that a request which is refused before its first event throws.
 *
 * @throws HeadwayError why the request was refused
 */
export async function runGeneration({ model, owner, request, writer, clock, signal }: RunOptions): Promise<void> {
  try {
    signal.throwIfAborted();
    const open = await model.untilOpen(signal, () => writer.loading());
    const stopwatch = new Stopwatch(clock);
    const prompt = await admit(open.loaded, request, signal);
    stopwatch.stop();
    const end = await withSlot(open, { prompt, owner, writer, signal }, (slot) =>
      useSlot({ open, slot, prompt, writer, clock, stopwatch, signal }),
    );
    writer.done(end.reason, end.toolCalls);
  } catch (thrown) {
    endByError(thrown, writer, signal);
  }
}

/** Queues for a slot and gives it back before anybody hears of the end, so that whoever does finds it free. */
async function withSlot(
  { pool }: OpenModel,
  { prompt, owner, writer, signal }: { prompt: Prompt; owner: string; writer: EventWriter; signal: AbortSignal },
  work: (slot: Slot) => Promise<DecodeEnd>,
): Promise<DecodeEnd> {
  let forecast: number | null = null;
  const slot = await pool.acquire(prompt, {
    signal,
    owner,
    onPosition: (position) => writer.queued(position, (forecast ??= pool.forecast(prompt, owner)), prompt.total),
  });
  try {
    return await work(slot);
  } finally {
    pool.release(slot);
  }
}

interface SlotWork {
  open: OpenModel;
  slot: Slot;
  prompt: Prompt;
  writer: EventWriter;
  clock: Clock;
  /** Runs while neither a slot nor a chunk is waited for, up to the first token. */
  stopwatch: Stopwatch;
  signal: AbortSignal;
}

async function useSlot(work: SlotWork): Promise<DecodeEnd> {
  work.stopwatch.go();
  await read(work);
  const { open, slot, prompt, writer, stopwatch, signal } = work;
  const { turns, timeToGo } = open;
  const load = turns.readers === 0 ? { tokens: prompt.total, decoders: turns.decoders } : null;
  let first = true;
  const decoder = turns.decoder();
  try {
    return await slot.decode(prompt, {
      signal,
      maxTokens: completionLimit(prompt, open.loaded),
      onPiece: (piece) => {
        if (first && load) timeToGo.firstToken.add(load, stopwatch.ms);
        first = false;
        writer.token(piece);
        decoder.decoded();
      },
    });
  } finally {
    decoder.leave();
  }
}

async function read({ open, slot, prompt, writer, clock, stopwatch, signal }: SlotWork): Promise<void> {
  const { rate, turns, timeToGo } = open;
  const { total } = prompt;
  let cached: number | null = null;
  let processed = 0;
  let since = clock.now();
  let decoders = 0;
  const state = (): ReadingState => {
    // The last token is left to the first decoding step.
    const end = total - 1;
    return { position: processed, remaining: Math.max(0, end - processed), uncached: end - (cached ?? 0) };
  };
  const etaMs = () => timeToGo.untilRead(state(), turn.ahead(state().remaining));
  const turn = turns.join(total - 1, () => writer.stillProcessing(etaMs()));
  try {
    await slot.prefill(prompt, {
      signal,
      nextChunk: async (remaining) => {
        stopwatch.stop();
        await turn.next(remaining, signal);
        since = clock.now();
        decoders = turns.decoders;
        return timeToGo.chunkSize(state(), decoders);
      },
      onRead: (tokens) => {
        rate.add({ tokens, position: processed, decoders }, clock.now() - since);
        turn.done();
        stopwatch.go();
      },
      onProgress: (now) => {
        cached ??= now;
        processed = now;
        writer.processing(processed, total, etaMs());
      },
    });
  } finally {
    turn.leave();
  }
}

function endByError(thrown: unknown, writer: EventWriter, signal: AbortSignal): void {
  if (signal.aborted && thrown === signal.reason) {
    const reason = thrown instanceof CancelReason ? thrown.reason : 'cancelled';
    if (reason === 'cancelled') writer.done('cancelled', []);
    else writer.error(new HeadwayError(reason, cancelMessage(reason)));
    return;
  }
  const error = isHeadwayError(thrown)
    ? thrown
    : new HeadwayError('internal', `the engine failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
        cause: thrown,
      });
  if (!writer.begun) throw error;
  writer.error(error);
}

/** Why the system ended a generation, in words. */
export function cancelMessage(reason: ErrorCode): string {
  switch (reason) {
    case 'shutting-down':
      return 'the engine is shutting down; send the request again when it is back';
    case 'abandoned':
      return 'nobody listened any more, so the generation was ended';
    case 'generation-timeout':
      return 'the generation took longer than this server allows; ask for fewer tokens';
    default:
      return `the generation was ended (${reason})`;
  }
}
