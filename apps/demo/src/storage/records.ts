import type { GenerationState } from '@headway/client/react';

import type { Draft } from '../composer/draft.ts';
import type { Settings } from '../settings/settings.ts';

/** What the list shows of a conversation. Its messages are records of their own. */
export interface Conversation {
  id: string;
  title: string;
  /** Whether the user gave the title; else it follows the first message. */
  named: boolean;
  pinned: boolean;
  /** When the first message was sent, in ms since 1970. */
  created: number;
  /** When the last message was sent. */
  changed: number;
  /** When the user deleted it; null if not. A deleted one can be restored for a while. */
  deleted: number | null;
  /** The version to show after each message that has several: the record's id, by the id of the record before it. */
  chosen: Record<string, string>;
  settings: Settings;
  /** Null for the gateway's default model. */
  model: string | null;
}

/** A message of the user. One with the same `parent` as another is another version of it. */
export interface Question extends Draft {
  kind: 'question';
  id: string;
  conversation: string;
  /** The answer before it; null at the beginning. */
  parent: string | null;
  created: number;
}

/** An answer to a message. One with the same `parent` as another is another version of it. */
export interface Reply {
  kind: 'reply';
  id: string;
  conversation: string;
  /** The question. */
  parent: string;
  created: number;
  /** The generation that writes it, which may write several choices. */
  generation: string;
  /** Which of the generation's choices it is. */
  index: number;
  /** The model that was asked for; null for the gateway's default. */
  model: string | null;
  /** Whether JSON of a schema was asked for; left out if not. */
  json?: true;
  /** Replies with the same set were asked for together and are shown side by side; null for a single one. */
  set: string | null;
  /** The generation's state at its end; null while it runs. */
  result: GenerationState | null;
  /** What it had written when it was last stored, for the case that the gateway forgets it; left out before. */
  soFar?: Pick<GenerationState, 'text' | 'reasoning' | 'completionTokens'>;
}

export type Message = Question | Reply;

/** The most replies of one set. */
export const mostOfSet = 8;

/** Id of the place before the first message, in `chosen`. */
export const beginning = 'beginning';
