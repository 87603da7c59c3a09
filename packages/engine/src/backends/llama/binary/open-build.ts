import { createRequire } from 'node:module';
import { join } from 'node:path';

import { Llama, LlamaLogLevel, type LlamaOptions } from 'node-llama-cpp';

import type { Build } from './builds-folder.ts';

/**
 * The part of node-llama-cpp's private interface that this file uses: `getLlama` finds only binaries in its own package.
 * The model test of this file fails when it changes.
 */
interface PrivateLlama {
  _create(options: {
    bindings: unknown;
    bindingPath: string;
    buildType: 'localBuild';
    buildMetadata: {
      buildOptions: {
        customCmakeOptions: Record<string, string>;
        gpu: 'cuda' | 'metal' | 'vulkan' | false;
        llamaCpp: { repo: string; release: string };
      };
    };
    logLevel: LlamaLogLevel;
    logger: Logger;
    vramPadding: (totalBytes: number) => number;
    ramPadding: (totalBytes: number) => number;
    debug: boolean;
    numa: false;
    tempDir: false;
  }): Promise<Llama>;
}

/** As in node-llama-cpp's `LlamaOptions`. */
export type Logger = NonNullable<LlamaOptions['logger']>;

const require = createRequire(import.meta.url);

const gib = 2 ** 30;

/**
 * Opens llama.cpp with the binary of a build.
 *
 * @throws Error the system's, when the binary does not load
 */
export function openBuild({ folder, record }: Build, { logger }: { logger: Logger }): Promise<Llama> {
  const bindingPath = join(folder, record.addon);
  return (Llama as unknown as PrivateLlama)._create({
    bindings: loadAfresh(bindingPath),
    bindingPath,
    buildType: 'localBuild',
    buildMetadata: {
      buildOptions: {
        customCmakeOptions: {},
        gpu: record.compute === 'cpu' ? false : record.compute,
        llamaCpp: { repo: 'ggml-org/llama.cpp', release: record.llamaCpp },
      },
    },
    logLevel: LlamaLogLevel.warn,
    logger,
    // As `getLlama` leaves it free by default.
    vramPadding: (total) => Math.floor(Math.min(total * 0.08, 1.6 * gib)),
    ramPadding: (total) => Math.floor(Math.min(total / 4, process.platform === 'linux' ? gib : 6 * gib)),
    debug: false,
    numa: false,
    tempDir: false,
  });
}

/** Each instance of llama.cpp has settings of its own, so it needs a module of its own. */
function loadAfresh(path: string): unknown {
  delete require.cache[path];
  try {
    return require(path) as unknown;
  } finally {
    delete require.cache[path];
  }
}
