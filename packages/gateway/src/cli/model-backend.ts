import { isModelAddress, llama, resolveModel, type Backend } from '@headway/engine';

import { createDownloadBar } from './download-bar.ts';

export interface ModelBackendOptions {
  threads?: number | undefined;
  /** Says nothing of a download where stderr is no terminal. @default false */
  quiet?: boolean;
}

/** The backend of a `--model`: a file, or an address that is downloaded when the model is loaded. */
export function modelBackend(model: string, { threads, quiet = false }: ModelBackendOptions): Backend {
  if (!isModelAddress(model)) return llama({ model, threads });
  const modelId = remoteModelId(model);
  return {
    name: 'llama',
    modelId,
    async load(options) {
      const bar = createDownloadBar(modelId, { quiet });
      const path = await resolveModel(model, { signal: options.signal, onProgress: bar.update }).finally(bar.stop);
      return llama({ model: path, modelId, threads }).load(options);
    },
  };
}

/** The last part of an address, as a file's name would be shortened: `hf:user/repo:Q4_K_M` is `repo:Q4_K_M`. */
export function remoteModelId(uri: string): string {
  const path = uri.replace(/[?#].*$/, '').replace(/^\w+:/, '');
  return (path.split('/').at(-1) || path).replace(/\.gguf(\.part\d+of\d+)?$/i, '').replace(/-\d{5}-of-\d{5}$/, '');
}
