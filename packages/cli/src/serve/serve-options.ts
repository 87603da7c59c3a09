import type { Limits } from '@headway/gateway/limits';

import type { ChatTemplateSource } from '../options/chat-template-options.ts';
import type { ComputeFlags } from '../options/compute-options.ts';
import type { UpstreamFlags } from '../options/upstream-options.ts';
import type { Threads } from '../options/threads-option.ts';

/** The options of `headway serve`, as its engine and its gateway take them. */
export interface ServeOptions extends ChatTemplateSource, ComputeFlags {
  model: string[];
  /** Other names of the first model. */
  alias: string[];
  port: number;
  host: string;
  parallel: number;
  ctx?: number;
  maxQueue: number;
  /** Seconds. */
  queueTimeout: number;
  /** Milliseconds. */
  itlBudget: number;
  /** Memory of the models together, in bytes. */
  memory?: number;
  /** Seconds. */
  ttl?: number;
  threads?: Threads;
  /** Use llama.cpp's prebuilt binary even where one was built for this machine. */
  prebuilt?: boolean;
  allowOrigin: string[];
  allowHost: string[];
  /** Seconds. */
  grace: number;
  /** Seconds. */
  generationTime: number;
  generationTokens: number;
  engine: 'isolated' | 'inline';
  /** Seconds. */
  drain: number;
  apiKeyFile?: string;
  apiKey: string[];
  limit: Partial<Limits>;
  /** False with `--no-auth`. */
  auth: boolean;
  logLevel: 'error' | 'warn' | 'info' | 'debug';
}

/** The flags of `headway serve`, before its config file is merged in. */
export interface ServeFlags extends ServeOptions, UpstreamFlags {
  /** Path of a config file; false with `--no-config`; undefined to look for one in the working folder. */
  config?: string | false;
}
