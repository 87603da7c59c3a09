import type { MemoryNeed, MemoryOptions } from '../../backend/backend.ts';
import type { BackendDescription } from '../../isolation/backend-description.ts';
import type { PlainError } from '../../port/engine-port.ts';

/** What to measure. `room.…` null: no limit, which JSON cannot express. */
export interface NeedOrder extends Pick<MemoryOptions, 'parallel' | 'contextSize'> {
  backend: BackendDescription;
  room: { shared: number; alone: number } | null;
}

export type NeedAnswer =
  | { kind: 'download'; downloaded: number; total: number }
  /** `need`: null when the backend does not know. */
  | { kind: 'need'; backend: string; need: MemoryNeed | null }
  | { kind: 'failure'; error: PlainError };
