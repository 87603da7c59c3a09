import type { ModelInfo } from '@headway/protocol';

import type { DownloadProgress, LoadProgress } from '../../backend/backend.ts';
import type { Vitals } from '../../host/engine-host.ts';
import type { EngineCommand, EngineMessage, EnginePort, PlainError } from '../../port/engine-port.ts';
import type { HostOptions } from '../../host/open-host.ts';
import type { BackendDescription } from '../backend-description.ts';

/** The engine that the process is to open. */
export interface OpenOrder {
  backends: readonly [BackendDescription, ...BackendDescription[]];
  options: Omit<HostOptions, 'backend' | 'clock' | 'onDownload' | 'onLoad'>;
  /** Time between two heartbeats, in ms. */
  beatMs: number;
}

/** The port's methods that return a promise. */
export type QueryName = Exclude<keyof EnginePort, 'send'>;

export type ToProcess =
  | { kind: 'open'; order: OpenOrder }
  | EngineCommand
  | { kind: 'query'; number: number; name: QueryName; args: readonly unknown[] };

export type FromProcess =
  | EngineMessage
  /** The process takes commands and loads its models. */
  | { kind: 'opened'; models: ModelInfo[] }
  /** The order is invalid; a restart would not help. */
  | { kind: 'unopened'; error: PlainError }
  | { kind: 'answer'; number: number; value: unknown }
  | { kind: 'failure'; number: number; error: PlainError }
  | { kind: 'download'; progress: DownloadProgress }
  | { kind: 'load'; progress: LoadProgress }
  /** `memoryBytes`: the memory of the process, its resident set. */
  | { kind: 'beat'; vitals: Vitals; memoryBytes: number };

/** The messages of one event-loop step or more, sent as one. */
export type FromProcessBatch = readonly FromProcess[];
