import type { GenerationState } from '@headway/client/react';

import type { Reply } from '../storage/records.ts';
import { replyView } from './reply-view.ts';

/**
 * The reply with its generation's end. A generation that the gateway has forgotten keeps what was stored of its text. An end
 * that is known already, for example from another tab, stays.
 */
export function settleReply(reply: Reply, end: GenerationState): Reply {
  if (reply.result) return reply;
  const view = replyView(end, reply.index);
  const { soFar, ...rest } = reply;
  const lost = view.state === 'error' && view.text === '' && view.reasoning === '';
  // Each choice is stored as a reply of its own.
  const result = { ...view, answers: [], summary: null };
  return { ...rest, result: lost && soFar ? { ...result, ...soFar } : result };
}

/** The reply with what it has written so far. */
export function keepSoFar(reply: Reply, state: GenerationState): Reply {
  if (reply.result) return reply;
  const { text, reasoning, completionTokens } = replyView(state, reply.index);
  return { ...reply, soFar: { text, reasoning, completionTokens } };
}
