/**
 * Decodes UTF-8, UTF-16 with a byte order mark, or else `fallback`, by default windows-1252; null for a file that is not
 * text.
 */
export function decodeText(content: Uint8Array, fallback = 'windows-1252'): string | null {
  const [first, second] = content;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(content);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(content);
  if (hasControls(content.subarray(0, 64 * 1024))) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return decoder(fallback).decode(content);
  }
}

/** A label that a page gives itself may be wrong. */
function decoder(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder('windows-1252');
  }
}

/** Control characters that do not occur in text: all but tab, line feed, form feed, carriage return and escape. */
function hasControls(content: Uint8Array): boolean {
  return content.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27);
}
