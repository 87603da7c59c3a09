import type { BuildCompute } from '../../binary/build-record.ts';
import type { Gpu } from '../../binary/choose-build.ts';

/** What `chooseCompute` decides from. */
export interface ComputeFacts {
  platform: string;
  arch: string;
  /** The GPU interface by which the prebuilt binary computes here; null for the CPU, or where it does not run. */
  prebuilt: 'cuda' | 'metal' | 'vulkan' | null;
  /** Whether NVIDIA's driver shows a device. */
  nvidia: boolean;
  /** Compilers for GPU code that are installed. */
  nvcc: boolean;
  glslc: boolean;
}

export type ComputeChoice = { compute: BuildCompute } | { fault: string };

const lacksNvcc = 'the CUDA toolkit (nvcc) is missing; install it, and put its bin folder on the PATH';
const lacksGlslc =
  "Vulkan's shader compiler (glslc) is missing; install it with Vulkan's headers (libvulkan-dev, glslc)";

/**
 * Chooses what a build computes on. By default it is what the prebuilt binary computes on here: a build for the CPU would
 * hide a GPU, and one for a GPU without a device would not load.
 */
export function chooseCompute(
  asked: Gpu,
  { platform, arch, prebuilt, nvidia, nvcc, glslc }: ComputeFacts,
): ComputeChoice {
  const otherwise = ', or build with --gpu false, for models that are to compute on the CPU';
  switch (asked) {
    case false:
      return { compute: 'cpu' };
    case 'cuda':
      return nvcc ? { compute: 'cuda' } : { fault: lacksNvcc };
    case 'vulkan':
      return glslc ? { compute: 'vulkan' } : { fault: lacksGlslc };
    case 'metal':
      return platform === 'darwin' ? { compute: 'metal' } : { fault: 'Metal is only on macOS; leave --gpu out' };
    case 'auto':
      if (platform === 'darwin') return { compute: arch === 'arm64' ? 'metal' : 'cpu' };
      if (nvidia && nvcc) return { compute: 'cuda' };
      if (prebuilt === 'cuda') return { fault: `this machine's GPU computes by CUDA, but ${lacksNvcc}${otherwise}` };
      if (prebuilt === 'vulkan')
        return glslc ? { compute: 'vulkan' } : { fault: `this machine's GPU computes by Vulkan, but ${lacksGlslc}` };
      return { compute: 'cpu' };
    default:
      throw new Error(`unknown compute ${String(asked satisfies never)}`);
  }
}
