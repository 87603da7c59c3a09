import { spanBeingRead } from '../spans/span-progress.ts';
import { foreignText } from '../text/terminal-text.ts';
import type { ProgressSnapshot } from './progress-snapshot.ts';

/** A longer name of a span is cut, in characters. */
const longestName = 40;

/**
 * A generation's state in one line of text: `Reading the prompt: 4,096 of 20,000 tokens (20 %), 7 s to go`. For a request
 * with `spans` it names the one that is being read: `Reading contract.pdf, 3 of 7: 4,096 of …`.
 */
export function formatProgress(snapshot: ProgressSnapshot): string {
  switch (snapshot.phase) {
    case 'queued':
      // Nothing is known before the first event; an upstream's own queue tells no place.
      if (snapshot.queuePosition === null) return snapshot.prompt ? 'Queued at the upstream' : 'Sent';
      return `Queued, ${ordinal(snapshot.queuePosition)}`;
    case 'loading':
      return formatLoading(snapshot);
    case 'prefill':
      return formatReading(snapshot);
    case 'decode':
      return `Writing: ${formatWritten(snapshot)}`;
    case 'ended':
      return formatEnd(snapshot);
    default:
      return snapshot.phase satisfies never;
  }
}

/** At most 99 %: when the weights are in memory, the slots' memory and the first measurements follow. */
function formatLoading({ loaded }: ProgressSnapshot): string {
  return loaded === null ? 'Loading the model' : `Loading the model: ${Math.min(99, Math.floor(100 * loaded))} %`;
}

function formatReading({ prompt, spans, etaMs, ahead, stalledMs, estimated }: ProgressSnapshot): string {
  const what = formatSpan(spans);
  if (!prompt) return `Reading ${what}`;
  const toGo = etaMs === null ? '' : `, ${formatSeconds(etaMs)} to go`;
  if (ahead > 0) {
    const others = ahead === 1 ? 'another prompt is' : `${count(ahead)} others are`;
    return `Waiting: ${others} read first${formatStall(stalledMs) || toGo}`;
  }
  const { processed, total } = prompt;
  const share = Math.floor((100 * processed) / total);
  const rest = formatStall(stalledMs) || (processed === total ? '' : toGo);
  const about = estimated && processed < total ? 'about ' : '';
  return `Reading ${what}: ${about}${count(processed)} of ${count(total)} tokens (${share} %)${rest}`;
}

/** What is being read: a span's name and place, else the prompt. */
function formatSpan(spans: ProgressSnapshot['spans']): string {
  const span = spanBeingRead(spans ?? []);
  if (!span) return 'the prompt';
  const { name, number, of } = span;
  const shown = name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
  return foreignText(shown) + (of > 1 ? `, ${number} of ${of}` : '');
}

function formatStall(stalledMs: number | null): string {
  return stalledMs === null ? '' : `, no news for ${formatSeconds(stalledMs)}`;
}

function formatWritten({ completionTokens, tokensPerSecond, stalledMs }: ProgressSnapshot): string {
  const speed = formatStall(stalledMs) || (tokensPerSecond === null ? '' : `, ${tokensPerSecond.toFixed(1)} tokens/s`);
  return `${count(completionTokens)} ${completionTokens === 1 ? 'token' : 'tokens'}${speed}`;
}

function formatEnd(snapshot: ProgressSnapshot): string {
  switch (snapshot.outcome) {
    case 'stop':
    case 'tool-calls':
    case null:
      return `Done: ${formatWritten(snapshot)}`;
    case 'length':
      return `Done, at the length limit: ${formatWritten(snapshot)}`;
    case 'cancelled':
      return `Cancelled: ${formatWritten(snapshot)}`;
    default:
      return `Failed: ${snapshot.outcome}`;
  }
}

const count = (tokens: number): string => tokens.toLocaleString('en');

/** Whole seconds, rounded up: `0 s to go` would be wrong while anything is left. */
function formatSeconds(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 100 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function ordinal(place: number): string {
  const teen = place % 100 >= 11 && place % 100 <= 13;
  const suffix = teen ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `${place}${suffix}`;
}
