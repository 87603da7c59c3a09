import { HeadwayError, isHeadwayError, type ErrorCode, type GenerateRequest } from '@headway/protocol';

import { completionLimits } from './admission.ts';
import type { Prompt, Slot } from '../backend/backend.ts';
import type { Clock } from '../timing/clock.ts';
import type { EventWriter } from './event-writer.ts';
import type { HostedModel, OpenModel } from './hosted-model.ts';
import type { ReadingState } from '../timing/prefill-forecast.ts';
import { Stopwatch } from '../timing/stopwatch.ts';

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
    // Who waits for the model need not wait for a refusal, nor to hear what is left out.
    if (!model.open) writer.keeps(await model.check('request', request, signal));
    const open = await model.untilOpen('request', signal, () => writer.loading());
    const arrival = open.pool.arrive();
    const stopwatch = new Stopwatch(clock);
    const { prompt, schemas } = await model.prepare('request', request, open, { owner, signal });
    stopwatch.stop();
    writer.keeps(schemas);
    await work({ open, arrival, prompt, owner, writer, clock, stopwatch, signal });
  } catch (thrown) {
    endByError(thrown, writer, signal);
  }
}

interface Work {
  open: OpenModel;
  arrival: number;
  prompt: Prompt;
  owner: string;
  writer: EventWriter;
  clock: Clock;
  /** Runs while neither a slot nor a chunk is waited for, up to the first token. */
  stopwatch: Stopwatch;
  signal: AbortSignal;
}

/** Queues for slots, reads the prompt in the first one, and writes an answer in each. */
async function work(now: Work): Promise<void> {
  const { open, arrival, prompt, owner, writer, signal } = now;
  const { pool } = open;
  let forecast: number | null = null;
  const slots = await pool.acquire(prompt, {
    signal,
    owner,
    count: prompt.request.choices,
    priority: prompt.request.priority,
    arrival,
    onPosition: (position) => writer.queued(position, (forecast ??= pool.forecast(prompt, owner)), prompt.total),
  });
  const held = new Set<Slot>(slots);
  const release = (slot: Slot) => {
    if (held.delete(slot)) pool.release(slot);
  };
  const [first, ...others] = slots;
  try {
    now.stopwatch.go();
    await read(first, now);
    for (const slot of others) {
      signal.throwIfAborted();
      await slot.copyFrom(first);
    }
    await Promise.all(slots.map((slot, choice) => write(slot, choice, now, () => release(slot))));
  } finally {
    slots.forEach(release);
  }
}

/** One choice, to its terminal event. The slot is given back before anybody hears of the end, who then finds it free. */
async function write(
  slot: Slot,
  choice: number,
  { open, prompt, writer, stopwatch, signal }: Work,
  release: () => void,
): Promise<void> {
  const { turns, timeToGo } = open;
  // With several choices the memory is copied in between.
  const load =
    prompt.request.choices === 1 && turns.readers === 0 ? { tokens: prompt.total, decoders: turns.decoders } : null;
  let first = true;
  const decoder = turns.decoder();
  try {
    const { reason, ...end } = await slot
      .decode(prompt, {
        choice,
        signal,
        ...completionLimits(prompt, open.loaded),
        onPiece: (piece) => {
          if (first && load) timeToGo.firstToken.add(load, stopwatch.ms);
          first = false;
          writer.token(choice, piece);
          decoder.decoded();
        },
        onSpeculation: (speculation) => writer.speculated(choice, speculation),
      })
      .finally(() => {
        decoder.leave();
        release();
      });
    writer.done(choice, reason, end);
  } catch (thrown) {
    endByError(thrown, writer, signal, choice);
  }
}

async function read(slot: Slot, { open, prompt, writer, clock, stopwatch, signal }: Work): Promise<void> {
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
  const outlook = () => {
    const ahead = turn.ahead(state().remaining);
    return { etaMs: timeToGo.untilRead(state(), ahead), ahead: ahead.length };
  };
  const turn = turns.join(total - 1, () => writer.stillProcessing(outlook()));
  try {
    await slot.prefill(prompt, {
      signal,
      nextChunk: async (remaining) => {
        stopwatch.stop();
        if (turns.readers > 1) writer.waits();
        await turn.next(remaining, signal);
        writer.reads();
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
        writer.processing(processed, total, outlook());
      },
    });
  } finally {
    turn.leave();
  }
}

/** Ends a choice by what was thrown; without a number, all that have not ended. */
function endByError(thrown: unknown, writer: EventWriter, signal: AbortSignal, choice?: number): void {
  const choices = choice === undefined ? writer.open() : [choice];
  if (signal.aborted && thrown === signal.reason) {
    const reason = thrown instanceof CancelReason ? thrown.reason : 'cancelled';
    for (const index of choices) {
      if (reason === 'cancelled') writer.done(index, 'cancelled');
      else writer.error(index, new HeadwayError(reason, cancelMessage(reason)));
    }
    return;
  }
  const error = isHeadwayError(thrown)
    ? thrown
    : new HeadwayError('internal', `the engine failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
        cause: thrown,
      });
  if (!writer.begun) throw error;
  for (const index of choices) writer.error(index, error);
}

/** Why the system ended a generation, in words. */
export function cancelMessage(reason: ErrorCode): string {
  switch (reason) {
    case 'shutting-down':
      return 'the engine is shutting down; send the request again when it is back';
    case 'abandoned':
      return 'nobody listened any more, so the generation was ended';
    case 'generation-timeout':
      return 'the generation took longer, or wrote more, than this server allows; ask for fewer tokens';
    default:
      return `the generation was ended (${reason})`;
  }
}
