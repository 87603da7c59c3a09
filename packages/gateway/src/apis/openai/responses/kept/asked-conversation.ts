import { fieldError } from '@headway/protocol';

import type { Caller } from '../../../../access/caller.ts';
import type { PlacedItem } from '../input/conversation.ts';
import { fieldAt } from '../input/item-place.ts';
import type { KeptItem } from './item-pool.ts';
import type { KeptResponses } from './kept-responses.ts';
import { itemNotFound, previousNotFound } from './not-kept.ts';
import { generationOf } from '../output/response-id.ts';
import type { ResponsesRequest } from '../input/responses-request.ts';

/** An entry of the conversation that a request goes on with; `kept`, where it was there before. */
export interface AskedEntry extends PlacedItem {
  kept?: KeptItem;
}

/**
 * The conversation that a request is about: what the response before it was asked and answered, then its own input with
 * the items that it refers to. What it refers to twice is there once.
 *
 * @throws HeadwayError `generation-not-found` for what is not kept, `conflict` for a response that is still being written
 */
export async function askedConversation(
  { input, previous_response_id: previous }: Pick<ResponsesRequest, 'input' | 'previous_response_id'>,
  { owner }: Caller,
  responses: KeptResponses,
): Promise<AskedEntry[]> {
  const entries = typeof previous === 'string' ? await entriesBefore(previous, owner, responses) : [];
  if (typeof input === 'string') return [...entries, { place: 'input', item: { role: 'user', content: input } }];
  const there = new Set(entries.map(({ kept }) => kept));
  for (const [at, item] of input.entries()) {
    const place = `input[${at}]`;
    if (item.type !== 'item_reference') {
      entries.push({ place, item });
      continue;
    }
    const kept = responses.item(owner, item.id);
    if (!kept) throw itemNotFound(item.id, fieldAt(place, 'id'));
    if (there.has(kept)) continue;
    there.add(kept);
    entries.push({ place, item: kept.item, kept });
  }
  return entries;
}

async function entriesBefore(previous: string, owner: string, responses: KeptResponses): Promise<AskedEntry[]> {
  const found = await responses.find(owner, generationOf(previous));
  if (found && !found.outcome) {
    const message = `${previous} is still being written; send it again when it has ended`;
    throw fieldError({ path: ['previous_response_id'], message }, { code: 'conflict' });
  }
  // One that failed, or was cancelled, has no answer to go on from.
  if (!found?.outcome || found.outcome.status === 'failed' || found.outcome.status === 'cancelled') {
    throw previousNotFound(previous);
  }
  // Nobody can give the output of a call that the limit cut off.
  const whole = found.output.filter(({ item }) => !(item.type === 'function_call' && isCutOff(item)));
  return [...found.response.input, ...whole].map((kept) => ({ place: 'previous_response_id', item: kept.item, kept }));
}

function isCutOff(item: object): boolean {
  return 'status' in item && item.status === 'incomplete';
}
