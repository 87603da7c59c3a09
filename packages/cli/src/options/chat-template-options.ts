import { readFileSync } from 'node:fs';

import { InvalidArgumentError, Option } from 'commander';

/** The values of `chatTemplateOptions()`: Jinja templates. */
export interface ChatTemplateSource {
  chatTemplate?: string;
  /** The file's content, read when the flag is parsed. */
  chatTemplateFile?: string;
}

export function chatTemplateOptions(): Option[] {
  return [
    new Option('--chat-template <jinja>', "a chat template in place of the first model's own").conflicts(
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

export function chosenTemplate({ chatTemplate, chatTemplateFile }: ChatTemplateSource): string | undefined {
  return chatTemplate ?? chatTemplateFile;
}
