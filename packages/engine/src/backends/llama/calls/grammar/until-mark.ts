import { charClass, type CodeRange } from '@headway/json-grammar';

const lastCode = 0x10_ff_ff;

/** Rules for any text up to the first occurrence of a mark, and the mark; the first rule is called `name`. */
export function untilMark(name: string, mark: string): string {
  const codes = Array.from(mark, (char) => char.codePointAt(0) ?? 0);
  const alphabet = [...new Set(codes)].sort((one, other) => one - other);
  const rule = (state: number): string => (state === 0 ? name : `${name}-${state}`);
  const others = charClass(gapsOf(alphabet));
  return codes
    .map((_, state) => {
      const ways = alphabet.map((code) => {
        const next = nextState(codes, state, code);
        return next === codes.length ? charClass([[code, code]]) : `${charClass([[code, code]])} ${rule(next)}`;
      });
      return `${rule(state)} ::= ${[...ways, `${others} ${rule(0)}`].join(' | ')}\n`;
    })
    .join('');
}

/** How much of the mark the text ends with, after `state` characters of it and then this one. */
function nextState(codes: readonly number[], state: number, code: number): number {
  const written = [...codes.slice(0, state), code];
  for (let length = written.length; length > 0; length--) {
    if (written.slice(-length).every((one, at) => one === codes[at])) return length;
  }
  return 0;
}

/** All characters except these, which must be sorted. */
export function gapsOf(codes: readonly number[]): CodeRange[] {
  const gaps: CodeRange[] = [];
  let from = 1;
  for (const code of codes) {
    if (code > from) gaps.push([from, code - 1]);
    from = code + 1;
  }
  return [...gaps, [from, lastCode]];
}
