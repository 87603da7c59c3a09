import MarkdownIt from 'markdown-it';

import { addLineBreakTags } from './line-break-tag.ts';
import { addMath } from './math-rules.ts';
import { isSafeLink } from './safe-link.ts';

/**
 * The Markdown of GitHub and of models: tables, strikethrough, bare links, formulas, and a line break for each line end.
 * HTML stays text.
 */
export const parser = new MarkdownIt({ html: false, breaks: true, linkify: true });

// A name such as readme.md is no link.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
for (const scheme of ['//', 'ftp:', 'mailto:']) parser.linkify.add(scheme, null);
parser.validateLink = isSafeLink;
addMath(parser);
addLineBreakTags(parser);
