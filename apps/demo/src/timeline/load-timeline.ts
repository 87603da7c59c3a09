import type { GenerationState } from '@headway/client/react';
import type { ComponentType } from 'react';

/** Loads the timeline, which the first message does not need. Without the gateway it becomes a line that says so. */
export function loadTimeline(): Promise<{ default: ComponentType<{ answer: GenerationState }> }> {
  return import('./timeline.tsx').catch(() => ({ default: NotLoaded }));
}

function NotLoaded() {
  return 'The timeline could not be loaded. Reload the page when the gateway is there.';
}
