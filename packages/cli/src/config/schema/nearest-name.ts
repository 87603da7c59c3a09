import { closestMatch } from 'leven';

/**
 * The name that was meant by one that does not exist; undefined if none is near. Case, `_` and `-` do not count, so that
 * `max_queue` finds `maxQueue`.
 */
export function nearestName(wrong: string, names: readonly string[]): string | undefined {
  const plain = plainName(wrong.slice(0, 100));
  const plainNames = names.map(plainName);
  const nearest = closestMatch(plain, plainNames, {
    maxDistance: plain.length < 4 ? 1 : Math.max(2, Math.floor(plain.length / 3)),
  });
  return nearest === undefined ? undefined : names[plainNames.indexOf(nearest)];
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}
