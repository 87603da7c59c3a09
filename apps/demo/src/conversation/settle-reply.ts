import type { GenerationState } from '@headway/client/react';

import type { Reply } from '../storage/records.ts';
import { replyView } from './reply-view.ts';

/**
 * The reply with its generation's end. An end that is known already, for example from another tab, stays, unless it says no
 * more than that the gateway did not know the generation. A failed answer keeps what was stored of its text if that is more.
 */
export function settleReply(reply: Reply, end: GenerationState): Reply {
  const view = replyView(end, reply.index);
  if (reply.result && !tellsMore(view, reply.result)) return reply;
  const { soFar, ...rest } = reply;
  // Each choice is stored as a reply of its own.
  const result = { ...view, answers: [], summary: null, stopping: false, reconnecting: false, stalledMs: null };
  const keeps = soFar && view.state === 'error' && soFar.completionTokens > view.completionTokens;
  return { ...rest, result: keeps ? { ...result, ...soFar } : result };
}

/** The reply with what it has written so far. */
export function keepSoFar(reply: Reply, state: GenerationState): Reply {
  if (reply.result) return reply;
  const { text, reasoning, completionTokens } = replyView(state, reply.index);
  // Another tab may be further.
  if (reply.soFar && reply.soFar.completionTokens >= completionTokens) return reply;
  return { ...reply, soFar: { text, reasoning, completionTokens } };
}

/** A tab may ask for a generation before the tab that starts it has reached the gateway. */
function tellsMore(end: GenerationState, known: GenerationState): boolean {
  const isUnknown = ({ error }: GenerationState) => error?.code === 'generation-not-found';
  if (!isUnknown(known)) return false;
  return !isUnknown(end) || end.completionTokens > known.completionTokens;
}
