import type { Usage } from './usage.ts';

export const noUsage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
