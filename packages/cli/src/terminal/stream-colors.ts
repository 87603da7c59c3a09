import pc from 'picocolors';

/** Colours for one stream: none where it is no terminal, or where NO_COLOR is set. */
export function colorsFor(stream: NodeJS.WriteStream) {
  return pc.createColors(canDraw(stream) && !process.env['NO_COLOR']);
}

/** Whether a stream is a terminal that moves its cursor when it is told to. */
export function canDraw(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && process.env['TERM'] !== 'dumb';
}
