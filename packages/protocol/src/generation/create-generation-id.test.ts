import { expect, test, vi } from 'vitest';

import { createGenerationId } from './create-generation-id.ts';
import { generationId } from '../schema/events/generation-id.ts';

test('createGenerationId makes valid ids that differ', () => {
  const ids = Array.from({ length: 1000 }, createGenerationId);
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(generationId.safeParse(id).success).toBe(true);
});

test('createGenerationId works without `randomUUID`, as in pages served over plain HTTP', () => {
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
  try {
    expect(createGenerationId()).toMatch(/^[0-9a-f]{32}$/);
  } finally {
    vi.unstubAllGlobals();
  }
});
