import type { ModelInfo } from '@headway/protocol';

/** The models that keep a gateway from being ready. A model that is loaded on demand does so only when it failed. */
export function unreadyModels(models: readonly ModelInfo[]): ModelInfo[] {
  return models.filter(({ state, onDemand = false }) => {
    switch (state) {
      case 'failed':
        return true;
      case 'loading':
        return !onDemand;
      case 'ready':
      case 'unloaded':
      case 'unloading':
        return false;
      default:
        return state satisfies never;
    }
  });
}
