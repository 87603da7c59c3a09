import type { Activity, GenerationInfo, ModelActivity, QueuedActivity, SlotActivity } from '@headway/client';

import { bytes, count, duration, rate, timeToGo, tokens } from '../words/quantities.ts';

/** `3 of 4 slots at work, 2 requests wait` */
export function summaryWords({ models }: Pick<Activity, 'models'>): string {
  const slots = models.filter(({ state }) => state === 'ready').flatMap((model) => model.slots);
  const busy = slots.filter((slot) => slot.busy).length;
  const queued = models.reduce((sum, model) => sum + model.queued, 0);
  const waiting = queued === 0 ? 'nothing waits' : queued === 1 ? '1 request waits' : `${count(queued)} requests wait`;
  if (slots.length === 0) return `No model is ready, ${waiting}`;
  return `${count(busy)} of ${count(slots.length)} ${slots.length === 1 ? 'slot' : 'slots'} at work, ${waiting}`;
}

/** How much of a model is loaded, from 0 to 99: more follows when the weights are there. Null while unknown. */
export function modelPercent({ state, loaded }: Pick<ModelActivity, 'state' | 'loaded'>): number | null {
  return state !== 'loading' || loaded === undefined ? null : Math.min(99, Math.floor(loaded * 100));
}

/** A model's condition in a few words: `Loading, 42 %`. */
export function modelWords(model: ModelActivity): string {
  const percent = modelPercent(model);
  switch (model.state) {
    case 'ready':
      return 'Ready';
    case 'loading':
      return percent === null ? 'Loading' : `Loading, ${percent} %`;
    case 'failed':
      return 'Failed to load';
    case 'unloaded':
      return 'Not loaded; a request loads it';
    case 'unloading':
      return 'Leaves the memory';
    default:
      return model.state satisfies never;
  }
}

/** What a model takes, and holds: `412 MB of memory, 8,192 tokens a slot`. Null while nothing is known. */
export function sizeWords({ memoryBytes, sizeBytes, contextSize }: ModelActivity): string | null {
  const size = memoryBytes
    ? `${bytes(memoryBytes)} of memory`
    : memoryBytes === undefined && sizeBytes
      ? `${bytes(sizeBytes)} of weights`
      : null;
  const context = contextSize === null ? null : `${tokens(contextSize)} a slot`;
  return [size, context].filter(Boolean).join(', ') || null;
}

/** What an own request does: `Reading 4,096 of 20,000 tokens`, `Writing, 384 tokens, 44.1/s`. */
export function requestWords(info: GenerationInfo): string {
  const { state, processed, total, completionTokens, tokensPerSecond, ahead, choices = 1 } = info;
  switch (state) {
    case 'prefill': {
      const read = `${count(processed ?? 0)} of ${tokens(total ?? 0)}`;
      if (!ahead) return `Reading ${read}`;
      return `Waits for ${ahead === 1 ? 'another prompt' : `${count(ahead)} prompts`}, ${read} read`;
    }
    case 'decode': {
      const answers = choices === 1 ? 'Writing' : `Writing ${count(choices)} answers`;
      return `${answers}, ${tokens(completionTokens)}${tokensPerSecond ? `, ${rate(tokensPerSecond)}/s` : ''}`;
    }
    case 'queued':
    case 'loading':
      return 'Begins';
    case 'ended':
      return 'Ends';
    default:
      return state satisfies never;
  }
}

/** How fast a prompt is read, and how long that still takes: `812 tokens/s, 7 s to go`. Null after it, and while unknown. */
export function speedWords({ state, tokensPerSecond, etaMs, ahead }: GenerationInfo): string | null {
  if (state !== 'prefill') return null;
  const speed = tokensPerSecond && !ahead ? `${rate(tokensPerSecond)} tokens/s` : null;
  const rest = etaMs ? `${timeToGo(etaMs)} to go` : null;
  return [speed, rest].filter(Boolean).join(', ') || null;
}

/** What a slot without an own request does. */
export function slotWords({ busy, heldTokens }: SlotActivity): string {
  if (busy) return 'In use';
  return heldTokens ? `Idle, ${tokens(heldTokens)} cached` : 'Idle';
}

/** Where a request waits: `Place 2`, or for what. Among several models it names the one. */
export function placeWords({ place, phase, model }: QueuedActivity, several: boolean): string {
  if (phase === 'loading') return `Waits for ${several ? model : 'the model'}`;
  const words = place === null ? 'Waits' : `Place ${count(place)}`;
  return several ? `${words} for ${model}` : words;
}

/** How long it has waited: `12 s`. */
export function waitedWords({ waitedMs }: QueuedActivity): string {
  return waitedMs < 1000 ? 'just now' : duration(Math.floor(waitedMs / 1000) * 1000).replace('.0', '');
}

/** What the cache holds, and what share of prompts came from it: the last minutes, while they are known. */
export function cacheWords({ models, cache, rates }: Pick<Activity, 'models' | 'cache' | 'rates'>): string {
  const slots = models.flatMap((model) => model.slots);
  const held = slots.reduce((sum, { heldTokens }) => sum + (heldTokens ?? 0), 0);
  const unknown = slots.length > 0 && slots.every(({ heldTokens }) => heldTokens === null);
  const store = unknown
    ? 'The model’s own server keeps the cache'
    : held === 0
      ? 'The slots hold nothing for your next prompts'
      : `${tokens(held)} held in the slots`;
  if (cache.promptTokens === 0) return `${store}.`;
  const share = Math.round((100 * cache.cachedTokens) / cache.promptTokens);
  return `${store}. ${share} % of the prompt tokens ${lately(rates)} came from the cache.`;
}

/** `3 connections open, 6 clients read answers` */
export function connectionWords({ connections: { sockets, viewers } }: Pick<Activity, 'connections'>): string {
  const readers =
    viewers === 0
      ? 'no client reads an answer'
      : `${count(viewers)} ${viewers === 1 ? 'client reads' : 'clients read'} answers`;
  if (sockets === undefined) return sentence(readers);
  return `${count(sockets)} ${sockets === 1 ? 'connection' : 'connections'} open, ${readers}`;
}

/** `3.2 GB of 8.0 GB for models are in use`; null where there is no limit. */
export function memoryWords({ memory }: Pick<Activity, 'memory'>): string | null {
  return memory ? `${bytes(memory.used)} of ${bytes(memory.limit)} for models in use` : null;
}

/** A speed curve in a sentence, for those who do not see it. */
export function curveWords(values: readonly number[], rates: Activity['rates']): string {
  const most = Math.max(0, ...values);
  if (most === 0) return `None ${lately(rates)}.`;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return `${rate(values.at(-1) ?? 0)} tokens/s now; ${rate(most)} at most and ${rate(mean)} on average ${lately(rates)}.`;
}

/** `in the last 5 minutes`: the time that the rates cover. */
export function lately({ intervalMs, prefill }: Activity['rates']): string {
  const minutes = Math.round((intervalMs * prefill.length) / 60_000);
  return minutes <= 1 ? 'in the last minute' : `in the last ${minutes} minutes`;
}

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** A request's name: the page's own title for it, else the beginning of its id. */
export function requestTitle(id: string, title: string | null | undefined): string {
  return title || `Request ${id.length > 12 ? `${id.slice(0, 8)}…` : id}`;
}
