import {
  createEngine,
  remote,
  systemClock,
  type Clock,
  type Engine,
  type RemoteOptions,
  type UpstreamOptions,
} from '@headway/engine';
import type { GenerateInput, GenerationEvent } from '@headway/protocol';
import { collect, invariantViolations } from '@headway/protocol/testing';
import { expect } from 'vitest';

import { startUpstream, type Upstream } from '../start-upstream.ts';
import type { UpstreamScript } from '../upstream-script.ts';

/** An engine in front of one scripted server. */
export interface RemotePair extends AsyncDisposable {
  upstream: Upstream;
  engine: Engine;
  /** The events of a request. Fails where they break an invariant. */
  ask(request: GenerateInput): Promise<GenerationEvent[]>;
}

/** Starts a scripted server and an engine that uses it. Disposing checks that no connection is left. */
export async function openRemote(
  script: UpstreamScript,
  options: Partial<UpstreamOptions> & Omit<RemoteOptions, 'upstreams'> = {},
  { ownProcess = false } = {},
): Promise<RemotePair> {
  const { modelId, contextSize, silenceMs, clock, ...one } = options;
  const upstream = await startUpstream(script, { ownProcess });
  const engine = await createEngine({
    backend: remote({
      upstreams: [{ url: `${upstream.url}/v1`, ...one }],
      ...(modelId !== undefined && { modelId }),
      ...(contextSize !== undefined && { contextSize }),
      ...(silenceMs !== undefined && { silenceMs }),
      ...(clock !== undefined && { clock }),
    }),
  });
  return {
    upstream,
    engine,
    async ask(request) {
      const events = await collect(engine.generate(request));
      expect(invariantViolations(events, { maxTokens: request.maxTokens })).toEqual([]);
      return events;
    },
    async [Symbol.asyncDispose]() {
      await engine.close();
      await upstream.connectionsBecome(0).catch(() => undefined);
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** The system's clock, ten times as fast, for tests of what takes seconds. */
export const fastClock: Clock = {
  now: () => 10 * systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms / 10, signal),
  // Limits on how long an answer may take stay generous: the servers answer in real time.
  after: (ms, late, options) => systemClock.after(ms / 3, late, options),
};

/** A conversation of one message. */
export function chat(content: string, more: Partial<GenerateInput> = {}): GenerateInput {
  return { messages: [{ role: 'user', content }], ...more };
}

/** The phases before the first token, in order, each once. */
export function phasesOf(events: readonly GenerationEvent[]): string[] {
  const phases = events.flatMap((event) => (event.type === 'prefill' ? [event.phase] : []));
  return phases.filter((phase, at) => phase !== phases[at - 1]);
}
