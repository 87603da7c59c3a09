// Writes an untrained model of a real shape: as fast as a trained one, but its text is nonsense.
// npm run bench -- model --shape 100m|364m|1b|7b [--quant q8_0|q4_0] [--out FILE]
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { isShapeName, shapes } from './untrained/shapes.ts';
import { formats, isFormatName } from './untrained/tensor-formats.ts';
import { untrainedModel, writeModel } from './untrained/write-model.ts';

const { values } = parseArgs({
  options: {
    shape: { type: 'string', default: '364m' },
    quant: { type: 'string', default: 'q8_0' },
    out: { type: 'string' },
  },
});
const { shape, quant, out } = values;
if (!isShapeName(shape)) throw new Error(`--shape: ${shape} is none of ${Object.keys(shapes).join(', ')}`);
if (!isFormatName(quant)) throw new Error(`--quant: ${quant} is none of ${Object.keys(formats).join(', ')}`);
if (out !== undefined) await writeModel(out, shape, quant);
const file = out ?? (await untrainedModel(shape, quant));
console.log(`${file}: ${(statSync(file).size / 1e6).toLocaleString('en', { maximumFractionDigits: 0 })} MB`);
