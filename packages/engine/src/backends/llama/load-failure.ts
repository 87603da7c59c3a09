/** Why a model could not be loaded and what to do about it, in one sentence. `log`: what llama.cpp said, last line last. */
export function describeLoadFailure(path: string, thrown: unknown, log: readonly string[]): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
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
  const said = log.find((line) => /error loading model:/i.test(line))?.replace(/^.*error loading model:\s*/i, '');
  return `model: ${path} cannot be loaded (${(said ?? message).trim()}); the file may be incomplete, download it again`;
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : '';
}
