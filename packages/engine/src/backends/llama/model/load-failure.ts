import { UnusableModelFile } from './unusable-model-file.ts';

/** Why a model could not be loaded and what to do about it, in one sentence. `log`: what llama.cpp said, last line last. */
export function describeLoadFailure(path: string, thrown: unknown, log: readonly string[]): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof UnusableModelFile) return `model: ${path} ${message}`;
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOENT') return `model: there is no file ${path}; check the path`;
  if (code === 'EISDIR') return `model: ${path} is a folder; give the path of a GGUF file in it`;
  if (code === 'EACCES') return `model: ${path} may not be read; change its permissions`;
  if (/GGUF magic|GGUF version/i.test(message)) {
    return `model: ${path} is not a GGUF file; download it again, or convert the model to GGUF`;
  }
  if (/too large for|InsufficientMemory|not enough|VRAM/i.test(`${message} ${nameOf(thrown)}`)) {
    return `model: there is not enough memory for ${path} (${message}); use a smaller --ctx, fewer --parallel slots or a smaller model`;
  }
  const known = whatLlamaSaid(log);
  if (known !== null) return `model: ${path} ${known}`;
  const said = log.find((line) => /error loading model:/i.test(line))?.replace(/^.*error loading model:\s*/i, '');
  return `model: ${path} cannot be loaded (${(said ?? message).trim()}); the file may be incomplete, download it again`;
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : '';
}

/** What a line of llama.cpp's log means for whoever has the file, in words that go on from its path; null when nothing known. */
function whatLlamaSaid(log: readonly string[]): string | null {
  const text = log.join('\n');
  const [, architecture] = /un(?:known|supported) model architecture: '([^']*)'/.exec(text) ?? [];
  if (architecture !== undefined) {
    return `is of the architecture '${architecture}', which this version does not know; update Headway, or serve a model of another architecture`;
  }
  const [, tokenizer] = /unknown (?:pre-)?tokenizer(?: type)?: '([^']*)'/.exec(text) ?? [];
  if (tokenizer !== undefined) {
    return `splits words by '${tokenizer}', which this version does not know; update Headway, or take a file that was converted anew`;
  }
  const [, type] = /invalid ggml type (\d+)/.exec(text) ?? [];
  if (type !== undefined) {
    return `has weights of type ${type}, which this version does not know; update Headway, or take another quantisation of the model`;
  }
  const [, tensor] = /(?:missing tensor '|tensor '(?=[^']*' not found))([^']*)'/.exec(text) ?? [];
  if (tensor !== undefined) return `lacks its weights ${tensor}; take a file that was converted anew`;
  const [, key] = /key not found in model: (\S+)/.exec(text) ?? [];
  if (key !== undefined) return `does not say its ${key}; take a file that was converted anew`;
  return null;
}
