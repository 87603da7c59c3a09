export interface ReadingPlace {
  /** Tokens in memory, all of them the prompt's. */
  at: number;
  /** Tokens in memory after the next chunk. */
  to: number;
  /** Tokens in memory when the prompt has been read. */
  end: number;
  /** Tokens in memory when reading began. */
  from: number;
  /** Tokens in the last checkpoint; 0 without one. */
  last: number;
  /** Checkpoints that there is memory for. */
  room: number;
}

/** Nobody waits for so few tokens to be read again. */
const worthKeeping = 64;

/** More tokens than most last messages of a chat have. */
const lastMessage = 256;

/** Tokens at least between two checkpoints on the way through a long prompt. */
const leastSpacing = 512;

/**
 * Whether to take a checkpoint here, before the next chunk is read. The end of a prompt has one kept free: from there
 * the same prompt and the next turn of a chat go on. Then comes a place before the last message, where a prompt with
 * another one goes on, and as many on the way there as have room.
 */
export function isPlaceForCheckpoint({ at, to, end, from, last, room }: ReadingPlace): boolean {
  if (at - last < worthKeeping || room < 2) return false;
  if (end - to < lastMessage) return at === from || end - at >= lastMessage;
  return room > 2 && at - last >= Math.max(leastSpacing, (end - from) / (room - 1));
}

/** Whether to take one where the prompt has been read. */
export function isEndForCheckpoint({ end, last }: Pick<ReadingPlace, 'end' | 'last'>): boolean {
  return end >= worthKeeping && end > last;
}
