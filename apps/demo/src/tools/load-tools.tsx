import { lazy } from 'react';

/** What shows tool calls and their results. No message needs it to be sent. */
export const ToolCalls = lazy(() => import('./tool-calls.tsx').catch(() => ({ default: NotLoaded })));
export const ToolResults = lazy(() => import('./tool-results.tsx').catch(() => ({ default: NotLoaded })));

function NotLoaded() {
  return (
    <p className="setting-hint">The tool’s call could not be loaded. Reload the page when the gateway is there.</p>
  );
}
