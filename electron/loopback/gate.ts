/**
 * Who may speak to this host: pages of its own origin that hold the session's cookie. The printed token buys that cookie once. Everything
 * is compared in constant time, and nothing is said about why beyond a sentence for the person in front of the screen.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Denial {
  readonly status: 403;
  readonly message: string;
}

export type Admission = { readonly kind: 'admitted' } | { readonly kind: 'denied'; readonly denial: Denial };
export type Entrance = Admission | { readonly kind: 'welcome'; readonly cookie: string } | { readonly kind: 'back' };

interface AskedBy {
  readonly method: string;
  /** As sent, with its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const SECRET_BYTES = 32;
const ADMITTED: Admission = { kind: 'admitted' };

const deny = (message: string): Admission => ({ kind: 'denied', denial: { status: 403, message } });

/** Of equal length whatever is compared, so that time tells nothing. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function readCookie(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

export class Gate {
  readonly token = randomBytes(SECRET_BYTES).toString('base64url');
  private readonly secret = randomBytes(SECRET_BYTES).toString('base64url');
  private isTokenUsed = false;
  private readonly hosts: readonly string[];
  /** Cookies do not tell ports apart; two hosts of one user must. */
  private readonly cookieName: string;

  constructor(port: number) {
    this.hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    this.cookieName = `vantage-${port}`;
  }

  /** A first visit with the token is made welcome; every other request must be admitted. */
  enter(asked: AskedBy): Entrance {
    const address = this.checkAddress(asked);
    if (address.kind === 'denied') return address;
    const query = asked.url.indexOf('?');
    const path = query < 0 ? asked.url : asked.url.slice(0, query);
    const token = query < 0 ? null : new URLSearchParams(asked.url.slice(query)).get('token');
    if (path !== '/' || token === null || asked.method !== 'GET') return this.checkSession(asked);
    // Whoever comes back by the first address and has been here before does not need the token.
    if (this.checkSession(asked).kind === 'admitted') return { kind: 'back' };
    const isRight = isSame(token, this.token);
    if (!isRight || this.isTokenUsed)
      return deny(
        isRight
          ? 'This address has been used already; it works once. Start Vantage again for a new one.'
          : 'This address is not the one that Vantage printed when it started.',
      );
    this.isTokenUsed = true;
    return { kind: 'welcome', cookie: `${this.cookieName}=${this.secret}; HttpOnly; SameSite=Strict; Path=/` };
  }

  /** For uploads and WebSockets, which only a page of ours can want: it says where it comes from. */
  admitWriter(asked: AskedBy): Admission {
    if (asked.headers.origin === undefined) return deny('This request does not say which page it comes from.');
    const address = this.checkAddress(asked);
    return address.kind === 'denied' ? address : this.checkSession(asked);
  }

  private checkAddress({ headers, method, url }: AskedBy): Admission {
    const host = headers.host ?? '';
    if (!this.hosts.includes(host)) return deny('Vantage answers only at the address that it printed.');
    if (headers.origin !== undefined && headers.origin !== `http://${host}`)
      return deny('Pages of other sites may not speak to Vantage.');
    const site = headers['sec-fetch-site'];
    // Someone who follows the printed address from another page navigates; nothing else comes from elsewhere.
    const isVisit = method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && /^\/(\?|$)/.test(url);
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isVisit)
      return deny('Pages of other sites may not speak to Vantage.');
    return ADMITTED;
  }

  private checkSession({ headers }: AskedBy): Admission {
    const cookie = readCookie(headers.cookie, this.cookieName);
    if (cookie !== null && isSame(cookie, this.secret)) return ADMITTED;
    return deny('This browser has not been let in. Open the address that Vantage printed when it started.');
  }
}
