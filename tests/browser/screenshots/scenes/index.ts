import type { Scene } from '../stage.ts';
import { markdown, writing } from './answers.ts';
import { conversations, gatewayPanel } from './around.ts';
import { documents, emptyPage } from './before-sending.ts';
import { estimated, reading } from './reading.ts';
import { settings } from './settings.ts';
import { sideBySide } from './side-by-side.ts';
import { crash, cut, errors, gone, key, stall } from './troubles.ts';
import { loading, queue, turn } from './waiting.ts';

/** In the order of their page. */
export const scenes: readonly Scene[] = [
  emptyPage,
  documents,
  loading,
  queue,
  turn,
  reading,
  estimated,
  writing,
  markdown,
  sideBySide,
  gatewayPanel,
  conversations,
  settings,
  stall,
  cut,
  crash,
  gone,
  errors,
  key,
];
