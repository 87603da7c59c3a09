/** What the head of a GGUF file says of what its model is for. */
export interface ModelKind {
  /** `general.architecture`. */
  architecture: string | null;
  /** `general.type`. */
  type: string | null;
  /** `<architecture>.pooling_type`: 0 none, 1 mean, 2 first, 3 last, 4 rank. */
  pooling: number | null;
  /** `<architecture>.attention.causal`: whether tokens see only those before them, as they must in order to write. */
  causal: boolean | null;
  /** In all parts of a split file. */
  tensors: number;
}

const rankPooling = 4;

/** Architectures whose models see a text from both sides. */
const encoders = /^(bert|modern-bert|nomic-bert(-moe)?|neo-bert|jina-bert-v[23]|eurobert|gemma-embedding|t5encoder)$/;

/** Architectures that guess for another model and cannot write alone. */
const drafters = /^(eagle3|dflash|gemma4-assistant)$/;

/** Architectures that fill in a text all over; as llama.cpp decodes them, a long prompt would end the process. */
const diffusers = /^(dream|llada|llada-moe|rnd1)$/;

const other = 'serve a model that was made to write';

/**
 * Why a model cannot write text, and what to do about it, in words that go on from its path; null when nothing is known
 * against it.
 */
export function whyItCannotWrite({ architecture, type, pooling, causal, tensors }: ModelKind): string | null {
  if (type === 'adapter') return 'is an adapter (LoRA) and no model; serve the base model that it was made for';
  if (type === 'mmproj' || architecture === 'clip') {
    return 'is the part of a model that sees pictures (mmproj) and writes no text; serve the model that it belongs to';
  }
  if (type === 'imatrix' || architecture === 'imatrix') {
    return 'holds measurements for quantising (imatrix) and no model; serve the model that they were made for';
  }
  if (architecture === 'controlvector') {
    return 'is a control vector and no model; serve the model that it was made for';
  }
  if (tensors === 0) return 'has a vocabulary and no weights; download the model itself';
  if (pooling === rankPooling) return `makes scores of documents (a reranker) and writes no text; ${other}`;
  if (architecture !== null) {
    if (diffusers.test(architecture)) return `writes by diffusion, which Headway does not; ${other} word by word`;
    if (drafters.test(architecture)) return 'guesses for another model and writes no text alone; serve that model';
    if (architecture === 't5') {
      return 'reads with an encoder and writes with a decoder (T5), which Headway does not; serve a model of a decoder alone';
    }
    if (architecture === 'wavtokenizer-dec') return `makes sound and writes no text; ${other}`;
    if (encoders.test(architecture)) return `makes embeddings and writes no text; ${other}`;
  }
  if ((pooling ?? 0) > 0 || causal === false) return `makes embeddings and writes no text; ${other}`;
  return null;
}
