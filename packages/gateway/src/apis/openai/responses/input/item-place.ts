/** Whether a place is an entry of the request's `input`. */
export function inRequest(place: string): boolean {
  return place.startsWith('input[');
}

/**
 * The path of an item's field. Other places (an `input` that is a text, or a kept response) have no paths for fields.
 */
export function fieldAt(place: string, field: string): string {
  return inRequest(place) ? `${place}.${field}` : place;
}
