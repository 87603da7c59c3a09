/** What a GGUF file's head says of the model's purpose. */
export interface ModelKind {
  /** `general.architecture`. */
  architecture: string | null;
  /** `general.type`. */
  type: string | null;
  /** `<architecture>.pooling_type`: 0 none, 1 mean, 2 first, 3 last, 4 rank. */
  pooling: number | null;
  /** `<architecture>.attention.causal`: whether a token sees only those before it, as generation needs. */
  causal: boolean | null;
  /** Number of tensors, in all parts of a split file. */
  tensors: number;
}

const rankPooling = 4;

/** Architectures whose tokens see the text on both sides. */
const encoders = /^(bert|modern-bert|nomic-bert(-moe)?|neo-bert|jina-bert-v[23]|eurobert|gemma-embedding|t5encoder)$/;

/** Draft models, which cannot generate alone. */
const drafters = /^(eagle3|dflash|gemma4-assistant)$/;

/** Diffusion models. llama.cpp would decode them so that a long prompt ends the process. */
const diffusers = /^(dream|llada|llada-moe|rnd1)$/;

const other = 'serve a model that generates text';

/**
 * Says why a model cannot generate text, and the remedy, as a phrase that follows the file's path; null when nothing is
 * known against it.
 */
export function whyItCannotGenerate({ architecture, type, pooling, causal, tensors }: ModelKind): string | null {
  if (type === 'adapter') return 'is an adapter (LoRA) and not a model; serve its base model';
  if (type === 'mmproj' || architecture === 'clip') {
    return 'is the image encoder of a model (mmproj) and generates no text; serve the model that it belongs to';
  }
  if (type === 'imatrix' || architecture === 'imatrix') {
    return 'holds measurements for quantization (imatrix) and not a model; serve the model that they belong to';
  }
  if (architecture === 'controlvector') {
    return 'is a control vector and not a model; serve the model that it belongs to';
  }
  if (tensors === 0) return 'has a vocabulary but no weights; download the model itself';
  if (pooling === rankPooling) return `is a reranker and generates no text; ${other}`;
  if (architecture !== null) {
    if (diffusers.test(architecture))
      return `generates by diffusion, which Headway does not support; ${other} token by token`;
    if (drafters.test(architecture)) return 'is a draft model for another model; serve that model';
    if (architecture === 't5') {
      return 'has an encoder and a decoder (T5), which Headway does not support; serve a decoder-only model';
    }
    if (architecture === 'wavtokenizer-dec') return `generates sound and not text; ${other}`;
    if (encoders.test(architecture)) return `makes embeddings and generates no text; ${other}`;
  }
  if ((pooling ?? 0) > 0 || causal === false) return `makes embeddings and generates no text; ${other}`;
  return null;
}
