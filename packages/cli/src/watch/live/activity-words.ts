import type { GenerationInfo, ModelActivity, QueuedActivity, SlotActivity } from '@headway/client';
import { formatBytes } from '@headway/protocol';

import { count } from '../../terminal/count.ts';

/** `ready, 2 of 4 slots, context 8,192, 412 MB` */
export function modelWords({ state, loaded, error, slots, contextSize, memoryBytes }: ModelActivity): string {
  const memory = memoryBytes ? [formatBytes(memoryBytes)] : [];
  switch (state) {
    case 'ready': {
      const busy = slots.filter((slot) => slot.busy).length;
      const context = contextSize === null ? [] : [`context ${contextSize.toLocaleString('en')}`];
      return [`ready, ${busy} of ${count(slots.length, 'slot')}`, ...context, ...memory].join(', ');
    }
    case 'loading': {
      // When the weights are in memory, the slots' memory and the first measurements follow.
      const share = loaded === undefined ? '' : ` ${Math.min(99, Math.floor(100 * loaded))} %`;
      return [`loading${share}${error === undefined ? '' : ` (${error})`}`, ...memory].join(', ');
    }
    case 'failed':
      return `failed: ${error ?? 'it could not be loaded'}`;
    case 'unloaded':
      return 'not loaded; a request loads it';
    case 'unloading':
      return 'leaves the memory';
    default:
      return state satisfies never;
  }
}

/** What one's own request does: `reading 4,096 of 20,000, 7 s to go, 812/s`. The first words tell most, as the others may be cut. */
export function requestWords(info: GenerationInfo): string {
  const { state, processed, total, completionTokens, tokensPerSecond, etaMs, ahead, choices = 1 } = info;
  const rate = tokensPerSecond ? `, ${perSecond(tokensPerSecond)}/s` : '';
  switch (state) {
    case 'prefill': {
      const read = `${(processed ?? 0).toLocaleString('en')} of ${(total ?? 0).toLocaleString('en')}`;
      if (ahead) return `waits for ${count(ahead, 'prompt')}, read ${read}`;
      return `reading ${read}${etaMs ? `, ${timeToGo(etaMs)} to go` : ''}${rate}`;
    }
    case 'decode': {
      const answers = choices === 1 ? '' : `${choices} answers, `;
      return `writing ${answers}${count(completionTokens, 'token')}${rate}`;
    }
    case 'queued':
    case 'loading':
    case 'ended':
      // The slots and the requests are asked for one after the other.
      return state === 'ended' ? 'ending' : 'beginning';
    default:
      return state satisfies never;
  }
}

/** What a slot without a request of one's own does. */
export function slotWords({ busy, heldTokens }: SlotActivity): string {
  if (busy) return 'in use';
  return heldTokens ? `idle, ${count(heldTokens, 'token')} cached` : 'idle';
}

/** `1st, waits 12 s`; `waits 3 s for the model` */
export function queueWords({ place, phase, waitedMs }: QueuedActivity): string {
  const waits = `waits ${shortTime(waitedMs)}`;
  if (phase === 'loading') return `${waits} for the model`;
  return place === null ? waits : `${place}. ${waits}`;
}

/** How a request ended: `done, 812 tokens`. */
export function endWords({ outcome, completionTokens }: GenerationInfo): { words: string; failed: boolean } {
  const written = count(completionTokens, 'token');
  switch (outcome) {
    case 'stop':
    case 'tool-calls':
    case null:
      return { words: `done, ${written}`, failed: false };
    case 'length':
      return { words: `done at the length limit, ${written}`, failed: false };
    case 'cancelled':
      return { words: `cancelled, ${written}`, failed: false };
    default:
      return { words: `failed: ${outcome}, ${written}`, failed: true };
  }
}

/** Whole seconds, rounded up: `0 s to go` would be wrong while anything is left. */
function timeToGo(ms: number): string {
  return shortTime(Math.max(1, Math.ceil(ms / 1000)) * 1000);
}

/** `12 s`, `3 min`, `2 h` */
export function shortTime(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

export function perSecond(rate: number): string {
  return rate > 0 && rate < 100 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en');
}
