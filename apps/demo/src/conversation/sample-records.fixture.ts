import { idleGeneration, type GenerationState } from '@headway/client/react';

import type { Conversation, Question, Reply } from '../storage/records.ts';

export function sampleConversation(more: Partial<Conversation> = {}): Conversation {
  return {
    id: 'c',
    title: 'A chat',
    named: false,
    pinned: false,
    created: 1,
    changed: 1,
    deleted: null,
    chosen: {},
    settings: {},
    model: null,
    ...more,
  };
}

export function sampleQuestion(more: Partial<Question> = {}): Question {
  return {
    kind: 'question',
    id: 'q',
    conversation: 'c',
    parent: null,
    created: 1,
    text: 'Why?',
    documents: [],
    ...more,
  };
}

/** A reply that runs, unless `more` has a result. */
export function sampleReply(more: Partial<Reply> = {}): Reply {
  return {
    kind: 'reply',
    id: 'r',
    conversation: 'c',
    parent: 'q',
    created: 2,
    generation: 'g',
    index: 0,
    model: null,
    set: null,
    result: null,
    ...more,
  };
}

export function sampleResult(text: string, more: Partial<GenerationState> = {}): GenerationState {
  return { ...idleGeneration, state: 'done', id: 'g', text, completionTokens: 1, finishReason: 'stop', ...more };
}
