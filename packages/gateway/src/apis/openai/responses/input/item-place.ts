/** Whether an item stands in the request itself, as an entry of `input`. */
export function inRequest(place: string): boolean {
  return place.startsWith('input[');
}

/** The path of an item's field. What is not an entry of `input` (a text, or what was kept) is one with its fields. */
export function fieldAt(place: string, field: string): string {
  return inRequest(place) ? `${place}.${field}` : place;
}
