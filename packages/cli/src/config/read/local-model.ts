import { readFileSync, statSync } from 'node:fs';

import { isModelAddress, modelIdOf } from '@headway/engine';
import type { Issue } from '@headway/protocol';

import type { ParsedModel } from '../schema/config-schema.ts';
import type { ConfiguredLocalModel } from '../serve-config.ts';
import { configPath } from './config-paths.ts';

/** A local model of a config file, with the files that it names found; `fault` is told what is not there. */
export function localModel(
  { file = '', id, aliases = [], chatTemplate, chatTemplateFile, ...model }: ParsedModel,
  folder: string,
  fault: (field: string, message: string) => void,
): ConfiguredLocalModel {
  const address = isModelAddress(file);
  const path = address ? file : configPath(folder, file);
  const missing = address ? null : whyNoFile(path);
  if (missing !== null) fault('file', missing);
  let template = chatTemplate;
  if (chatTemplateFile !== undefined) {
    const templatePath = configPath(folder, chatTemplateFile);
    const unreadable = whyNoFile(templatePath);
    if (unreadable === null) template = readFileSync(templatePath, 'utf8');
    else fault('chatTemplateFile', unreadable);
  }
  const { ctx, parallel, ttl, threads, kvType, flashAttn, batchSize, gpuLayers, mlock } = model;
  return {
    kind: 'local',
    id: id ?? modelIdOf(file),
    aliases,
    file: path,
    chatTemplate: template,
    ctx,
    parallel,
    ttl,
    threads,
    kvType,
    flashAttn,
    batchSize,
    gpuLayers,
    mlock,
  };
}

/** Why a file cannot be read, with the remedy; null if it can. */
export function whyNoFile(path: string): Issue['message'] | null {
  try {
    return statSync(path).isFile() ? null : `${path} is not a file; give the path of one`;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    return code === 'ENOENT'
      ? `there is no file ${path}; paths begin at the config file's folder`
      : `${path} cannot be read (${code}); check the path and its owner`;
  }
}
