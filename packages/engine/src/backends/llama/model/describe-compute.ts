import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

/** The hardware that llama.cpp computes on. */
export interface Compute {
  /** The GPU's driver interface; null where the CPU computes. */
  gpu: 'cuda' | 'metal' | 'vulkan' | null;
  /** The GPUs' names. */
  devices: string[];
  /** The GPUs' memory, in bytes; shared with the CPU where it is unified. */
  vramBytes: number;
  freeVramBytes: number;
}

/**
 * Starts llama.cpp without a model and reports the hardware that a model would use. Compiles and downloads nothing.
 *
 * @throws Error node-llama-cpp's, when it has no binary that runs here
 */
export async function describeCompute(): Promise<Compute> {
  const instance = await getLlama({
    gpu: 'auto',
    build: 'never',
    logLevel: LlamaLogLevel.error,
    // llama.cpp prints warnings about a GPU that it then does not use.
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
