import type { GenerateInput } from '@headway/protocol';

/** What a stream shows: a generation of one's own, started or taken up again, or one that is looked at. */
export type StreamRequest =
  | { kind: 'generate'; input: GenerateInput & { id: string } }
  | { kind: 'watch'; id: string; lastEventId?: string };
