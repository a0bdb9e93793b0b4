/** What both hosts send with the window's page and its files. */

/** Nothing but our own files; WebAssembly may be compiled, and pictures and workers may be made in the page. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "img-src 'self' blob: data:",
  "style-src 'self'",
  "font-src 'self'",
  "media-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  // Together they isolate the page from others, which SharedArrayBuffer asks for.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** By file extension; what is not listed is not served. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  wasm: 'application/wasm',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
};

/** Letters, digits and a few signs, one part after the other: no way out of a folder can be spelled with these. */
const PAGE_FILE = /^\/(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*\/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*\.([a-z0-9]+)$/;

/** A file of the built window, relative to its folder and with forward slashes; null when the path names none that may be served. */
export function parsePagePath(path: string): { readonly file: string; readonly contentType: string } | null {
  const asked = path === '/' ? '/index.html' : path;
  const contentType = CONTENT_TYPES[PAGE_FILE.exec(asked)?.[1] ?? ''];
  return contentType === undefined ? null : { file: asked.slice(1), contentType };
}
