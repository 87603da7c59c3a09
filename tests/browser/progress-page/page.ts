import { createClient, type GenerateInput } from '@headway/client';

const bar = document.querySelector('progress') as HTMLProgressElement;

/** Generates with the element as its target; returns each state that the element showed, as its value over its maximum. */
async function showProgress(url: string, input: GenerateInput, cancelAt?: string): Promise<string[]> {
  const states: string[] = [];
  const client = createClient({ url });
  const generation = client.generate(input, { progress: bar, progressOptions: { everyMs: 0, maxPerSecond: 10_000 } });
  const note = () => {
    const state = bar.position < 0 ? 'indeterminate' : `${bar.value}/${bar.max}`;
    if (states.at(-1) !== state) states.push(state);
    if (bar.dataset.phase === cancelAt) void generation.cancel();
  };
  const observer = new MutationObserver(note);
  observer.observe(bar, { attributes: true });
  await generation.result().catch(() => undefined);
  await client.close();
  note();
  observer.disconnect();
  return states;
}

Object.assign(window, { showProgress });
