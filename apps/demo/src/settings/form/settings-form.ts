import { createGenerationId, formatPath, isHeadwayError, parse, type Issue } from '@headway/protocol';

import { numberFields, type NumberField } from './number-fields.ts';
import { settingsSchema } from '../settings-schema.ts';
import type { Settings, ToolDefinition } from '../settings.ts';
import { stopLines, stopTexts } from './stop-texts.ts';

/** A tool as the user writes it. */
export interface ToolForm {
  /** Tells tools apart while they have no name. */
  key: string;
  name: string;
  description: string;
  /** JSON text. */
  parameters: string;
}

/** The settings as the user writes them. An empty text leaves a setting out. */
export interface SettingsForm extends Record<NumberField, string> {
  system: string;
  thinking: 'default' | 'on' | 'off';
  stop: string;
  /** JSON text. */
  answerSchema: string;
  tools: readonly ToolForm[];
}

/** What is wrong, in a sentence, by the field's name: `temperature`, or `tools[0].name`. */
export type Faults = ReadonlyMap<string, string>;

export function formOf(settings: Settings): SettingsForm {
  const { system = '', thinking, stop = [], answerSchema, tools = [] } = settings;
  const numbers = numberFields.map(({ name }) => [name, settings[name]?.toString() ?? '']);
  return {
    ...(Object.fromEntries(numbers) as Record<NumberField, string>),
    system,
    thinking: thinking === undefined ? 'default' : thinking ? 'on' : 'off',
    stop: stopLines(stop),
    answerSchema: answerSchema ? jsonText(answerSchema) : '',
    tools: tools.map(({ name, description = '', parameters }) => ({
      key: createGenerationId(),
      name,
      description,
      parameters: parameters ? jsonText(parameters) : '',
    })),
  };
}

/** Reads what the user wrote: the settings, or what is wrong with which field, and how to mend it. */
export function readForm(
  form: SettingsForm,
): { settings: Settings; faults: null } | { settings: null; faults: Faults } {
  const faults = new Map<string, string>();
  const settings: Settings = {};
  for (const { name, label } of numberFields) {
    const text = form[name].trim();
    if (text === '') continue;
    if (decimal.test(text)) settings[name] = Number(text.replace(',', '.'));
    else faults.set(name, `${label} must be a number. ${remedyOf(name)}`);
  }
  if (form.system.trim() !== '') settings.system = form.system;
  if (form.thinking !== 'default') settings.thinking = form.thinking === 'on';
  const stop = stopTexts(form.stop);
  if (stop.length > 0) settings.stop = stop;
  const readJson = (field: string, label: string, text: string): Record<string, unknown> | undefined => {
    const { value, fault } = readSchema(text);
    if (fault !== null) faults.set(field, `${label} ${fault}`);
    return value;
  };
  const answerSchema = readJson('answerSchema', labelOf('answerSchema'), form.answerSchema);
  if (answerSchema) settings.answerSchema = answerSchema;
  const tools = form.tools.map(({ name, description, parameters: text }, at): ToolDefinition => {
    const field = `tools[${at}].parameters`;
    const parameters = readJson(field, labelOf(field), text);
    return {
      name: name.trim(),
      ...(description.trim() !== '' && { description }),
      ...(parameters && { parameters }),
    };
  });
  if (tools.length > 0) settings.tools = tools;
  for (const [field, fault] of faultsOf(schemaIssues(settings))) if (!faults.has(field)) faults.set(field, fault);
  return faults.size > 0 ? { settings: null, faults } : { settings, faults: null };
}

/** Issues as sentences by field. The gateway's issues name the fields of its requests. */
export function faultsOf(issues: readonly Issue[]): Faults {
  const faults = new Map<string, string>();
  for (const { path, message } of issues) {
    const [first, ...rest] = path[0] === 'responseFormat' ? ['answerSchema', ...path.slice(2)] : path;
    const depth = first === 'tools' ? 2 : 0;
    const field = formatPath([first ?? '', ...rest.slice(0, depth)]);
    // Which of the stop texts is wrong shows by itself. Faults inside a schema name the place in it.
    const inside = rest.slice(depth);
    const place = !isSchema.test(field) ? '' : inside.length === 0 ? ':' : `: ${formatPath(inside)}`;
    if (!faults.has(field)) faults.set(field, `${labelOf(field)}${place} ${message}. ${remedyOf(field)}`.trim());
  }
  return faults;
}

const isSchema = /(^answerSchema|parameters)$/;
const decimal = /^[-+]?(\d+([.,]\d*)?|[.,]\d+)$/;

const labels: Readonly<Record<string, string>> = {
  ...Object.fromEntries(numberFields.map(({ name, label }) => [name, label])),
  system: 'System prompt',
  stop: 'Stop texts',
  answerSchema: 'The schema',
  tools: 'Tools',
  name: 'The name',
  description: 'The description',
  parameters: 'The schema of the arguments',
};

function labelOf(field: string): string {
  return labels[/\w+$/.exec(field)?.[0] ?? ''] ?? field;
}

function remedyOf(field: string): string {
  const number = numberFields.find(({ name }) => name === field);
  return number ? `Enter another, or leave it empty for the default: ${number.fallback}.` : '';
}

function schemaIssues(settings: Settings): readonly Issue[] {
  try {
    parse(settingsSchema, settings);
    return [];
  } catch (thrown) {
    if (isHeadwayError(thrown)) return thrown.issues;
    throw thrown;
  }
}

function readSchema(text: string): { value: Record<string, unknown> | undefined; fault: string | null } {
  if (text.trim() === '') return { value: undefined, fault: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    return { value: undefined, fault: `is not JSON: ${placeIn(text, thrown)} Mend it there, or choose an example.` };
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return { value: value as Record<string, unknown>, fault: null };
  }
  return { value: undefined, fault: 'must be a JSON object, such as {"type": "object"}.' };
}

/** Where a text stops being JSON, as far as the browser tells. */
function placeIn(text: string, thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : '';
  const [, position] = /position (\d+)/.exec(message) ?? [];
  if (position === undefined) return text.trim().length > 0 && /end of/i.test(message) ? 'it ends too early.' : '';
  const before = text.slice(0, Number(position)).split('\n');
  return `line ${before.length}, character ${(before.at(-1)?.length ?? 0) + 1}.`;
}

function jsonText(value: object): string {
  return JSON.stringify(value, null, 2);
}
