/** How many bytes `describeOtherFile` needs. */
export const firstBytes = 512;

/** Magic numbers of llama.cpp's formats before GGUF, as they lie in a file. */
const ggmlMagics = ['lmgg', 'fmgg', 'tjgg', 'algg'];

/**
 * Says what a file is that is no GGUF file, and the remedy, as a phrase that follows the file's path; null when its
 * first bytes are of no known format. `bytes`: the first ones, `size`: the whole file's.
 */
export function describeOtherFile(bytes: Buffer, size: number): string | null {
  const text = bytes.toString('latin1');
  if (size === 0) return 'is empty; download it again';
  if (text.startsWith('version https://git-lfs.github.com/')) {
    const whole = /^size (\d+)$/m.exec(text)?.[1];
    const of = whole === undefined ? 'a model' : `a model of ${number(Number(whole))} bytes`;
    return `is a Git LFS pointer to ${of}; run git lfs pull in its folder, or download the file itself`;
  }
  if (/^\s*<(!doctype|html|head|\?xml)/i.test(text)) {
    return 'is a web page and not a model; download the file itself (on Hugging Face its address contains /resolve/)';
  }
  if (/^\s*[{[]/.test(text)) return 'is JSON and not a model; download the GGUF file itself';
  if (isSafetensors(bytes)) {
    return 'holds weights as safetensors; download a GGUF file of the model, or convert its folder with convert_hf_to_gguf.py of llama.cpp';
  }
  if (text.startsWith('PK\x03\x04') || (bytes[0] === 0x80 && (bytes[1] ?? 0) <= 5)) {
    return 'is a ZIP archive or a pickle of PyTorch weights; download a GGUF file of the model, or convert its folder with convert_hf_to_gguf.py of llama.cpp';
  }
  if (text.startsWith('\x1f\x8b')) return 'is compressed with gzip; unpack it first';
  if (ggmlMagics.includes(text.slice(0, 4))) {
    return 'is in GGML, the old format of llama.cpp; download a GGUF file of the model';
  }
  if (text.startsWith('GGUF') && bytes.length >= 8 && bytes.readUInt32LE(4) >= 2 ** 16) {
    return 'is a GGUF file for machines with the other byte order; download the little-endian file of the model';
  }
  return null;
}

/** A safetensors file begins with the length of its JSON head in 8 bytes, then the head. */
function isSafetensors(bytes: Buffer): boolean {
  return bytes.length > 9 && bytes.readBigUInt64LE(0) < 2n ** 32n && /^\{\s*"/.test(bytes.toString('latin1', 8, 32));
}

const number = (value: number) => value.toLocaleString('en');
