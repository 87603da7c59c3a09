export interface CheckpointPlace {
  /** Tokens in memory, all of them the prompt's. */
  at: number;
  /** Tokens in memory after the next chunk. */
  to: number;
  /** Tokens in memory after prefill. */
  end: number;
  /** Tokens in memory before prefill. */
  from: number;
  /** Tokens in the last checkpoint; 0 without one. */
  last: number;
  /** Checkpoints that fit into memory. */
  room: number;
}

/** So few tokens are read again faster than a checkpoint pays. */
const worthKeeping = 64;

/** Longer than the last message of most chats, in tokens. */
const lastMessage = 256;

/** Least tokens between two checkpoints of a long prompt. */
const leastSpacing = 512;

/**
 * Whether to take a checkpoint here, before the next chunk. One checkpoint is reserved for the end of the prompt, where
 * the same prompt and the chat's next message continue. The next in rank is a place before the last message, where a
 * prompt with another last message continues; the remaining room goes to places before it.
 */
export function isPlaceForCheckpoint({ at, to, end, from, last, room }: CheckpointPlace): boolean {
  if (at - last < worthKeeping || room < 2) return false;
  if (end - to < lastMessage) return at === from || end - at >= lastMessage;
  return room > 2 && at - last >= Math.max(leastSpacing, (end - from) / (room - 1));
}

/** Whether to take a checkpoint at the end of prefill. */
export function isEndForCheckpoint({ end, last }: Pick<CheckpointPlace, 'end' | 'last'>): boolean {
  return end >= worthKeeping && end > last;
}
