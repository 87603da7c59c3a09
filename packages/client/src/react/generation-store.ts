import { StallWatch, type GenerateInput, type Generation, type GenerationEvent } from '@headway/protocol';

import type { HeadwayClient } from '../create-client.ts';
import { generationReducer, idleGeneration, type GenerationAction, type GenerationState } from './generation-state.ts';
import { nextFrame } from './next-frame.ts';
import { takeFrame } from './take-frame.ts';

/** For `useSyncExternalStore`, and for other frameworks' like. */
export interface GenerationStore {
  getState: () => GenerationState;
  /** Calls back after each change; returns what ends that. */
  subscribe: (listener: () => void) => () => void;
  /** Starts a generation; one that is still running is cancelled and forgotten. */
  start: (input: GenerateInput) => void;
  /** Shows a generation that is under way, from its first event on; one that was started here before is cancelled. */
  watch: (id: string) => void;
  /** Cancels; the state becomes `done` with `cancelled` when the gateway says so. */
  stop: () => void;
  /** Forgets: the state is `idle` again. What was started here is cancelled, what was watched goes on. */
  reset: () => void;
}

/**
 * One generation at a time as a state to render: what arrives between two frames changes it once.
 *
 * @param onFrame how to wait for the next frame
 */
export function createGenerationStore(
  client: Pick<HeadwayClient, 'generate' | 'watch' | 'cancel'>,
  onFrame = nextFrame,
): GenerationStore {
  const listeners = new Set<() => void>();
  let state: GenerationState = idleGeneration;
  let current: Generation | null = null;
  let watching = false;
  let stallWatch: StallWatch | null = null;
  let waiting: GenerationEvent[] = [];
  let cancelFrame: (() => void) | null = null;

  function dispatch(...actions: GenerationAction[]): void {
    state = actions.reduce(generationReducer, state);
    for (const listener of listeners) listener();
  }

  function showFrame(): void {
    const [now, later] = takeFrame(waiting);
    waiting = later;
    cancelFrame = later.length > 0 ? onFrame(showFrame) : null;
    dispatch(...now);
  }

  async function read(generation: Generation, watch: StallWatch): Promise<void> {
    for await (const event of generation) {
      if (generation !== current) return;
      watch.saw(event);
      waiting.push(event);
      cancelFrame ??= onFrame(showFrame);
    }
  }

  function show(open: () => Generation, watched: boolean, progressIntervalMs?: number): void {
    drop();
    current = open();
    watching = watched;
    stallWatch = new StallWatch({
      progressIntervalMs,
      onStall: (stalledMs) => dispatch({ type: 'stalled', stalledMs }),
    });
    dispatch({ type: 'start', id: current.id });
    void read(current, stallWatch);
  }

  /** Its end comes through the stream, as everybody else who watches sees it. */
  async function stopWatched(): Promise<void> {
    const watched = current;
    try {
      if (watched) await client.cancel(watched.id);
    } catch {
      // It goes on, and can be stopped again; that the gateway is away is the stream's own to say.
      if (watched === current) dispatch({ type: 'stop-failed' });
    }
  }

  /** What runs ends without another word. */
  function drop(): void {
    const dropped = current;
    current = null;
    stallWatch?.stop();
    waiting = [];
    cancelFrame?.();
    cancelFrame = null;
    void dropped?.cancel();
  }

  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: (input) => show(() => client.generate(input), false, input?.progressIntervalMs),
    watch: (id) => show(() => client.watch(id), true),
    stop() {
      dispatch({ type: 'stop' });
      if (watching) void stopWatched();
      else void current?.cancel();
    },
    reset() {
      drop();
      dispatch({ type: 'reset' });
    },
  };
}
