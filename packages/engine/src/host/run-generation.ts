import { HeadwayError, isHeadwayError, type GenerateRequest } from '@headway/protocol';

import { completionLimits } from './admission.ts';
import { CancelReason } from './cancel-reason.ts';
import type { ChoiceSignals } from './choice-signals.ts';
import type { Prompt, Slot } from '../backend/backend.ts';
import type { Clock } from '../timing/clock.ts';
import type { EventWriter } from './event-writer.ts';
import type { HostedModel, OpenModel } from './hosted-model.ts';
import type { PrefillState } from '../timing/prefill-forecast.ts';
import { Stopwatch } from '../timing/stopwatch.ts';
import { cancelMessage } from '../port/cancel-message.ts';

export interface RunOptions {
  model: HostedModel;
  /** The generation's owner. */
  owner: string;
  request: GenerateRequest;
  writer: EventWriter;
  clock: Clock;
  choices: ChoiceSignals;
}

/**
 * Runs one generation: loading, admission, queue, prefill, decode, end. Ends each choice with exactly one terminal
 * event, unless the request is refused before its first event: then it throws.
 *
 * @throws HeadwayError the reason for refusing the request
 */
export async function runGeneration({ model, owner, request, writer, clock, choices }: RunOptions): Promise<void> {
  const signal = choices.whole;
  try {
    signal.throwIfAborted();
    const drop = (index: number) => writer.done(index, 'cancelled');
    for (const index of writer.open()) if (!choices.open.includes(index)) drop(index);
    choices.onCancel = drop;
    // Refuse a bad schema, and report what grammars leave out, before the model is loaded.
    if (!model.open) writer.setSchemaCheck(await model.check('request', request, signal));
    const open = await model.untilOpen('request', signal, (loaded) => writer.loading(loaded));
    const arrival = open.pool.arrive();
    const stopwatch = new Stopwatch(clock);
    const { prompt, schemaCheck } = await model.prepare('request', request, open, { owner, signal });
    stopwatch.stop();
    writer.setSchemaCheck(schemaCheck);
    await runInSlots({ open, arrival, prompt, owner, writer, clock, stopwatch, choices });
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
  /** Runs up to the first token, except while the request waits for a slot or for a chunk. */
  stopwatch: Stopwatch;
  choices: ChoiceSignals;
}

/**
 * Waits for slots, prefills the prompt in the first one, and decodes one choice in each. A choice that is cancelled before
 * its decode began needs no slot any more.
 */
async function runInSlots(work: Work): Promise<void> {
  const { open, arrival, prompt, owner, writer, choices } = work;
  const { pool } = open;
  const signal = choices.whole;
  let forecast: number | null = null;
  choices.onCancel = (index) => {
    writer.done(index, 'cancelled');
    pool.countChanged();
  };
  const slots = await pool.acquire(prompt, {
    signal,
    owner,
    count: () => choices.open.length,
    arrival,
    onPosition: (position) => writer.queued(position, (forecast ??= pool.forecast(prompt, owner)), prompt.total),
  });
  const held = new Set<Slot>(slots);
  const release = (slot: Slot) => {
    if (held.delete(slot)) pool.release(slot);
  };
  const releaseSpare = () => [...held].slice(Math.max(1, choices.open.length)).forEach(release);
  const [first] = slots;
  try {
    releaseSpare();
    choices.onCancel = (index) => {
      releaseSpare();
      writer.done(index, 'cancelled');
    };
    work.stopwatch.start();
    await (open.loaded.readsByItself ? remotePrefill : prefill)(first, work);
    signal.throwIfAborted();
    // From here on each choice has its slot, and ends by itself.
    choices.onCancel = null;
    const kept = [...held];
    const fan = choices.open.map((choice, at) => ({ choice, slot: kept[at] as Slot }));
    for (const { choice, slot } of fan) {
      if (slot === first || choices.of(choice).aborted) continue;
      await slot.copyFrom(first);
      signal.throwIfAborted();
    }
    await Promise.all(fan.map(({ choice, slot }) => decode(slot, choice, work, () => release(slot))));
  } finally {
    choices.onCancel = null;
    slots.forEach(release);
  }
}

/**
 * Decodes one choice up to its terminal event. Releases the slot before that event, so that a caller who sees it finds
 * the slot free.
 */
async function decode(
  slot: Slot,
  choice: number,
  { open, prompt, writer, stopwatch, choices }: Work,
  release: () => void,
): Promise<void> {
  const signal = choices.of(choice);
  const { scheduler, planner } = open;
  // With several choices, copying the slots' memory would distort the measured time.
  const load =
    prompt.request.choices === 1 && scheduler.prefills === 0
      ? { tokens: prompt.total, decoders: scheduler.decoders }
      : null;
  let first = true;
  const decoder = scheduler.addDecoder();
  const decoding = async () => {
    // It may have been cancelled while the others' slots were copied.
    signal.throwIfAborted();
    return slot.decode(prompt, {
      choice,
      signal,
      ...completionLimits(prompt, open.loaded),
      onPiece: (piece) => {
        if (first && load) planner.firstToken.add(load, stopwatch.ms);
        first = false;
        writer.token(choice, piece);
        decoder.decoded();
      },
      onSpeculation: (speculation) => writer.setSpeculation(choice, speculation),
    });
  };
  try {
    const { reason, ...end } = await decoding().finally(() => {
      decoder.end();
      release();
    });
    writer.done(choice, reason, end);
  } catch (thrown) {
    endByError(thrown, writer, signal, choice);
  }
}

async function prefill(slot: Slot, { open, prompt, writer, clock, stopwatch, choices }: Work): Promise<void> {
  const signal = choices.whole;
  const { rate, scheduler, planner } = open;
  const { prefillEnd: end } = prompt;
  let cached: number | null = null;
  let processed = 0;
  let since = clock.now();
  let decoders = 0;
  const state = (): PrefillState => ({
    position: processed,
    remaining: Math.max(0, end - processed),
    uncached: end - (cached ?? 0),
  });
  const outlook = () => {
    const ahead = scheduled.ahead(state().remaining);
    return { etaMs: planner.msUntilPrefilled(state(), ahead), ahead: ahead.length };
  };
  const scheduled = scheduler.add(end, () => writer.prefillWaiting(outlook()));
  try {
    await slot.prefill(prompt, {
      signal,
      nextChunk: async (remaining) => {
        stopwatch.stop();
        if (scheduler.prefills > 1) writer.pausePrefill();
        await scheduled.nextChunk(remaining, signal);
        writer.resumePrefill();
        since = clock.now();
        decoders = scheduler.decoders;
        return planner.chunkSize(state(), decoders);
      },
      onRead: (tokens) => {
        const ms = clock.now() - since;
        // One token shares a batch with those that others write, so its time says nothing about chunks.
        if (tokens > 1) rate.add({ tokens, position: processed, decoders }, ms);
        if (tokens > 1 && decoders > 0) scheduler.interference.chunkRead(tokens, ms);
        scheduled.chunkDone();
        stopwatch.start();
      },
      onProgress: (now) => {
        cached ??= now;
        processed = now;
        writer.prefillProgress(processed, prompt, outlook());
      },
    });
  } finally {
    scheduled.end();
  }
}

/** Prefill by another program, which reads in chunks of its own. */
async function remotePrefill(slot: Slot, { prompt, writer, choices }: Work): Promise<void> {
  const asksForNothing = () => {
    throw new Error('a slot that reads by itself asked for a chunk');
  };
  await slot.prefill(prompt, {
    signal: choices.whole,
    signalOf: (choice) => choices.of(choice),
    nextChunk: asksForNothing,
    onRead: asksForNothing,
    onProgress: asksForNothing,
    onReport: (report) => {
      switch (report.phase) {
        case 'queued':
        case 'loading':
          return writer.remoteWait(report, prompt);
        case 'prefill':
          return writer.remoteProgress(report, prompt);
        default:
          report satisfies never;
      }
    },
    onSpan: (span) => writer.remoteSpan(span),
    onLeftOut: (leftOut) => writer.remoteLeftOut(leftOut),
  });
  writer.remotePrefilled(prompt);
}

/** Ends a choice according to what was thrown. Without `choice`, ends all that are open. */
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
