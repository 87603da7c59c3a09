import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

/** What llama.cpp finds to compute on. */
export interface Compute {
  /** What drives the GPU; null where the CPU computes. */
  gpu: 'cuda' | 'metal' | 'vulkan' | null;
  /** The GPUs by name. */
  devices: string[];
  /** Memory of the GPUs, in bytes; shared with the CPU where it is unified. */
  vramBytes: number;
  freeVramBytes: number;
}

/**
 * Starts llama.cpp as a model would find it, without one, and asks. Compiles and downloads nothing.
 *
 * @throws Error what node-llama-cpp throws when it has no binary that runs here
 */
export async function describeCompute(): Promise<Compute> {
  const instance = await getLlama({
    gpu: 'auto',
    build: 'never',
    logLevel: LlamaLogLevel.error,
    // What it says of a GPU that it then does without.
    logger: () => undefined,
  });
  try {
    const { total, free } = await instance.getVramState();
    return {
      gpu: instance.gpu === false ? null : instance.gpu,
      devices: instance.gpu === false ? [] : await instance.getGpuDeviceNames(),
      vramBytes: total,
      freeVramBytes: free,
    };
  } finally {
    await instance.dispose();
  }
}
