/**
 * The map key of an owner's entry. Ids are unique for one owner only. They contain no slash, so the keys of two owners
 * differ.
 */
export function ownedKey(owner: string, id: string): string {
  return `${owner}/${id}`;
}
