import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { root } from './run.mjs';

const skipped = new Set(['node_modules', 'dist', 'out', '.git', '.turbo', 'coverage']);

/** Every file of the repository, relative to the root, with `/` between names. */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [relative(root, path).split(sep).join('/')];
  });
}

/** GitHub's anchors: of each heading, a second one of the same text with `-1`, and of each `<a id>`. */
function anchorsIn(text) {
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id));
  for (const [, heading] of withoutFences(text).matchAll(/^#+ +(.+)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

function withoutFences(text) {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

const files = filesIn(root);
const problems = [];
for (const page of files.filter((file) => file.endsWith('.md'))) {
  const text = withoutFences(readFileSync(join(root, page), 'utf8'));
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path, anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path).split(sep).join('/');
    if (!existsSync(join(root, file))) problems.push(`${page}: ${target} does not exist`);
    else if (anchor !== undefined && !anchorsIn(readFileSync(join(root, file), 'utf8')).has(anchor))
      problems.push(`${page}: ${file} has no heading for #${anchor}`);
  }
  // A source file or folder that a page names without a link.
  for (const [, name] of text.matchAll(/`([\w./*-]+)`/g)) {
    const isFile = /^[\w./-]+\.(ts|tsx|mjs|py)$/.test(name);
    const isFolder = /^(packages|apps|tests|docs|examples|models|scripts|bench)\/[\w./-]*$/.test(name);
    if (isFile && !files.some((file) => `/${file}`.endsWith(`/${name}`))) problems.push(`${page}: there is no ${name}`);
    else if (!isFile && isFolder && !/\b(dist|out)\b/.test(name) && !existsSync(join(root, name)))
      problems.push(`${page}: there is no ${name}`);
  }
}

for (const source of files.filter((file) => /\.(ts|tsx|mjs)$/.test(file))) {
  // A page that a comment names; addresses elsewhere have a slash before it.
  for (const [page] of readFileSync(join(root, source), 'utf8').matchAll(/(?<![\w/])docs\/[\w./-]+\.md/g))
    if (!existsSync(join(root, page))) problems.push(`${source}: ${page} does not exist`);
}

for (const problem of problems) console.error(problem);
console.log(`${problems.length} problems in the links of ${files.filter((file) => file.endsWith('.md')).length} pages`);
if (problems.length > 0) process.exitCode = 1;
