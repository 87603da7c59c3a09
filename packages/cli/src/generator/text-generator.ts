import type { Engine } from '@headway/engine';

/** What writes text for a command: an engine in this process, or a gateway elsewhere. */
export type TextGenerator = Pick<Engine, 'generate' | 'models' | 'ready' | 'close'>;
