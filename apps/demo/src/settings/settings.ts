import type { GenerateInput } from '@headway/client';

/** Fields of a request that the settings have under the same name. */
type SampledBy = Pick<
  GenerateInput,
  | 'temperature'
  | 'topP'
  | 'topK'
  | 'minP'
  | 'seed'
  | 'maxTokens'
  | 'repeatPenalty'
  | 'presencePenalty'
  | 'frequencyPenalty'
>;

/** A tool that the model may call. The user runs it and pastes its result in. */
export interface ToolDefinition {
  name: string;
  description?: string;
  /** JSON schema of the arguments; any object without it. */
  parameters?: Record<string, unknown>;
}

/** Settings for the next answers. One that is left out has the gateway's default. */
export interface Settings extends SampledBy {
  /** The first message of each request, with the role `system`. */
  system?: string;
  /** Whether a model that can reason does so. */
  thinking?: boolean;
  /** The answer ends before the first of these. */
  stop?: string[];
  /** The answer is JSON of this schema. */
  answerSchema?: Record<string, unknown>;
  tools?: ToolDefinition[];
}

/** The settings of a request that begins with the defaults of everything. */
export const noSettings: Settings = {};

/** What the settings put into a request, but for the system prompt, which is one of its messages. */
export function requestFields(settings: Settings): Partial<GenerateInput> {
  const { system: _, thinking, answerSchema, ...fields } = settings;
  return {
    ...fields,
    ...(thinking !== undefined && { chatTemplateKwargs: { enable_thinking: thinking } }),
    ...(answerSchema && { responseFormat: { type: 'json', schema: answerSchema } }),
  };
}
