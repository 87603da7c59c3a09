/** Settings for the next answers. An undefined one has the gateway's default. */
export interface Settings {
  temperature?: number;
  maxTokens?: number;
}

export const temperatures = [
  { label: 'Exact', value: 0, hint: 'Temperature 0: always the likeliest token' },
  { label: 'Default', value: undefined, hint: 'The gateway’s default temperature' },
  { label: 'Lively', value: 1.1, hint: 'Temperature 1.1: more surprising, and more mistakes' },
] as const;

export const lengths = [64, 256, 1024, 4096] as const;
