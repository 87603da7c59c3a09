/** Cuts a long name in its middle, since its end often tells more: `annual-report-of-t…-2024.pdf`. */
export function shortenMiddle(name: string, most: number): string {
  if (name.length <= most) return name;
  const characters = Array.from(name);
  const end = Math.floor((most - 1) * 0.4);
  const start = most - 1 - end;
  // A character may have two code units: whole ones are kept, and no more code units than `most`.
  return `${takeUnits(characters, start)}…${takeUnits(characters.toReversed(), end, true)}`;
}

function takeUnits(characters: readonly string[], most: number, reversed = false): string {
  const taken: string[] = [];
  let length = 0;
  for (const character of characters) {
    length += character.length;
    if (length > most) break;
    taken.push(character);
  }
  return (reversed ? taken.toReversed() : taken).join('');
}
