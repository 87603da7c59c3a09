import type { z } from 'zod';

import { contentText, type textContent } from './content-blocks.ts';

/** How the block begins in which Claude Code tells Anthropic for what it asks. */
const billingHeader = 'x-anthropic-billing-header';

/**
 * What the model is told before the conversation. Claude Code's first block is for Anthropic's books: it differs from one
 * conversation to the next, so that with it no prompt would begin as another one did, and nothing of it be in memory.
 */
export function instructionsOf(system: z.output<typeof textContent> | null | undefined): string {
  if (!system) return '';
  if (typeof system === 'string') return system;
  return contentText(system.filter(({ text }) => !text.startsWith(billingHeader)));
}
