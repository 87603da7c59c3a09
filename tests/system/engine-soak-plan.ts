import type { GenerateInput, GenerationEvent } from '@headway/protocol';
import fc from 'fast-check';

/** Points at which a request can be cancelled. */
export const moments = ['queued', 'at 0 %', 'mid-prefill', 'at 100 %', 'decoding'] as const;
export type Moment = (typeof moments)[number];

/** One request of the soak: its owner, content and start, and how it is cancelled, if it is. */
export interface PlannedRequest {
  owner: string;
  input: GenerateInput;
  /** Steps (chunks read, tokens written) of all other requests before it starts. */
  after: number;
  cancel: { at: Moment; share: number; by: 'generation' | 'engine' | 'signal' | 'loop' } | null;
}

/** Context size of a slot, in tokens. The longest texts do not fit. */
export const contextSize = 2048;

const words = ['the', 'fox', 'and', 'a', 'small', 'owl', 'read', 'the', 'book', 'in', 'the', 'library'];

/** A text of `words` words. Texts of one seed share their beginning, so that a slot may have a part of them cached. */
function text(length: number, seed: number): string {
  const body = Array.from({ length }, (_, at) => words[(at * 7 + seed * 5 + (at % 11) * seed) % words.length]);
  return `${seed}. ${body.join(' ')}`;
}

const cancel = fc.record({
  share: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  by: fc.constantFrom('generation', 'engine', 'signal', 'loop'),
});

const request = fc.record({
  owner: fc.constantFrom('', 'fox', 'owl'),
  length: fc.oneof(fc.nat(40), fc.nat(900), fc.nat(2100)),
  seed: fc.nat(5),
  raw: fc.boolean(),
  maxTokens: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constant(undefined)),
  ignoreEos: fc.boolean(),
  choices: fc.constantFrom(1, 1, 1, 1, 2, 4),
  onContextFull: fc.constantFrom('length' as const, 'shift' as const),
  priority: fc.integer({ min: -1, max: 1 }),
  temperature: fc.constantFrom(0, 0.8),
  stop: fc.constantFrom<string[]>([], [], ['the owl'], ['.']),
  after: fc.oneof(fc.constant(0), fc.nat(160)),
  cancel: fc.option(cancel, { freq: 3 }),
});

/** Round robin, so that each occurs often enough. A request planned to be cancelled in the queue may not have to queue. */
const plannedMoments = ['queued', 'at 0 %', 'mid-prefill', 'queued', 'at 100 %', 'decoding'] as const;

/** A plan that cancels about half of all requests. */
export function planSoak(count: number, seed: number): PlannedRequest[] {
  const drawn = fc.sample(request, { numRuns: count, seed });
  let cancels = 0;
  return drawn.map(({ owner, length, seed: alike, raw, after, cancel: how, ...sampling }, at) => {
    const planned = how && { ...how, at: plannedMoments[cancels++ % plannedMoments.length] ?? 'queued' };
    // A prompt has a middle only if it is long and cached in no slot.
    const content = planned?.at === 'mid-prefill' ? text(600 + length / 2, 100 + at) : text(length, alike);
    // After a long text an answer fills its context, and ends or continues there; after a short text that would take long.
    const isLong = length > 1800;
    const maxTokens = isLong && sampling.onContextFull === 'length' ? undefined : (sampling.maxTokens ?? 160);
    if (isLong) sampling.ignoreEos = true;
    const prompt = raw ? { prompt: content } : { messages: [{ role: 'user' as const, content }] };
    return { owner, after, cancel: planned, input: { ...sampling, ...prompt, maxTokens } };
  });
}

/** The point that an event shows; null for the last event and while the model loads. */
export function momentOf(event: GenerationEvent): Moment | null {
  if (event.type === 'token') return 'decoding';
  if (event.type !== 'prefill' || event.phase === 'loading') return null;
  if (event.phase === 'queued') return 'queued';
  if (event.processed === event.total) return 'at 100 %';
  return event.processed === event.cached ? 'at 0 %' : 'mid-prefill';
}

/** Whether the plan cancels at this event. */
export function isDue({ input, cancel: given }: PlannedRequest, event: GenerationEvent): boolean {
  if (!given || momentOf(event) !== given.at) return false;
  if (event.type === 'token') return event.completionTokens >= given.share * Math.min(input.maxTokens ?? 80, 80);
  if (given.at !== 'mid-prefill' || event.type !== 'prefill') return true;
  const { processed, cached, total } = event;
  return (processed ?? 0) - (cached ?? 0) >= given.share * ((total ?? 0) - (cached ?? 0));
}
