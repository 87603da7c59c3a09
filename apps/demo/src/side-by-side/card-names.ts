import type { Reply } from '../storage/records.ts';

/** What to call each of several answers: by its model where they differ, and by its number where one model has several. */
export function cardNames(replies: readonly Pick<Reply, 'model'>[]): string[] {
  const models = new Set(replies.map(({ model }) => model));
  if (models.size < 2) return replies.map((_, at) => `Answer ${at + 1}`);
  const seen = new Map<string | null, number>();
  const each = replies.length / models.size;
  return replies.map(({ model }) => {
    const number = (seen.get(model) ?? 0) + 1;
    seen.set(model, number);
    const name = model ?? 'The gateway’s model';
    return each > 1 ? `${name}, answer ${number}` : name;
  });
}
