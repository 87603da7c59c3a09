/** The key under which a map holds an owner's entry: ids are unique within their owner only. Ids hold no slash, so the keys of two owners differ. */
export function ownedKey(owner: string, id: string): string {
  return `${owner}/${id}`;
}
