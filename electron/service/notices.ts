import { randomUUID } from 'node:crypto';
import type { Notice } from '../ipc/contract.js';
import type { StateStore } from './state-store.js';

const MAX_NOTICES = 200;

/** What the user is told beside the state of things; the same words about the same file are said once. */
export class Notices {
  constructor(private readonly store: StateStore) {}

  add(notice: Pick<Notice, 'severity' | 'message' | 'hint'> & { readonly file?: string | null }): void {
    const { severity, message, hint } = notice;
    const file = notice.file ?? null;
    this.store.change('notices', (all) => {
      const others = all.filter((other) => other.message !== message || other.file !== file);
      const added: Notice = { id: randomUUID(), severity, message, hint, file, atMs: Date.now() };
      return [...others, added].slice(-MAX_NOTICES);
    });
  }

  /** null: all. */
  dismiss(id: string | null): void {
    this.store.change('notices', (all) => (id === null ? [] : all.filter((notice) => notice.id !== id)));
  }
}
