import type { Usage } from '../schema/events/usage.ts';

export const noUsage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
