import pc from 'picocolors';

/** Colours for one stream: none where it is no terminal, or where NO_COLOR is set. */
export function colorsFor(stream: NodeJS.WriteStream) {
  return pc.createColors(stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb');
}
