import type { AnswerOptions } from '../options/answer-options.ts';
import type { GenerationOptions, ModelOptions } from '../options/generation-options.ts';
import type { SavedChatOptions } from './saved/choose-chat.ts';

export type ChatOptions = GenerationOptions & ModelOptions & AnswerOptions & SavedChatOptions;
