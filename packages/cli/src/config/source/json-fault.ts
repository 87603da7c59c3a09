import { isCollection, isAlias, isScalar, visit, type Document } from 'yaml';

const remedy = 'rename the file to headway.config.yaml, which allows it';

/** What YAML allows and JSON does not. */
export interface JsonFault {
  message: string;
  /** In UTF-16 code units from the file's start. */
  offset: number;
}

/** The first thing in a `.json` file that is YAML and not JSON; null if it is JSON. */
export function jsonFault(text: string, document: Document): JsonFault | null {
  if (isJson(text)) return null;
  let fault: JsonFault | null = null;
  visit(document, (_, node) => {
    const offset = isScalar(node) || isCollection(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
    const found = (message: string) => {
      fault = { message: `${message}; or ${remedy}`, offset };
      return visit.BREAK;
    };
    if (isAlias(node)) return found('JSON has no aliases; write the value');
    if (isCollection(node) && node.flow !== true)
      return found('JSON needs braces and brackets around fields and lists');
    if (!isScalar(node) || (node.type === 'PLAIN' && typeof node.value !== 'string')) return undefined;
    if (node.type === 'PLAIN' && /^\/[/*]/.test(String(node.value))) return found('JSON has no comments; remove this');
    if (node.type !== 'QUOTE_DOUBLE') return found('JSON needs double quotes here; add them');
    return undefined;
  });
  return (
    fault ?? {
      message: `this is not JSON: it has a comment, or a comma before a bracket; remove it, or ${remedy}`,
      offset: 0,
    }
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
