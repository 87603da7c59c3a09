const words = ['the', 'fox', 'and', 'a', 'small', 'owl', 'read', 'the', 'book', 'in', 'the', 'library'];

/** Words of about one token each, the same ones for the same seed. */
export function prose(tokens: number, seed: number): string {
  return Array.from({ length: tokens }, (_, at) => words[(at * 7 + seed * 5 + (at % 11) * seed) % words.length]).join(
    ' ',
  );
}
