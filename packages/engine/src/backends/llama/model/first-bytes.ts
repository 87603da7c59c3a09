/** How many bytes `whatElseItIs` looks at. */
export const firstBytes = 512;

/** Magic numbers of the formats that llama.cpp had before GGUF, as they lie in a file. */
const ggmlMagics = ['lmgg', 'fmgg', 'tjgg', 'algg'];

/**
 * What a file is that is no GGUF file, and what to do about it, in words that go on from its path; null when its first
 * bytes do not tell. `bytes`: the first ones, `size`: those of the whole file.
 */
export function whatElseItIs(bytes: Buffer, size: number): string | null {
  const text = bytes.toString('latin1');
  if (size === 0) return 'is empty; download it again';
  if (text.startsWith('version https://git-lfs.github.com/')) {
    const whole = /^size (\d+)$/m.exec(text)?.[1];
    const of = whole === undefined ? 'a model' : `a model of ${number(Number(whole))} bytes`;
    return `is a Git LFS pointer in the place of ${of}; run git lfs pull where it lies, or download the file itself`;
  }
  if (/^\s*<(!doctype|html|head|\?xml)/i.test(text)) {
    return 'is a web page that was saved in the place of a model; download the file itself (at Hugging Face its address has /resolve/ in it)';
  }
  if (/^\s*[{[]/.test(text)) return 'is a text in JSON and no model; download the GGUF file itself';
  if (isSafetensors(bytes)) {
    return 'holds weights as safetensors; take a GGUF file of the model, or convert its folder with convert_hf_to_gguf.py of llama.cpp';
  }
  if (text.startsWith('PK\x03\x04') || (bytes[0] === 0x80 && (bytes[1] ?? 0) <= 5)) {
    return 'is a ZIP archive or a pickle, as PyTorch saves weights; take a GGUF file of the model, or convert its folder with convert_hf_to_gguf.py of llama.cpp';
  }
  if (text.startsWith('\x1f\x8b')) return 'is compressed with gzip; unpack it first';
  if (ggmlMagics.includes(text.slice(0, 4))) {
    return 'is a GGML file, which llama.cpp had before GGUF; take a GGUF file of the model';
  }
  if (text.startsWith('GGUF') && bytes.length >= 8 && bytes.readUInt32LE(4) >= 2 ** 16) {
    return 'is a GGUF file for machines with the other byte order; take the little-endian file of the model';
  }
  return null;
}

/** The length of a head of JSON in 8 bytes, then the head. */
function isSafetensors(bytes: Buffer): boolean {
  return bytes.length > 9 && bytes.readBigUInt64LE(0) < 2n ** 32n && /^\{\s*"/.test(bytes.toString('latin1', 8, 32));
}

const number = (value: number) => value.toLocaleString('en');
