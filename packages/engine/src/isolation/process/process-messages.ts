import type { ModelInfo } from '@headway/protocol';

import type { DownloadProgress } from '../../backend/backend.ts';
import type { Vitals } from '../../host/engine-host.ts';
import type { EngineCommand, EngineMessage, EnginePort, PlainError } from '../../port/engine-port.ts';
import type { HostOptions } from '../../host/open-host.ts';
import type { BackendDescription } from '../backend-description.ts';

/** What the process is told to open. */
export interface OpenOrder {
  backends: readonly [BackendDescription, ...BackendDescription[]];
  options: Omit<HostOptions, 'backend' | 'clock' | 'onDownload'>;
  /** How often it is to show that it lives, in ms. */
  beatMs: number;
}

/** What the port answers with a promise. */
export type QueryName = Exclude<keyof EnginePort, 'send'>;

export type ToProcess =
  | { kind: 'open'; order: OpenOrder }
  | EngineCommand
  | { kind: 'query'; number: number; name: QueryName; args: readonly unknown[] };

export type FromProcess =
  | EngineMessage
  /** It takes commands and loads its models. */
  | { kind: 'opened'; models: ModelInfo[] }
  /** The order cannot be followed, now or later. */
  | { kind: 'unopened'; error: PlainError }
  | { kind: 'answer'; number: number; value: unknown }
  | { kind: 'failure'; number: number; error: PlainError }
  | { kind: 'download'; progress: DownloadProgress }
  | { kind: 'beat'; vitals: Vitals };

/** All that came together in one turn of the loop, in one message. */
export type FromProcessBatch = readonly FromProcess[];
