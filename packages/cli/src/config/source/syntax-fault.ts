import type { ErrorCode } from 'yaml';

/** YAML's faults in words. The library's own messages repeat parts of the file, in which a key may stand. */
export const syntaxFaults: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*name) cannot have an anchor or a tag; remove it',
  BAD_ALIAS: 'this alias (*name) names no anchor; write it with letters and digits, or quote the text',
  BAD_COLLECTION_TYPE: 'the tag does not fit what follows; remove it',
  BAD_DIRECTIVE: 'this line begins with %, which YAML does not know here; quote the text, or remove it',
  BAD_DQ_ESCAPE: 'unknown escape in double quotes; double the backslash, or use single quotes',
  BAD_INDENT:
    'wrong indentation, or a bracket is missing; indent the fields of one object equally, and close each bracket',
  BAD_PROP_ORDER: 'an anchor or a tag stands in the wrong place; put it before the value',
  BAD_SCALAR_START: 'a text cannot begin with this character; put it into quotes',
  BLOCK_AS_IMPLICIT_KEY: 'two colons in one line; put the text into quotes, or begin a new line',
  BLOCK_IN_FLOW: 'a list by lines stands inside brackets; use brackets and commas there',
  DUPLICATE_KEY: 'this field occurs twice; remove one',
  IMPOSSIBLE: 'this cannot be read; write it more simply',
  KEY_OVER_1024_CHARS: 'a field’s name is far too long; a colon or a quote may be missing',
  MISSING_CHAR: 'a character is missing: a colon after a name and a space after that, a comma, a quote or a bracket',
  MULTILINE_IMPLICIT_KEY: 'a field’s name spans lines; a colon, a quote or a bracket may be missing above',
  MULTIPLE_ANCHORS: 'a value has two anchors (&name); remove one',
  MULTIPLE_DOCS: 'the file has several documents (---); keep one',
  MULTIPLE_TAGS: 'a value has two tags (!name); remove one',
  NON_STRING_KEY: 'a field’s name must be a text; put it into quotes',
  RESOURCE_EXHAUSTION: 'the file is nested too deeply; write it more simply',
  TAB_AS_INDENT: 'a tab cannot indent; use spaces',
  TAG_RESOLVE_FAILED: 'this tag (!name) is unknown; remove it',
  UNEXPECTED_TOKEN: 'this is not expected here; a quote, a comma or a bracket may be missing or too many',
};
