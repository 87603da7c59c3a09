import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Backend, DecodeOptions, Prompt, Slot } from '../backend/backend.ts';
import { scripted } from '../backends/scripted/scripted.ts';

export interface FaultyOptions {
  modelId?: string;
  /** Crashes when it starts to load. */
  diesLoading?: boolean;
  /** Crashes 0.2 s into loading, when requests have arrived, while a file with this path exists. */
  diesLoadingWith?: string;
  /** The memory that the model says it needs, in bytes. */
  needBytes?: number;
  /** Decodes ten times as fast: 1,000 tokens per second. */
  fast?: boolean;
}

/** What each of these prompts does to the process at its third token. */
const faults: Readonly<Record<string, () => void>> = {
  'native crash': () => process.kill(process.pid, 'SIGSEGV'),
  'out of memory': () => {
    for (const kept: unknown[] = []; ;) kept.push(Array.from({ length: 1e5 }, () => ({})));
  },
  'blocked loop': () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  exit: () => {
    process.stderr.write('the disk is on fire\n');
    process.exit(3);
  },
};

/** A scripted backend for an isolated engine. The prompts in `faults` crash or hang its process. */
export default function faultyBackend({
  modelId = 'faulty',
  diesLoading = false,
  diesLoadingWith,
  needBytes,
  fast = false,
}: FaultyOptions = {}): Backend {
  const backend = scripted({
    modelId,
    contextSize: 4096,
    script: ({ prompt }) => ({
      ...(fast && { decodeTokensPerSecond: 1000 }),
      ...(prompt === 'stall' && { fault: { phase: 'decode', afterTokens: 3, does: 'stall' } }),
    }),
  });
  return {
    ...backend,
    ...(needBytes !== undefined && {
      memoryNeed: async ({ contextSize }) => ({ bytes: needBytes, contextSize, sizeBytes: null, parameters: null }),
    }),
    async load(options) {
      if (diesLoading) process.kill(process.pid, 'SIGSEGV');
      if (diesLoadingWith !== undefined && existsSync(diesLoadingWith)) {
        await sleep(200);
        process.kill(process.pid, 'SIGSEGV');
      }
      const loaded = await backend.load(options);
      return { ...loaded, slots: loaded.slots.map(faulty) };
    },
  };
}

function faulty(slot: Slot): Slot {
  const decode = slot.decode.bind(slot);
  return Object.assign(slot, {
    decode(prompt: Prompt, { onPiece, ...options }: DecodeOptions) {
      let pieces = 0;
      return decode(prompt, {
        ...options,
        onPiece(piece) {
          onPiece(piece);
          if (++pieces === 3) faults[prompt.request.prompt ?? '']?.();
        },
      });
    },
  });
}
