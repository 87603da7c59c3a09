import {
  StallWatch,
  type GenerateInput,
  type Generation,
  type GenerationEvent,
  type SummaryEvent,
} from '@headway/protocol';

import type { HeadwayClient } from '../create-client.ts';
import { choiceCount } from '../generation/choice-count.ts';
import { nextFrame } from './next-frame.ts';
import { generationReducer } from './state/generation-reducer.ts';
import { idleGeneration, isRunning, type GenerationAction, type GenerationState } from './state/generation-state.ts';
import { takeFrame } from './take-frame.ts';

/** A store for `useSyncExternalStore`, or for another framework's equivalent. */
export interface GenerationStore {
  getState: () => GenerationState;
  /** Calls `listener` after each change; returns a function that removes it. */
  subscribe: (listener: () => void) => () => void;
  /** Starts a generation, and cancels the one that this store started before. */
  start: (input: GenerateInput) => void;
  /** Shows a running generation from its first event on, and cancels the one that this store started before. */
  watch: (id: string) => void;
  /** Cancels the generation; the state becomes `done` with `cancelled` when the gateway confirms it. */
  stop: () => void;
  /** Cancels one of several answers; the others go on. Its state becomes `done` with `cancelled` when the gateway confirms it. */
  stopAnswer: (index: number) => void;
  /** Makes the state `idle`. A generation that this store started is cancelled; a watched one goes on. */
  reset: () => void;
}

type Summarised = Generation<GenerationEvent | SummaryEvent>;

/** Events that wait for a frame at most: a page in the background may draw one a minute. More change the state without one. */
const maxWaiting = 4096;

/**
 * Holds one generation at a time as a state to render. All events between two frames change the state once.
 *
 * @param onFrame calls back at the next frame, and returns a function that cancels the call
 */
export function createGenerationStore(
  client: Pick<HeadwayClient, 'generate' | 'watch' | 'cancel' | 'connection'>,
  onFrame = nextFrame,
): GenerationStore {
  const listeners = new Set<() => void>();
  let state: GenerationState = idleGeneration;
  let current: Summarised | null = null;
  let watching = false;
  let stallWatch: StallWatch | null = null;
  let leaveConnection: (() => void) | null = null;
  let waiting: (GenerationEvent | SummaryEvent)[] = [];
  let cancelFrame: (() => void) | null = null;

  function dispatch(action: GenerationAction): void {
    const before = state;
    state = generationReducer(state, action);
    if (state === before) return;
    for (const listener of listeners) listener();
  }

  function showFrame(): void {
    cancelFrame?.();
    const [now, later] = takeFrame(waiting);
    waiting = later;
    cancelFrame = later.length > 0 ? onFrame(showFrame) : null;
    dispatch({ type: 'events', events: now });
  }

  /** Reads to the end. An event costs a call, and no promise. */
  async function read(generation: Summarised, watch: StallWatch): Promise<void> {
    await generation.forEach((event) => {
      if (generation !== current) return;
      if (event.type !== 'summary') watch.saw(event);
      waiting.push(event);
      if (waiting.length >= maxWaiting) showFrame();
      else cancelFrame ??= onFrame(showFrame);
    });
    if (generation === current) leaveConnection?.();
  }

  function show(open: () => Summarised, watched: boolean, input?: GenerateInput): void {
    drop();
    current = open();
    watching = watched;
    stallWatch = new StallWatch({
      progressIntervalMs: input?.progressIntervalMs,
      onStall: (stalledMs) => dispatch({ type: 'stalled', stalledMs }),
    });
    dispatch({ type: 'start', id: current.id, choices: choiceCount(input?.choices) });
    const { connection } = client;
    const showConnection = () => {
      const { phase } = connection.getState();
      // When the client gives up, the connection is idle already before the error is shown.
      if (phase === 'reconnecting' || phase === 'open') {
        dispatch({ type: 'connection', reconnecting: phase === 'reconnecting' });
      }
    };
    leaveConnection = connection.subscribe(showConnection);
    showConnection();
    void read(current, stallWatch);
  }

  /** Cancels by id; the end arrives through the stream, as for every other watcher. */
  async function stopWatched(): Promise<void> {
    const watched = current;
    try {
      if (watched) await client.cancel(watched.id);
    } catch {
      // The generation goes on and can be stopped again; the stream itself reports a gateway that is away.
      if (watched === current) dispatch({ type: 'stop-failed' });
    }
  }

  async function stopAnswer(index: number): Promise<void> {
    const shown = current;
    if (!shown || !isRunning(state)) return;
    dispatch({ type: 'stop-answer', index });
    const cancelled = await client.cancel(shown.id, { index }).catch(() => false);
    // Its end follows, or it goes on and can be stopped again.
    if (!cancelled && shown === current) dispatch({ type: 'stop-answer-failed', index });
  }

  /** Cancels the current generation and ignores its remaining events. */
  function drop(): void {
    const dropped = current;
    current = null;
    stallWatch?.stop();
    leaveConnection?.();
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
    start: (input) => show(() => client.generate(input, { summary: true }), false, input),
    watch: (id) => show(() => client.watch(id, { summary: true }), true),
    stop() {
      dispatch({ type: 'stop' });
      if (watching) void stopWatched();
      else void current?.cancel();
    },
    stopAnswer: (index) => void stopAnswer(index),
    reset() {
      drop();
      dispatch({ type: 'reset' });
    },
  };
}
