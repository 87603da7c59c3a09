import type { Issue } from '@headway/protocol';

/** Ids and aliases that occur twice, each at its second place. Where an id was left out, the file's name is the id. */
export function nameFaults(models: readonly { id: string; aliases: readonly string[] }[]): Issue[] {
  const issues: Issue[] = [];
  const owners = new Map<string, string>();
  const claim = (name: string, path: Issue['path'], what: string) => {
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, what);
    else issues.push({ path, message: `is ${owner} already; choose another name` });
  };
  // Ids first, since they cannot give way as an alias can.
  for (const [at, { id }] of models.entries()) claim(id, ['models', at, 'id'], `the id of models[${at}]`);
  for (const [at, { aliases }] of models.entries())
    for (const [index, alias] of aliases.entries())
      claim(alias, ['models', at, 'aliases', index], `an alias of models[${at}]`);
  return issues;
}
