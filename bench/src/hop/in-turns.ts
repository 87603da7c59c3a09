export interface Pair<Figures> {
  direct: Figures;
  through: Figures;
}

/** Measures both ways once a round, and changes who is first. */
export async function inTurns<Figures>(
  rounds: number,
  ways: Record<keyof Pair<Figures>, () => Promise<Figures>>,
): Promise<Pair<Figures>[]> {
  const pairs: Pair<Figures>[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const direct = await ways.direct();
      pairs.push({ direct, through: await ways.through() });
    } else {
      const through = await ways.through();
      pairs.push({ direct: await ways.direct(), through });
    }
  }
  return pairs;
}
