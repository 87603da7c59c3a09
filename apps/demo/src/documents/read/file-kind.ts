/** What a file is, by its first bytes; its name decides only between kinds of text and between kinds of archives. */
export type FileKind = 'pdf' | 'docx' | 'office' | 'archive' | 'image' | 'media' | 'html' | 'text';

/** `text` also for what may turn out to be binary when it is decoded. */
export function fileKind(name: string, content: Uint8Array): FileKind {
  const starts = (...signatures: string[]) => signatures.some((signature) => startsWith(content, signature));
  // A PDF may begin with a few other bytes.
  if (latin(content.subarray(0, 1024)).includes('%PDF-')) return 'pdf';
  if (starts('PK\x03\x04', 'PK\x05\x06')) return zipKind(name);
  // The container of .doc, .xls and .ppt, and of documents with a password.
  if (starts('\xd0\xcf\x11\xe0', '{\\rtf')) return 'office';
  if (starts('\x1f\x8b', '7z\xbc\xaf', 'Rar!', 'BZh', '\xfd7zXZ', '\x28\xb5\x2f\xfd')) return 'archive';
  if (starts('\x89PNG', '\xff\xd8\xff', 'GIF8', 'BM', 'II*\0', 'MM\0*') && hasZero(content)) return 'image';
  if (starts('RIFF') && latin(content.subarray(8, 12)) === 'WEBP') return 'image';
  if (starts('RIFF', 'ID3', 'OggS', 'fLaC', '\x1aE\xdf\xa3') || latin(content.subarray(4, 8)) === 'ftyp')
    return 'media';
  if (/\.x?html?$/i.test(name)) return 'html';
  const head = latin(content.subarray(0, 256)).replace(/^\xef\xbb\xbf/, '');
  return /^\s*(<!doctype html|<html[\s>])/i.test(head) && !/\.\w+$/.test(name) ? 'html' : 'text';
}

function zipKind(name: string): FileKind {
  if (/\.docx$/i.test(name)) return 'docx';
  return /\.(xlsx|pptx|odt|ods|odp|epub|pages|numbers|key)$/i.test(name) ? 'office' : 'archive';
}

/** Why a file of this kind is refused, to follow its name, and what to do. Null for kinds whose text can be read. */
export function refusal(kind: FileKind | 'binary'): string | null {
  switch (kind) {
    case 'pdf':
    case 'docx':
    case 'html':
    case 'text':
      return null;
    case 'office':
      return 'is an Office document or a book, which this page cannot read. Save it as PDF, Word (.docx) or text, or copy its text and paste it here.';
    case 'archive':
      return 'is an archive. Unpack it and attach the files or the folder.';
    case 'image':
      return 'is an image, and this page sends text only. Copy its text, if it has any, and paste it here.';
    case 'media':
      return 'is sound or film, and this page sends text only.';
    case 'binary':
      return 'is a binary file, not text. Attach text, such as .txt, .md, .csv or source code.';
    default:
      return kind satisfies never;
  }
}

function startsWith(content: Uint8Array, signature: string): boolean {
  return latin(content.subarray(0, signature.length)) === signature;
}

function latin(content: Uint8Array): string {
  return String.fromCharCode(...content);
}

/** Short signatures like `BM` also begin texts; images have zeros. */
function hasZero(content: Uint8Array): boolean {
  return content.subarray(0, 1024).includes(0);
}
