import type { Engine } from '@headway/engine';
import type { Generation, GenerationEvent } from '@headway/protocol';

import { passage } from './passage.ts';

export interface Others {
  /** Streams that decode, and go on. */
  decoders: number;
  /** Prompts that are being read. */
  readers: number;
  /** Different for each prompt. */
  seed: number;
}

/** Does the work while others keep the engine busy; ends them after it. */
export async function whileOthers<T>(
  engine: Engine,
  { decoders, readers, seed }: Others,
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
      follow().then(() => reject(new Error('it ended before it began')), reject);
    });
  };
  for (let at = 0; at < decoders; at++) {
    await start(`Tell me story ${seed}.${at}, a long one.`, 4000, (event) => event.type === 'token');
  }
  for (let at = 0; at < readers; at++) {
    const text = passage(1000 + 800 * at, 1_000_000 + 10 * seed + at);
    await start(text, 200, (event) => event.type === 'prefill' && (event.processed ?? 0) > 0);
  }
  try {
    return await work();
  } finally {
    await Promise.all(others.map((generation) => generation.cancel()));
  }
}
