const scheme = /^[a-z][a-z\d+.-]*:/;

/** The schemes of a link that leaves the page. */
const outside = /^(https?|mailto):/;

/** Whether a link is shown as one or as its text: any other scheme, such as `javascript:` or `data:`, is not a link. */
export function isSafeLink(url: string): boolean {
  const bare = withoutControls(url);
  return !scheme.test(bare) || outside.test(bare);
}

/** Whether the link leads to another page, so that it can be opened. A path would lead into the gateway. */
export function leadsOutside(url: string): boolean {
  return outside.test(withoutControls(url));
}

/** Browsers skip white space and control characters in a scheme. */
function withoutControls(url: string): string {
  // oxlint-disable-next-line no-control-regex
  return url.replace(/[\s\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202f\u2060\ufeff]/g, '').toLowerCase();
}
