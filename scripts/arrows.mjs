import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { parseSync } from 'oxc-parser';
import { root } from './run.mjs';
import { layers, mostFiles, packages } from './arrow-rules.mjs';

/** Test files: they are not built and may import anything. */
const onlyForTests = /\.(test|test-d|suite|fixture)\.tsx?$/;

/** All source files under a folder, relative to the root, with `/` as the separator. */
function sourcesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !onlyForTests.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** The specifiers that a file imports or re-exports, dynamic imports of a literal included. `isType`: erased when built. */
function importsOf(file) {
  const source = readFileSync(join(root, file), 'utf8');
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const requests = [
    ...module.staticImports.map(({ start, moduleRequest }) => ({ start, moduleRequest })),
    ...module.staticExports.flatMap(({ start, entries }) =>
      entries.map(({ moduleRequest }) => ({ start, moduleRequest })),
    ),
  ];
  const statements = requests.flatMap(({ start, moduleRequest }) =>
    // `import { type A }` leaves an import of nothing behind, which runs the module.
    moduleRequest
      ? { specifier: moduleRequest.value, isType: /^(import|export)\s+type\b/.test(source.slice(start)) }
      : [],
  );
  const literals = module.dynamicImports
    .map(({ moduleRequest: { start, end } }) => source.slice(start, end))
    .filter((text) => /^['"]/.test(text));
  return [...statements, ...literals.map((text) => ({ specifier: text.slice(1, -1), isType: false }))];
}

/** The sources that a package's own alias (`#name` in `imports` of its package.json) stands for, one for each platform. */
function aliased(name, alias) {
  const folder = packages[name].folder.replace(/\/src$/, '');
  const { imports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return Object.values(imports[alias]).map((conditions) => join(folder, conditions['@headway/source']));
}

/** The package of a workspace specifier: `client` for `@headway/client/react`. */
function packageOf(specifier) {
  return /^@headway\/([^/]+)/.exec(specifier)?.[1];
}

/** Strongly connected components of more than one node (Tarjan, 1972). */
function circles(graph) {
  const found = [];
  const stack = [];
  const order = new Map();
  const lowest = new Map();
  function visit(node) {
    order.set(node, order.size);
    lowest.set(node, order.get(node));
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node), lowest.get(next)));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const component = stack.splice(stack.indexOf(node));
    if (component.length > 1) found.push(component);
  }
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
}

/**
 * The import graph between the direct children of a folder, files and folders alike, with the imports behind each edge.
 */
function graphIn(folder, edges) {
  const graph = new Map();
  const examples = new Map();
  const nodeOf = (file) => {
    if (!file.startsWith(`${folder}/`)) return undefined;
    return file.slice(folder.length + 1).split('/')[0];
  };
  for (const [from, to] of edges) {
    const [a, b] = [nodeOf(from), nodeOf(to)];
    if (a === undefined || b === undefined || a === b) continue;
    graph.set(a, (graph.get(a) ?? new Set()).add(b));
    const key = `${a} → ${b}`;
    examples.set(key, [...(examples.get(key) ?? []), `${from} imports ${to}`]);
  }
  return { graph, examples };
}

/** The nodes in an order in which each imports only earlier ones. */
function inOrder(graph) {
  const seen = new Set();
  const ordered = [];
  function visit(node) {
    if (seen.has(node)) return;
    seen.add(node);
    for (const next of graph.get(node) ?? []) visit(next);
    ordered.push(node);
  }
  for (const node of graph.keys()) visit(node);
  return ordered;
}

const problems = [];
const files = Object.keys(packages).flatMap((name) => sourcesIn(packages[name].folder));
const edges = [];
for (const file of files) {
  const own = Object.keys(packages).find((name) => file.startsWith(`${packages[name].folder}/`));
  for (const { specifier, isType } of importsOf(file)) {
    if (specifier.startsWith('.') || specifier.startsWith('#')) {
      for (const to of specifier.startsWith('#') ? aliased(own, specifier) : [join(dirname(file), specifier)]) {
        const target = to.split(sep).join('/');
        if (files.includes(target)) edges.push([file, target]);
        else if (onlyForTests.test(target)) problems.push(`${file} imports ${target}, which only tests may import`);
      }
      continue;
    }
    const other = packageOf(specifier);
    if (other !== undefined && other !== own && !packages[own].imports.includes(other)) {
      problems.push(
        `${file} imports ${specifier}: ${own} may import ${packages[own].imports.join(', ') || 'no other package'}`,
      );
    }
    if (!isType && packages[own].typesOf?.includes(other)) {
      problems.push(`${file} imports ${specifier}, of which ${own} may import types alone; write import type`);
    }
    for (const [library, home] of Object.entries(packages[own].only ?? {})) {
      if (specifier !== library && !specifier.startsWith(`${library}/`)) continue;
      if (file.startsWith(`${packages[own].folder}/${home}/`)) continue;
      problems.push(`${file} imports ${specifier}, which only ${packages[own].folder}/${home} may import`);
    }
  }
}

const graphOfFiles = new Map(files.map((file) => [file, new Set()]));
for (const [from, to] of edges) graphOfFiles.get(from).add(to);
for (const circle of circles(graphOfFiles)) problems.push(`files import each other in a cycle: ${circle.join(', ')}`);

const folders = [
  ...new Set(
    files.flatMap((file) => {
      const names = file.split('/');
      return names.slice(3).map((_, index) => names.slice(0, 3 + index).join('/'));
    }),
  ),
].toSorted((a, b) => (a < b ? -1 : 1));
for (const folder of folders) {
  const flat = files.filter((file) => dirname(file) === folder);
  if (flat.length > mostFiles)
    problems.push(`${folder} has ${flat.length} files, at most ${mostFiles} are allowed; group them in subfolders`);
  const { graph, examples } = graphIn(folder, edges);
  for (const circle of circles(graph)) {
    const causes = [...examples].filter(([key]) => key.split(' → ').every((node) => circle.includes(node)));
    problems.push(
      `${folder}: a cycle of imports between ${circle.join(', ')}\n${causes.map(([key, those]) => `    ${key} (${those.length}): ${those.slice(0, 3).join('; ')}`).join('\n')}`,
    );
  }
  const subfolders = inOrder(graph).filter((node) => !node.includes('.'));
  if (subfolders.length > 1) console.log(`${folder}: ${subfolders.join(' ← ')}`);
  const order = layers[folder];
  if (order === undefined) continue;
  const layerOf = (node) => order.findIndex((layer) => layer.includes(node));
  for (const [from, tos] of graph)
    for (const to of tos) {
      if (layerOf(from) !== -1 && layerOf(to) === -1 && !to.includes('.'))
        problems.push(`${folder}/${to} is in no layer; add it to layers in scripts/arrow-rules.mjs`);
      else if (layerOf(from) !== -1 && layerOf(from) <= layerOf(to))
        problems.push(
          `${folder}: ${from} may not import ${to}: ${examples.get(`${from} → ${to}`).slice(0, 3).join('; ')}`,
        );
    }
}

for (const problem of problems) console.error(problem);
console.log(`${files.length} files, ${edges.length} imports between them, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
