import { fieldError } from '@headway/protocol';

import type { Caller } from '../../../../access/caller.ts';
import type { PlacedItem } from '../input/conversation.ts';
import { fieldAt } from '../input/item-place.ts';
import type { KeptItem } from './item-pool.ts';
import type { KeptResponses } from './kept-responses.ts';
import { itemNotFound, previousNotFound } from './not-found-errors.ts';
import { generationOf } from '../output/response-id.ts';
import type { ResponsesRequest } from '../input/responses-request.ts';

/** An entry of a request's conversation; `kept` if it comes from a kept response. */
export interface ConversationEntry extends PlacedItem {
  kept?: KeptItem;
}

/**
 * The whole conversation of a request: the input and output of the response that it continues, then its own input with
 * references resolved. An item that the request references twice appears once.
 *
 * @throws HeadwayError `generation-not-found` for a response or item that is not kept, `conflict` for a response that
 * is still being written
 */
export async function resolveConversation(
  { input, previous_response_id: previous }: Pick<ResponsesRequest, 'input' | 'previous_response_id'>,
  { owner }: Caller,
  responses: KeptResponses,
): Promise<ConversationEntry[]> {
  const entries = typeof previous === 'string' ? await entriesBefore(previous, owner, responses) : [];
  if (typeof input === 'string') return [...entries, { place: ['input'], item: { role: 'user', content: input } }];
  const present = new Set(entries.map(({ kept }) => kept));
  for (const [at, item] of input.entries()) {
    const place = ['input', at];
    if (item.type !== 'item_reference') {
      entries.push({ place, item });
      continue;
    }
    const kept = responses.item(owner, item.id);
    if (!kept) throw itemNotFound(item.id, fieldAt(place, 'id'));
    if (present.has(kept)) continue;
    present.add(kept);
    entries.push({ place, item: kept.item, kept });
  }
  return entries;
}

async function entriesBefore(previous: string, owner: string, responses: KeptResponses): Promise<ConversationEntry[]> {
  const found = await responses.find(owner, generationOf(previous));
  if (found && !found.outcome) {
    const message = `${previous} is still being written; send it again when it has ended`;
    throw fieldError({ path: ['previous_response_id'], message }, { code: 'conflict' });
  }
  // A failed or cancelled response has no answer to continue.
  if (!found?.outcome || found.outcome.status === 'failed' || found.outcome.status === 'cancelled') {
    throw previousNotFound(previous);
  }
  // A call that the token limit cut off can have no output.
  const whole = found.output.filter(({ item }) => !(item.type === 'function_call' && isCutOff(item)));
  return [...found.response.input, ...whole].map((kept) => ({
    place: ['previous_response_id'],
    item: kept.item,
    kept,
  }));
}

function isCutOff(item: object): boolean {
  return 'status' in item && item.status === 'incomplete';
}
