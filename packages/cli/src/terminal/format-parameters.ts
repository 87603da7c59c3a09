/** Formats a number of parameters as model cards do: `4.0 B`, `5.2 M`. */
export function formatParameters(parameters: number): string {
  return parameters >= 1e9 ? `${(parameters / 1e9).toFixed(1)} B` : `${(parameters / 1e6).toFixed(1)} M`;
}
