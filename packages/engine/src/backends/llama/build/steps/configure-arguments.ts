import type { BuildCompute } from '../../binary/build-record.ts';

export interface ConfigureOptions {
  source: string;
  build: string;
  nodeHeaders: string;
  compute: BuildCompute;
  platform: string;
  arch: string;
  /** Whether Ninja is installed; make is used otherwise. */
  ninja: boolean;
}

/**
 * Part of the names of the build's libraries. The system's loader takes a library that is loaded already for any other of
 * that name, so a process could not load both this build and the prebuilt binary.
 */
const namePart = '-headway';

/** The arguments with which cmake configures the addon and the llama.cpp below it. */
export function configureArguments({
  source,
  build,
  nodeHeaders,
  compute,
  platform,
  arch,
  ninja,
}: ConfigureOptions): string[] {
  const system = `${platform === 'darwin' ? 'mac' : platform}-${arch}`;
  const on = (value: boolean) => (value ? 'ON' : 'OFF');
  const options: Record<string, string> = {
    CMAKE_BUILD_TYPE: 'Release',
    CMAKE_RELEASE_POSTFIX: namePart,
    CMAKE_JS_INC: nodeHeaders,
    NLC_CURRENT_PLATFORM: system,
    NLC_TARGET_PLATFORM: system,
    NLC_VARIANT: '',
    BUILD_SHARED_LIBS: 'ON',
    GGML_NATIVE: 'ON',
    // cmake builds without it where the compiler has none.
    GGML_OPENMP: 'ON',
    GGML_BACKEND_DL: 'OFF',
    GGML_CPU_ALL_VARIANTS: 'OFF',
    GGML_CCACHE: 'OFF',
    GGML_BUILD_NUMBER: '1',
    GGML_CUDA: on(compute === 'cuda'),
    GGML_VULKAN: on(compute === 'vulkan'),
    GGML_METAL: on(compute === 'metal'),
    GGML_METAL_EMBED_LIBRARY: on(compute === 'metal'),
    // Nothing that downloads, and nothing that is not loaded.
    LLAMA_CURL: 'OFF',
    LLAMA_OPENSSL: 'OFF',
    LLAMA_BUILD_BORINGSSL: 'OFF',
    LLAMA_BUILD_TESTS: 'OFF',
    LLAMA_BUILD_TOOLS: 'OFF',
    LLAMA_BUILD_EXAMPLES: 'OFF',
    LLAMA_BUILD_SERVER: 'OFF',
    FETCHCONTENT_FULLY_DISCONNECTED: 'ON',
  };
  return [
    '-S',
    source,
    '-B',
    build,
    '-G',
    ninja ? 'Ninja' : 'Unix Makefiles',
    ...Object.entries(options).map(([name, value]) => `-D${name}=${value}`),
  ];
}

/** The arguments with which cmake compiles what is configured. */
export function compileArguments({ build, jobs }: { build: string; jobs: number }): string[] {
  return ['--build', build, '--target', 'llama-addon', '--parallel', String(jobs)];
}
