/** Reads `project.json`, whatever has become of it: damaged, of another version, or made to do harm. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '../../ipc/contract.js';
import type { ProjectNotice } from './project.js';
import { ProjectError } from './project.js';
import type { ProjectFile } from './project-file.js';
import {
  PROJECT_FORMAT_VERSION,
  PROJECT_MARK,
  projectFileSchema,
  projectPhotoSchema,
  projectSceneSchema,
  storedSettingsSchema,
} from './project-file.js';

export const PROJECT_FILE = 'project.json';
export const BACKUP_FILE = 'project.json.bak';
/** 10,000 photos with long paths need some 40 MB. */
const MAX_PROJECT_BYTES = 128 * 1024 * 1024;

/** From each older version to the next one: takes the parsed file, gives it back as the next version has it. */
export type Migrations = Readonly<Record<number, (file: Readonly<Record<string, unknown>>) => Record<string, unknown>>>;
/** Version 1 is the first. */
export const MIGRATIONS: Migrations = {};

export interface ReadProject {
  readonly file: ProjectFile;
  /** As the file on the disk says. */
  readonly formatVersion: number;
  readonly isNewer: boolean;
  /** The project file itself is damaged or gone. */
  readonly isFromBackup: boolean;
  readonly notices: readonly ProjectNotice[];
}

/** What every version keeps where it is. */
const headSchema = z.object({
  format: z.literal(PROJECT_MARK),
  formatVersion: z.number().int().min(0).max(1_000_000),
});

async function readText(path: string): Promise<string | null> {
  try {
    const info = await stat(path);
    if (!info.isFile()) return null;
    if (info.size > MAX_PROJECT_BYTES)
      throw new ProjectError('refused', 'The project file is larger than any project needs.', 'Do not trust it.', path);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof ProjectError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new ProjectError(
      'unreadable',
      `It cannot be read (${code ?? 'unknown reason'}).`,
      'Check its permissions.',
      path,
    );
  }
}

/** What can be shown of a project whose version is not known: whatever still looks as it does today. */
function salvage(value: Readonly<Record<string, unknown>>, defaults: Settings): unknown {
  const content = z.record(z.string(), z.unknown()).safeParse(value['content']).data ?? {};
  const settings = storedSettingsSchema.safeParse(content['settings']);
  const photos = z.array(z.unknown()).safeParse(content['photos']).data ?? [];
  const scene = projectSceneSchema.safeParse(content['scene']);
  return {
    format: PROJECT_MARK,
    formatVersion: PROJECT_FORMAT_VERSION,
    appVersion: typeof value['appVersion'] === 'string' ? value['appVersion'].slice(0, 100) : '',
    id: typeof value['id'] === 'string' ? value['id'] : 'unknown',
    createdAtMs: 0,
    savedAtMs: typeof value['savedAtMs'] === 'number' ? value['savedAtMs'] : 0,
    content: {
      name: typeof content['name'] === 'string' ? content['name'].slice(0, 255) : 'Project',
      settings: settings.success ? settings.data : defaults,
      photos: photos.slice(0, 10_000).flatMap((photo) => {
        const parsed = projectPhotoSchema.safeParse(photo);
        return parsed.success ? [parsed.data] : [];
      }),
      capture: null,
      sensors: [],
      calibrations: [],
      scene: scene.success ? scene.data : null,
    },
  };
}

function newerNotice(appVersion: string, path: string): ProjectNotice {
  return {
    severity: 'warning',
    message: `This project was saved by a newer Vantage${appVersion === '' ? '' : ` (${appVersion})`}: it is shown and nothing of it is changed.`,
    hint: 'Update Vantage to work on it, or save it under another name.',
    file: path,
  };
}

/** null: not what it should be. */
function parseProject(text: string, path: string, options: ReadOptions): ReadProject | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const head = headSchema.safeParse(value);
  if (!head.success) return null;
  const { formatVersion } = head.data;
  let fields = { ...(value as Record<string, unknown>) };
  if (formatVersion > PROJECT_FORMAT_VERSION) {
    const full = projectFileSchema.safeParse(value);
    const file = full.success ? full : projectFileSchema.safeParse(salvage(fields, options.defaultSettings));
    if (!file.success) return null;
    return {
      file: file.data,
      formatVersion,
      isNewer: true,
      isFromBackup: false,
      notices: [newerNotice(file.data.appVersion, path)],
    };
  }
  for (let version = formatVersion; version < PROJECT_FORMAT_VERSION; version++) {
    const migrate = (options.migrations ?? MIGRATIONS)[version];
    if (migrate === undefined) return null;
    fields = { ...migrate(fields), formatVersion: version + 1 };
  }
  const file = projectFileSchema.safeParse(fields);
  if (!file.success) return null;
  const notices: ProjectNotice[] =
    formatVersion === PROJECT_FORMAT_VERSION
      ? []
      : [
          {
            severity: 'info',
            message: 'This project was saved by an older Vantage; it is brought up to date when it is saved.',
            hint: `The old file is kept beside it as ${oldVersionFile(formatVersion)}.`,
            file: path,
          },
        ];
  return { file: file.data, formatVersion, isNewer: false, isFromBackup: false, notices };
}

/** Where a project file of an older version is kept when it is brought up to date. */
export function oldVersionFile(formatVersion: number): string {
  return `project.v${formatVersion}.json`;
}

export interface ReadOptions {
  readonly defaultSettings: Settings;
  readonly migrations?: Migrations;
}

/**
 * The project in a folder, from its file or, where that is damaged, from the backup of the save before.
 *
 * @throws ProjectError 'not-a-project', 'damaged', 'unreadable', 'refused'.
 */
export async function readProject(folder: string, options: ReadOptions): Promise<ReadProject> {
  const [path, backup] = [join(folder, PROJECT_FILE), join(folder, BACKUP_FILE)];
  const text = await readText(path);
  const read = text === null ? null : parseProject(text, path, options);
  if (read !== null) return read;
  const backupText = await readText(backup);
  const older = backupText === null ? null : parseProject(backupText, backup, options);
  if (older !== null) {
    const message = 'The project file is damaged; the one of the save before was opened instead.';
    const hint = 'Check that photos and settings are as you left them.';
    return {
      ...older,
      isFromBackup: true,
      notices: [{ severity: 'warning', message, hint, file: path }, ...older.notices],
    };
  }
  if (text === null)
    throw new ProjectError(
      'not-a-project',
      'This folder holds no Vantage project.',
      'Open a folder that ends in .vantage.',
      folder,
    );
  throw new ProjectError(
    'damaged',
    'The project file is damaged, and there is no backup of it.',
    'Make a new project with the same photos; the scene beside it (scene.ply) can still be opened.',
    path,
  );
}
