import { storytellerPath } from '@headway/storyteller';

/** Path of the model inside Headway's package. */
export function embeddedModel(): string {
  return storytellerPath;
}
