import { storytellerPath } from '@headway/storyteller';

/** Path of the model that comes with Headway. */
export function embeddedModel(): string {
  return storytellerPath;
}
