import type { FieldPath } from '@headway/protocol';

/** Whether a place is an entry of the request's `input`. */
export function inRequest(place: FieldPath): boolean {
  return place[0] === 'input' && place.length > 1;
}

/**
 * The path of an item's field. Other places (an `input` that is a text, or a kept response) have no paths for fields.
 */
export function fieldAt(place: FieldPath, field: string): FieldPath {
  return inRequest(place) ? [...place, field] : place;
}
