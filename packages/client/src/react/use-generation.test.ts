// @vitest-environment happy-dom
import { LiveGeneration } from '@headway/protocol';
import { sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { createElement, StrictMode, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { HeadwayClient } from '../create-client.ts';
import { useGeneration, type UseGeneration } from './use-generation.ts';

/** Mounts a component that shows the hook in strict mode, and records every text of the page. */
function mount({ autoStart = false } = {}) {
  const generations: { generation: LiveGeneration; cancelled: boolean }[] = [];
  const generate = () => {
    const one = {
      cancelled: false,
      generation: new LiveGeneration({ id: 'g', onCancel: () => (one.cancelled = true) }),
    };
    generations.push(one);
    return one.generation;
  };
  const watched: string[] = [];
  const watch = (id: string) => (watched.push(id), generate());
  const connection = { getState: () => ({ phase: 'open', transport: 'http' }), subscribe: () => () => undefined };
  const client = { generate, watch, connection } as unknown as HeadwayClient;
  const shown: string[] = [];
  let hook: UseGeneration | undefined;

  function Answer() {
    const generation = (hook = useGeneration(client));
    const { state, prefill, text, start } = generation;
    useEffect(() => {
      if (autoStart) start({ prompt: 'hi' });
    }, [start]);
    const line = `${state} ${prefill?.processed ?? '-'} ${text}`.trim();
    useEffect(() => {
      shown.push(document.body.textContent);
    }, [line]);
    return createElement('p', null, line);
  }

  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  root.render(createElement(StrictMode, null, createElement(Answer)));
  onTestFinished(() => {
    root.unmount();
    container.remove();
  });
  return { generations, watched, shown, root, hook: () => hook as UseGeneration };
}

test('useGeneration renders each phase of a request, the end of its prefill included', async () => {
  const { generations, shown, hook } = mount();
  await vi.waitUntil(() => shown.length > 0);
  hook().start({ prompt: 'hi' });
  await vi.waitUntil(() => shown.includes('connecting -'));
  const { generation } = generations[0] as (typeof generations)[0];
  generation.push(samplePrefill({ processed: 0 }));
  generation.push(samplePrefill({ processed: 10 }));
  for (let n = 0; n < 50; n++) generation.push(sampleToken({ text: 'x' }));
  generation.push(sampleDone());
  await vi.waitUntil(() => hook().state === 'done' && shown.at(-1)?.startsWith('done'));
  // In strict mode the first effects run twice.
  expect([...new Set(shown)]).toEqual(['idle -', 'connecting -', 'prefill 10', `done 10 ${'x'.repeat(50)}`]);
});

test('unmounting cancels the generation', async () => {
  const { generations, root, hook, shown } = mount();
  await vi.waitUntil(() => shown.length > 0);
  hook().start({ prompt: 'hi' });
  root.unmount();
  await expect.poll(() => generations[0]?.cancelled).toBe(true);
});

test('a start in an effect leaves one generation running in strict mode', async () => {
  const { generations, shown } = mount({ autoStart: true });
  await vi.waitUntil(() => shown.includes('connecting -'));
  expect(generations.map(({ cancelled }) => cancelled)).toEqual([true, false]);
});

test('useGeneration returns the same functions at every render', async () => {
  const { generations, shown, hook } = mount();
  await vi.waitUntil(() => shown.length > 0);
  const { start, watch, stop, stopAnswer, reset } = hook();
  start({ prompt: 'hi' });
  generations[0]?.generation.push(sampleToken());
  await vi.waitUntil(() => hook().state === 'decode');
  expect(hook()).toMatchObject({ start, watch, stop, stopAnswer, reset });
});

test('useGeneration shows a watched generation from its beginning', async () => {
  const { generations, watched, shown, hook } = mount();
  await vi.waitUntil(() => shown.length > 0);
  hook().watch('theirs');
  generations[0]?.generation.push(samplePrefill({ processed: 10 }));
  generations[0]?.generation.push(sampleToken({ text: 'so far' }));
  await vi.waitUntil(() => hook().text === 'so far');
  expect(watched).toEqual(['theirs']);
});
