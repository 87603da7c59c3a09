import { formatProgress } from '../format-progress.ts';
import { moodOf } from '../progress-outcome.ts';
import type { ProgressSnapshot } from '../progress-snapshot.ts';
import type { ProgressHook } from '../progress-hook.ts';

/** The part of a cli-progress `SingleBar` that Headway uses. */
export interface SingleBarLike {
  start(total: number, value: number, payload?: object): void;
  update(value: number, payload?: object): void;
  setTotal(total: number): void;
  stop(): void;
  readonly isActive?: boolean;
}

/** The part of a cli-progress `MultiBar` that Headway uses. */
export interface MultiBarLike {
  create(total: number, value: number, payload?: object): Omit<SingleBarLike, 'start'> | undefined;
  remove(bar: never): boolean;
  update(): void;
}

export function isSingleBar(target: unknown): target is SingleBarLike {
  return hasMethods(target, ['start', 'update', 'setTotal', 'stop']);
}

export function isMultiBar(target: unknown): target is MultiBarLike {
  return hasMethods(target, ['create', 'remove', 'update']);
}

/**
 * One bar for both phases: it fills during prefill, and again during decode up to the request's limit; without a limit
 * it stays full. The bar's format may show `{status}`, `{phase}`, `{outcome}` and `{mood}`.
 */
export function singleBarHook(bar: SingleBarLike): ProgressHook {
  let started = false;
  return (snapshot) => {
    const { value, total } = snapshot.phase === 'decode' || snapshot.isFinal ? written(snapshot) : read(snapshot);
    if (!started && !bar.isActive) bar.start(total, value, payloadOf(snapshot));
    started = true;
    bar.setTotal(total);
    bar.update(value, payloadOf(snapshot));
    if (snapshot.isFinal) bar.stop();
  };
}

/**
 * Two bars, one for prefill and one for decode. The MultiBar itself keeps running: other generations may draw on it.
 */
export function multiBarHook(bars: MultiBarLike): ProgressHook {
  let reading: ReturnType<MultiBarLike['create']>;
  let writing: ReturnType<MultiBarLike['create']>;
  return (snapshot) => {
    const payload = payloadOf(snapshot);
    const prompt = read(snapshot);
    reading ??= bars.create(prompt.total, prompt.value, payload);
    reading?.setTotal(prompt.total);
    reading?.update(prompt.value, payload);
    if (snapshot.completionTokens > 0) {
      const answer = written(snapshot);
      writing ??= bars.create(answer.total, answer.value, payload);
      writing?.setTotal(answer.total);
      writing?.update(answer.value, payload);
    }
    if (!snapshot.isFinal) return;
    // Draws the final state at once: a MultiBar draws by its own timer, and a stopped one draws no more.
    bars.update();
    reading?.stop();
    writing?.stop();
  };
}

const read = ({ prompt }: ProgressSnapshot) => ({ value: prompt?.processed ?? 0, total: prompt?.total ?? 1 });

function written({ completionTokens, maxTokens, isFinal, outcome, ...rest }: ProgressSnapshot) {
  if (completionTokens === 0) return read({ completionTokens, maxTokens, isFinal, outcome, ...rest });
  const whole = isFinal && outcome === 'stop';
  return { value: completionTokens, total: whole ? completionTokens : (maxTokens ?? completionTokens) };
}

function payloadOf(snapshot: ProgressSnapshot) {
  const { phase, outcome } = snapshot;
  return { phase, status: formatProgress(snapshot), outcome: outcome ?? '', mood: moodOf(snapshot) ?? '' };
}

function hasMethods(target: unknown, names: readonly string[]): boolean {
  if (typeof target !== 'object' || target === null) return false;
  return names.every((name) => name in target && typeof target[name as keyof typeof target] === 'function');
}
