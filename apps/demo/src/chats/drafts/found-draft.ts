import { isEmpty, type Draft } from '../../composer/draft.ts';

/**
 * The draft to show when a chat's stored draft has been read.
 *
 * @param before what the box had when the chat was opened
 * @param now what it has
 */
export function foundDraft(stored: Draft, before: Draft, now: Draft): Draft {
  // What was there before belongs to another chat, unless it was nothing: then the user has begun to write in this one.
  if (now === before || !isEmpty(before) || isEmpty(now)) return stored;
  if (isEmpty(stored)) return now;
  return { text: stored.text + now.text, documents: [...stored.documents, ...now.documents] };
}
