import type { FieldPath } from '@headway/protocol';
import { limitNames } from '@headway/gateway/limits';

import { configSchema } from './config-schema.ts';
import { modelSchema } from './model-schema.ts';
import { nearestName } from './nearest-name.ts';
import { upstreamSchema } from './upstream-schema.ts';

/** Names that a key has in other programs' files. */
const keyNames = /^(api|auth|access|bearer)?[_-]?(key|token|secret|password|authorization)$/i;

const keyRemedy =
  'a key does not belong in this file, where others may read it; put it into a variable and name that (keyEnv: GPU1_KEY), or into a file (keyFile: ./gpu1.key)';

/** What to do about a field that the schema does not have, worded to follow the field's name. */
export function unknownField(object: FieldPath, name: string): string {
  const place = placeOf(object);
  if (keyNames.test(name)) {
    if (place === 'upstream' || place === 'model') return keyRemedy;
    if (place === 'config')
      return 'a key does not belong in this file, where others may read it; name a file that headway keys made (apiKeyFile: ./keys.txt)';
  }
  if (name.toLowerCase() === 'headers' && place === 'upstream')
    return 'headers cannot be set, since they would hold keys; give the key by keyEnv or keyFile';
  const nearest = nearestName(name, namesAt(place));
  if (nearest !== undefined) return `unknown field; did you mean ${nearest}?`;
  return `unknown field; remove it${place === null ? '' : `, or choose one of ${namesAt(place).join(', ')}`}`;
}

type Place = 'config' | 'model' | 'upstream' | 'limit' | null;

/** Which kind of object stands at a path. */
function placeOf(path: FieldPath): Place {
  const shape = path.map((step) => (typeof step === 'number' ? '#' : step)).join('.');
  switch (shape) {
    case '':
      return 'config';
    case 'models.#':
      return 'model';
    case 'models.#.upstreams.#':
      return 'upstream';
    case 'limit':
      return 'limit';
    default:
      return null;
  }
}

function namesAt(place: Place): readonly string[] {
  switch (place) {
    case 'config':
      return Object.keys(configSchema.shape).filter((name) => name !== '$schema');
    case 'model':
      return Object.keys(modelSchema.shape);
    case 'upstream':
      return Object.keys(upstreamSchema.shape);
    case 'limit':
      return limitNames;
    case null:
      return [];
    default:
      return place satisfies never;
  }
}
