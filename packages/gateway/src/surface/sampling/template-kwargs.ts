import type { ChatTemplateKwargs } from '@headway/protocol';
import { z } from 'zod';

import { optionalField } from '../optional-field.ts';

/** How hard a model is to think: `none`, `minimal`, `low`, … Which words there are is the template's to say. */
export const reasoningEffort = z.string().min(1).max(64);

export interface AskedThinking {
  effort?: string | null | undefined;
  /** Whether it is to think at all. @default not said, unless the effort is `none` */
  thinks?: boolean | null | undefined;
}

/**
 * What a request says of thinking, as templates ask for it, with what it gives the template itself, which goes before
 * everything. Templates have two names for whether to think (Qwen's `enable_thinking`; `thinking` of DeepSeek and
 * Granite): both are given, or the request's own of them alone. Null when there is nothing to give.
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
