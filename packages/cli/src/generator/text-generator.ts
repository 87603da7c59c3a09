import type { Engine } from '@headway/engine';

/** Generates text for a command: an engine in this process, or a gateway. */
export type TextGenerator = Pick<Engine, 'generate' | 'models' | 'ready' | 'close'>;
