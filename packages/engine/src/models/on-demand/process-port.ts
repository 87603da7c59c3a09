import type { EnginePort } from '../../port/engine-port.ts';

/** The port of a model's process. */
export interface ProcessPort extends EnginePort {
  /** The memory of the process, in bytes; null while it is not measured. */
  readonly memoryBytes: number | null;
}
