import { expect, test, vi } from 'vitest';

import { createGenerationId } from './create-generation-id.ts';
import { generationId } from '../schema/events/generation-id.ts';

test('ids are valid and differ', () => {
  const ids = Array.from({ length: 1000 }, createGenerationId);
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(generationId.safeParse(id).success).toBe(true);
});

test('a page that came by plain http makes ids too: it has no `randomUUID`', () => {
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
  try {
    expect(createGenerationId()).toMatch(/^[0-9a-f]{32}$/);
  } finally {
    vi.unstubAllGlobals();
  }
});
