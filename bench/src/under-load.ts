import type { Engine } from '@headway/engine';
import type { Generation, GenerationEvent } from '@headway/protocol';

import { passage } from './passage.ts';

export interface Load {
  /** Decoding streams. */
  decoders: number;
  /** Prompts in prefill. */
  prefills: number;
  /** Makes the prompts differ from those of other calls. */
  seed: number;
}

/** Does the work while other generations keep the engine busy, then cancels them. */
export async function underLoad<T>(
  engine: Engine,
  { decoders, prefills, seed }: Load,
  work: () => Promise<T>,
): Promise<T> {
  const others: Generation[] = [];
  const start = async (content: string, maxTokens: number, reached: (event: GenerationEvent) => boolean) => {
    const messages = [{ role: 'user' as const, content }];
    const generation = engine.generate({ messages, maxTokens, ignoreEos: true, temperature: 0 });
    others.push(generation);
    await new Promise<void>((resolve, reject) => {
      const follow = async () => {
        for await (const event of generation) if (reached(event)) resolve();
      };
      follow().then(() => reject(new Error('a generation of the load ended before the work began')), reject);
    });
  };
  for (let at = 0; at < decoders; at++) {
    await start(`Tell me story ${seed}.${at}, a long one.`, 4000, (event) => event.type === 'token');
  }
  for (let at = 0; at < prefills; at++) {
    const text = passage(1000 + 800 * at, 1_000_000 + 10 * seed + at);
    await start(text, 200, (event) => event.type === 'prefill' && (event.processed ?? 0) > 0);
  }
  try {
    return await work();
  } finally {
    await Promise.all(others.map((generation) => generation.cancel()));
  }
}
