import { HeadwayError, isHeadwayError, type ErrorCode, type GenerateRequest } from '@headway/protocol';

import { admit, completionLimit } from './admission.ts';
import type { DecodeEnd, Prompt, Slot } from './backend.ts';
import { chunkSize } from './chunk-size.ts';
import type { Clock } from './clock.ts';
import type { EventWriter } from './event-writer.ts';
import type { HostedModel, OpenModel } from './hosted-model.ts';

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
    const open = model.open ?? (await untilOpen(model, writer, signal));
    const prompt = await admit(open.loaded, request, signal);
    const end = await withSlot(open, { prompt, owner, writer, signal }, (slot) =>
      useSlot({ open, slot, prompt, writer, clock, signal }),
    );
    writer.done(end.reason, end.toolCalls);
  } catch (thrown) {
    endByError(thrown, writer, signal);
  }
}

async function untilOpen(model: HostedModel, writer: EventWriter, signal: AbortSignal): Promise<OpenModel> {
  const leave = model.waitInLine();
  try {
    writer.loading();
    return await aborting(model.opening, signal);
  } finally {
    leave();
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
  signal: AbortSignal;
}

async function useSlot(work: SlotWork): Promise<DecodeEnd> {
  await read(work);
  const { open, slot, prompt, writer, signal } = work;
  const decoder = open.turns.decoder();
  try {
    return await slot.decode(prompt, {
      signal,
      maxTokens: completionLimit(prompt, open.loaded),
      onPiece: (piece) => {
        writer.token(piece);
        decoder.decoded();
      },
    });
  } finally {
    decoder.leave();
  }
}

async function read({ open: { loaded, rate, turns }, slot, prompt, writer, clock, signal }: SlotWork): Promise<void> {
  const { total } = prompt;
  let cached: number | null = null;
  let processed = 0;
  let since = clock.now();
  let decoders = 0;
  const etaMs = () => {
    const left = turn.tokensAhead() + total - processed;
    return rate.msPerToken === null ? null : left * rate.msPerToken;
  };
  const turn = turns.join(() => writer.stillProcessing(etaMs()));
  try {
    await slot.prefill(prompt, {
      signal,
      nextChunk: async (remaining) => {
        await turn.next(remaining, signal);
        since = clock.now();
        decoders = turns.decoders;
        const uncached = total - (cached ?? 0);
        return chunkSize({ remaining, uncached, maxChunk: loaded.maxChunk, measured: rate.msOf });
      },
      onRead: (tokens) => {
        rate.add({ tokens, position: processed, decoders }, clock.now() - since);
        turn.done();
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

function cancelMessage(reason: ErrorCode): string {
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

/** Waits for a promise that cannot be stopped, but no longer than the signal says. */
function aborting<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
