import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import type { Page } from 'playwright-core';

const root = new URL('../../../', import.meta.url);

/** The beginning of a text of this repository, repeated if need be. A word is a token of the scripted model. */
export async function wordsOf(path: string, words: number): Promise<string> {
  const all = (await readFile(new URL(path, root), 'utf8')).match(/\S+\s*/g) ?? [];
  return Array.from({ length: words }, (_, at) => all[at % all.length]).join('');
}

/** Attaches texts of this repository, each by its path and length in words. */
export async function attach(page: Page, texts: Record<string, number>): Promise<void> {
  const files = await Promise.all(
    Object.entries(texts).map(async ([path, words]) => ({
      name: basename(path),
      mimeType: 'text/plain',
      buffer: Buffer.from(await wordsOf(path, words)),
    })),
  );
  const removers = page.getByRole('button', { name: /^Remove / });
  const before = await removers.count();
  await page.locator('input[type=file]').first().setInputFiles(files);
  await removers.nth(before + files.length - 1).waitFor();
}

export const sample = 'apps/demo/public/how-a-model-reads.txt';

/** Answers with different lengths and words. */
export const answers = [
  `Both say that waiting is easier when its end is in sight. The first names the number that makes it so: the tokens that are read, of the tokens there are.`,
  `They agree on one thing: **a percentage needs a total**.

- The first counts tokens.
- The second counts requests before yours.

Neither of them guesses.`,
  `Waiting has three parts here: for a place in the queue, for other prompts, and for one's own. Only the last one is reading. The texts keep them apart, and so does the bar, which is why it never goes back.`,
  `In short:

1. Count what is known.
2. Say what is not.
3. Never go back.`,
] as const;

/** An answer of many words. */
export const longAnswer = `The texts describe how a prompt is read. A model takes it in chunks, and each chunk has its time. What was read before is in the cache, so it counts at once.

## What they say about waiting

A request first waits for a slot. Then other prompts may be read before it, and then its own is read. Each of these has its own words on the page, because they are different things to wait for.

## What they say about numbers

Every number comes from the engine: tokens that are cached, read and to come, and the rate of the last chunks. The time to go follows from them, and it is left out where nothing is known. ${'The bar grows with each chunk and never goes back, also after a lost connection. '.repeat(8)}`;
