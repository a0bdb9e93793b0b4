/** Exports that are made, were made, or failed; files lie in the session's folder until someone fetches them. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Documents, ExportOptions, ExportState } from '../ipc/contract.js';
import type { TaskOf } from '../ipc/job-contract.js';
import { mediaUrl } from '../ipc/media.js';
import type { FilesJob } from './files-job.js';
import { JobDiedError, TaskFailedError } from './job-client.js';
import type { StateStore } from './state-store.js';

const MAX_SHOWN = 20;
const EXTENSIONS: Readonly<Record<ExportState['format'], string>> = {
  ply: '.ply',
  'compressed-ply': '.compressed.ply',
  spz: '.spz',
  splat: '.splat',
  sog: '.sog',
  glb: '.glb',
  html: '.html',
  'cloud-ply': '.points.ply',
};

/** What every file system takes as a name. */
export function exportFileName(sceneName: string, format: ExportState['format']): string {
  const stem = [...sceneName.replace(/\.(ply|spz|splat|ksplat|sog|glb)$/i, '')]
    .map((character) => (character < ' ' || '<>:"/\\|?*\x7f'.includes(character) ? '_' : character))
    .join('')
    .replace(/^\.+|[. ]+$/g, '')
    .slice(0, 60);
  return `${stem === '' ? 'scene' : stem}${EXTENSIONS[format]}`;
}

export interface ExportOrder {
  readonly splats: ArrayBuffer;
  readonly sceneName: string;
  readonly options: ExportOptions;
  readonly documents: Documents;
}

export class ExportList {
  private readonly underWay = new Map<string, AbortController>();

  constructor(
    private readonly store: StateStore,
    private readonly files: FilesJob,
    private readonly folder: string,
  ) {}

  start({ splats, sceneName, options, documents }: ExportOrder): string {
    return this.begin(options.format, sceneName, (outputFile) => ({
      kind: 'export-splats',
      splats,
      options,
      edits: documents.edits,
      view: documents.view,
      outputFile,
    }));
  }

  /** The sensors' points. */
  startCloud(sceneName: string, order: Omit<TaskOf<'export-cloud'>, 'kind' | 'outputFile'>): string {
    return this.begin('cloud-ply', sceneName, (outputFile) => ({ kind: 'export-cloud', ...order, outputFile }));
  }

  private begin(
    format: ExportState['format'],
    sceneName: string,
    taskFor: (outputFile: string) => TaskOf<'export-splats'> | TaskOf<'export-cloud'>,
  ): string {
    const id = randomUUID();
    const abort = new AbortController();
    this.underWay.set(id, abort);
    this.add({
      id,
      status: 'running',
      format,
      fraction: 0,
      fileName: exportFileName(sceneName, format),
      url: null,
      bytes: null,
      error: null,
    });
    const task = taskFor(this.fileOf(id, format));
    const onEvent = (event: { readonly type: string; readonly fraction?: number }): void => {
      if (event.type === 'fraction') this.change(id, { fraction: Math.min(1, Math.max(0, event.fraction ?? 0)) });
    };
    void this.files
      .run<'export-splats' | 'export-cloud'>(task, { onEvent, signal: abort.signal })
      .then(
        ({ bytes }) => this.change(id, { status: 'finished', fraction: 1, bytes, url: mediaUrl('export', id) }),
        (error: unknown) => this.change(id, { status: 'failed', error: wordsOf(error) }),
      )
      .finally(() => this.underWay.delete(id));
    return id;
  }

  /** At once for the window; the file that is half written goes when its writer has let go of it. */
  cancel(id: string): boolean {
    const abort = this.underWay.get(id);
    if (abort === undefined) return false;
    this.change(id, { status: 'cancelled' });
    abort.abort(new Error('cancelled'));
    return true;
  }

  find(id: string): { readonly file: string; readonly fileName: string } | null {
    const found = this.store.current.exports.find((entry) => entry.id === id && entry.status === 'finished');
    return found === undefined ? null : { file: this.fileOf(id, found.format), fileName: found.fileName };
  }

  dispose(): void {
    for (const abort of this.underWay.values()) abort.abort(new Error('the application closes'));
  }

  private fileOf(id: string, format: ExportState['format']): string {
    return join(this.folder, `${id}${EXTENSIONS[format]}`);
  }

  private add(entry: ExportState): void {
    this.store.change('exports', (all) => {
      const running = all.filter(({ status }) => status === 'running');
      const others = all.filter(({ status }) => status !== 'running');
      const room = Math.max(0, MAX_SHOWN - 1 - running.length);
      for (const { id, format } of others.slice(0, Math.max(0, others.length - room)))
        void rm(this.fileOf(id, format), { force: true }).catch(() => undefined);
      return [...(room === 0 ? [] : others.slice(-room)), ...running, entry].slice(-MAX_SHOWN);
    });
  }

  private change(id: string, change: Partial<ExportState>): void {
    this.store.change(
      'exports',
      (all) => all.map((entry) => (entry.id === id && entry.status === 'running' ? { ...entry, ...change } : entry)),
      change.status === undefined,
    );
  }
}

function wordsOf(error: unknown): NonNullable<ExportState['error']> {
  if (error instanceof TaskFailedError) return { message: error.failure.message, hint: error.failure.hint };
  if (error instanceof JobDiedError)
    return { message: 'The export ended unexpectedly.', hint: 'Try again, or another format.' };
  return { message: 'The export failed.', hint: 'Try again.' };
}
