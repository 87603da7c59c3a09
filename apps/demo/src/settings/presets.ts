import { createGenerationId } from '@headway/protocol';

import type { Settings } from './settings.ts';

/** A named set of settings. */
export interface Preset {
  id: string;
  name: string;
  settings: Settings;
}

/** They set the sampling alone: the system prompt, the form of the answer and the tools stay. */
export const builtInPresets: readonly (Preset & { hint: string })[] = [
  { id: 'exact', name: 'Exact', hint: 'Always the likeliest token', settings: { temperature: 0 } },
  { id: 'default', name: 'Default', hint: 'The gateway’s defaults', settings: {} },
  { id: 'lively', name: 'Lively', hint: 'More surprising, and more mistakes', settings: { temperature: 1.1 } },
];

export function withSampling(settings: Settings, { settings: sampling }: Preset): Settings {
  return { ...contentOf(settings), ...sampling };
}

/** The built-in preset whose sampling the settings have; undefined for other sampling. */
export function samplingPreset(settings: Settings): Preset | undefined {
  return builtInPresets.find((preset) => sameSettings(settings, withSampling(settings, preset)));
}

/** The preset to save the settings as: one of the same name is replaced. */
export function presetNamed(presets: readonly Preset[], name: string, settings: Settings): Preset {
  const known = presets.find((one) => sameName(one.name, name));
  return { id: known?.id ?? createGenerationId(), name: name.trim(), settings };
}

const longestName = 60;

/** Why a preset cannot have a name, or null. `own` is the preset that is renamed. */
export function presetNameFault(presets: readonly Preset[], name: string, own?: Preset): string | null {
  const trimmed = name.trim();
  if (trimmed === '') return 'The preset needs a name. Enter one.';
  if (trimmed.length > longestName) {
    return `The name has ${trimmed.length} characters. Enter at most ${longestName}.`;
  }
  if (builtInPresets.some((one) => sameName(one.name, trimmed))) {
    return `“${trimmed}” is built in. Enter another name.`;
  }
  if (own && presets.some((one) => one.id !== own.id && sameName(one.name, trimmed))) {
    return `There is a preset “${trimmed}” already. Enter another name.`;
  }
  return null;
}

export function sameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

export function sameSettings(one: Settings, other: Settings): boolean {
  return canonical(one) === canonical(other);
}

function canonical(settings: Settings): string {
  const set = Object.entries(settings).filter(([, value]) => value !== undefined);
  return JSON.stringify(set.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function contentOf({ system, thinking, maxTokens, stop, answerSchema, tools }: Settings): Settings {
  const content = { system, thinking, maxTokens, stop, answerSchema, tools };
  return Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined));
}
