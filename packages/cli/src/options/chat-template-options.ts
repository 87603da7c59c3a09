import { readFileSync } from 'node:fs';

import { InvalidArgumentError, Option } from 'commander';

/** What `chatTemplateOptions()` leave behind: a template in Jinja. */
export interface ChatTemplateChoice {
  chatTemplate?: string;
  /** Read when the flag is. */
  chatTemplateFile?: string;
}

export function chatTemplateOptions(): Option[] {
  return [
    new Option('--chat-template <jinja>', "a chat template in the place of the first model's own").conflicts(
      'chatTemplateFile',
    ),
    new Option('--chat-template-file <path>', 'the same, from a file').argParser((path: string) => {
      try {
        return readFileSync(path, 'utf8');
      } catch (thrown) {
        throw new InvalidArgumentError(thrown instanceof Error ? thrown.message : String(thrown));
      }
    }),
  ];
}

export function chosenTemplate({ chatTemplate, chatTemplateFile }: ChatTemplateChoice): string | undefined {
  return chatTemplate ?? chatTemplateFile;
}
