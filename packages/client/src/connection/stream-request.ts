import type { GenerateInput } from '@headway/protocol';

/** `generate` starts a generation, or resumes one that this client started; `watch` only reads one. */
export type StreamRequest =
  | { kind: 'generate'; input: GenerateInput & { id: string } }
  | { kind: 'watch'; id: string; lastEventId?: string };
