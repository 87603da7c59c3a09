import pc from 'picocolors';

/** Colours for one stream: none if it is not a terminal, or if NO_COLOR is set. */
export function colorsFor(stream: NodeJS.WriteStream) {
  return pc.createColors(canDraw(stream) && !process.env['NO_COLOR']);
}

/** Whether a stream is a terminal that can move its cursor. */
export function canDraw(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && process.env['TERM'] !== 'dumb';
}
