import type { z } from 'zod';

import { contentText, type textContent } from './content-blocks.ts';

/** The start of the block with Claude Code's billing data for Anthropic. */
const billingHeader = 'x-anthropic-billing-header';

/**
 * The text of the field `system`, without Claude Code's billing block. That block differs between conversations, so
 * with it no two prompts would share a beginning, and no tokens would be cached.
 */
export function instructionsOf(system: z.output<typeof textContent> | null | undefined): string {
  if (!system) return '';
  if (typeof system === 'string') return system;
  return contentText(system.filter(({ text }) => !text.startsWith(billingHeader)));
}
