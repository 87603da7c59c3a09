import type { z } from 'zod';

import { readOr } from '../read-or.ts';

/** The kind of each part that is not text, by its type in all APIs. */
const kinds: Readonly<Record<string, string>> = {
  image: 'image',
  image_url: 'image',
  input_image: 'image',
  document: 'document',
  file: 'document',
  container_upload: 'document',
  input_file: 'document',
  input_audio: 'audio',
  audio: 'audio',
  video_url: 'video',
  input_video: 'video',
};

/** A part of a message that is not text. Only its type is kept. */
export interface LeftOutPart {
  leftOut: string;
}

/** A schema that also accepts parts that are not text, as `LeftOutPart`. */
export function orLeftOut<Schema extends z.ZodType>(schema: Schema) {
  return readOr((part): LeftOutPart | null => {
    const leftOut = typeOf(part);
    return isNoText(leftOut) ? { leftOut } : null;
  }, schema);
}

export function isLeftOut(part: object): part is LeftOutPart {
  return 'leftOut' in part;
}

/** A text that stands in a line of its own between other texts. */
export interface OwnLine {
  line: string;
}

export function isOwnLine(part: object): part is OwnLine {
  return 'line' in part;
}

/** Joins the texts of parts without a separator. Each left-out part and each `OwnLine` becomes a line of its own. */
export function joinParts<Part extends object>(
  parts: readonly (Part | LeftOutPart | OwnLine)[],
  textOf: (part: Part) => string,
): string {
  let text = '';
  let ended = true;
  for (const part of parts) {
    if (isLeftOut(part) || isOwnLine(part)) {
      const line = isLeftOut(part) ? lineFor(part) : part.line;
      if (line === '') continue;
      text += `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}`;
      ended = false;
      continue;
    }
    const words = textOf(part);
    if (words === '') continue;
    text += !ended && !words.startsWith('\n') ? `\n${words}` : words;
    ended = true;
  }
  return text;
}

/** Whether parts of a type are known not to be text. */
export function isNoText(type: unknown): type is string {
  return typeof type === 'string' && Object.hasOwn(kinds, type);
}

/** The line that the model reads in place of a left-out part. */
export function lineFor({ leftOut }: LeftOutPart): string {
  return `[${kinds[leftOut] ?? leftOut} left out: this model reads text only]`;
}

function typeOf(part: unknown): string | null {
  if (typeof part !== 'object' || part === null || !('type' in part)) return null;
  return typeof part.type === 'string' ? part.type : null;
}
