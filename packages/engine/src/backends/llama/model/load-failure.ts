import { UnusableModelFile } from './unusable-model-file.ts';

/**
 * Says in one sentence why a model could not be loaded and what to do. `log`: llama.cpp's output, oldest line first.
 */
export function describeLoadFailure(path: string, thrown: unknown, log: readonly string[]): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof UnusableModelFile) return `model: ${path} ${message}`;
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOENT') return `model: there is no file ${path}; check the path`;
  if (code === 'EISDIR') return `model: ${path} is a folder; give the path of a GGUF file in it`;
  if (code === 'EACCES') return `model: ${path} is not readable; change its permissions`;
  if (/GGUF magic|GGUF version/i.test(message)) {
    return `model: ${path} is not a GGUF file; download it again, or convert the model to GGUF`;
  }
  if (/too large for|InsufficientMemory|not enough|VRAM/i.test(`${message} ${nameOf(thrown)}`)) {
    const layers = /VRAM/.test(message) ? 'fewer --gpu-layers, ' : '';
    return `model: there is not enough memory for ${path} (${message}); use ${layers}a smaller --ctx, fewer --parallel slots or a smaller model`;
  }
  const known = whatLlamaSaid(log);
  if (known !== null) return `model: ${path} ${known}`;
  const said = log.find((line) => /error loading model:/i.test(line))?.replace(/^.*error loading model:\s*/i, '');
  return `model: ${path} cannot be loaded (${(said ?? message).trim()}); the file may be incomplete, download it again`;
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : '';
}

/** Explains a line of llama.cpp's log in a phrase that follows the file's path; null for a line that is not known. */
function whatLlamaSaid(log: readonly string[]): string | null {
  const text = log.join('\n');
  const [, architecture] = /un(?:known|supported) model architecture: '([^']*)'/.exec(text) ?? [];
  if (architecture !== undefined) {
    return `has the architecture '${architecture}', which this version does not know; update Headway, or serve a model of another architecture`;
  }
  const [, tokenizer] = /unknown (?:pre-)?tokenizer(?: type)?: '([^']*)'/.exec(text) ?? [];
  if (tokenizer !== undefined) {
    return `has the tokenizer '${tokenizer}', which this version does not know; update Headway, or download a newer conversion of the model`;
  }
  const [, type] = /invalid ggml type (\d+)/.exec(text) ?? [];
  if (type !== undefined) {
    return `has weights of type ${type}, which this version does not know; update Headway, or download another quantization of the model`;
  }
  const [, tensor] = /(?:missing tensor '|tensor '(?=[^']*' not found))([^']*)'/.exec(text) ?? [];
  if (tensor !== undefined) return `lacks its weights ${tensor}; download a newer conversion of the model`;
  if (/[KV] cache type \S+ with block size|quantized V cache|different K .* cache types/.test(text))
    return 'cannot keep its keys and values in these types; use --kv-type f16';
  const [, key] = /key not found in model: (\S+)/.exec(text) ?? [];
  if (key !== undefined) return `lacks the entry ${key}; download a newer conversion of the model`;
  return null;
}
