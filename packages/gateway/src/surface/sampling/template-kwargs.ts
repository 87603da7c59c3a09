import type { ChatTemplateKwargs } from '@headway/protocol';
import { z } from 'zod';

import { optionalField } from '../optional-field.ts';

/** The reasoning effort: `none`, `minimal`, `low`, … The model's template decides which values it knows. */
export const reasoningEffort = z.string().min(1).max(64);

export interface AskedThinking {
  effort?: string | null | undefined;
  /** Whether the model is to reason. @default false if the effort is `none`, else left to the template */
  thinks?: boolean | null | undefined;
}

/**
 * The template variables for a request's reasoning fields, merged with the request's own variables, which take
 * precedence. Templates have two names for whether to reason (`enable_thinking` of Qwen; `thinking` of DeepSeek and
 * Granite): both are set, unless the request itself sets one of them. Null when there is nothing to set.
 */
export function templateKwargs(
  own: ChatTemplateKwargs | null | undefined,
  { effort, thinks }: AskedThinking,
): ChatTemplateKwargs | null {
  const says = (name: string) => own !== null && own !== undefined && Object.hasOwn(own, name);
  const asked = says('reasoning_effort') ? null : effort;
  const thinking = says('enable_thinking') || says('thinking') ? null : (thinks ?? (asked === 'none' ? false : null));
  const kwargs = {
    ...optionalField('reasoning_effort', asked),
    ...optionalField('enable_thinking', thinking),
    ...optionalField('thinking', thinking),
    ...own,
  };
  return Object.keys(kwargs).length === 0 ? null : kwargs;
}
